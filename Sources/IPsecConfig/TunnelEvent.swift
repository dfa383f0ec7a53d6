// SPDX-License-Identifier: Apache-2.0
package import Base

/// One thing that happened to a tunnel, as the history keeps it.
package struct TunnelEvent: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        case up
        case down
        /// Down and up again between two looks.
        case restarted
        /// An attempt failed for another reason than the one before it.
        case failed
        /// Another gateway of the partner is used now.
        case switched
        /// An administrator took it down, or let it go up again.
        case held
        case released
    }

    /// The text of what an administrator did.
    package static let byAdministrator = "by an administrator"

    package var tunnel: TunnelID
    package var at: WallInstant
    package var kind: Kind
    /// In plain words; may be empty.
    package var text: String

    package init(_ tunnel: TunnelID, _ kind: Kind, at: WallInstant, _ text: String = "") {
        self.tunnel = tunnel
        self.at = at
        self.kind = kind
        self.text = text
    }
}

/// What one tunnel did in some time: added up by the day in the history.
package struct TunnelUsage: Hashable, Sendable {
    /// How long it was looked at, and how long it was up then.
    package var watchedMilliseconds: Int64 = 0
    package var upMilliseconds: Int64 = 0
    package var bytesIn: Int64 = 0
    package var bytesOut: Int64 = 0
    package var rekeys = 0
    /// How often it went down, or was set up anew unseen.
    package var flaps = 0

    package init() {}

    package var isEmpty: Bool { self == TunnelUsage() }

    package static func += (sum: inout Self, more: Self) {
        sum.watchedMilliseconds &+= more.watchedMilliseconds
        sum.upMilliseconds &+= more.upMilliseconds
        sum.bytesIn &+= more.bytesIn
        sum.bytesOut &+= more.bytesOut
        sum.rekeys += more.rekeys
        sum.flaps += more.flaps
    }
}
