// SPDX-License-Identifier: Apache-2.0
package import Base

/// What is known of one tunnel and outlives the program that watches it.
package struct TunnelMemory: Hashable, Sendable {
    package struct HeardFailure: Hashable, Sendable {
        package var failure: TunnelFailure
        /// pluto's number of the attempt.
        package var serial: Int?
        package var at: WallInstant

        package init(failure: TunnelFailure, serial: Int?, at: WallInstant) {
            self.failure = failure
            self.serial = serial
            self.at = at
        }
    }

    /// One pair of networks at the last look.
    package struct Pair: Hashable, Sendable {
        package var wasUp = false
        package var ikeSerial = 0
        package var childSerial = 0
        package var traffic: [Int: ConnectionState.Traffic] = [:]

        package init() {}
    }

    package var id: TunnelID
    package var state: TunnelMachine.State
    /// What it was before pluto could no longer be asked.
    package var before: TunnelMachine.State?
    /// Since when it is in this state; for one that is up, since when every pair is.
    package var since: WallInstant
    package var lastUpAt: WallInstant?
    /// Totals since the history began.
    package var bytesIn: Int64 = 0
    package var bytesOut: Int64 = 0
    package var rekeys = 0
    package var flaps = 0
    package var failure: HeardFailure?
    package var connections: [ConnectionName: Pair] = [:]

    package init(id: TunnelID, state: TunnelMachine.State, since: WallInstant) {
        self.id = id
        self.state = state
        self.since = since
    }
}
