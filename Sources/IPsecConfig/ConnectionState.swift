// SPDX-License-Identifier: Apache-2.0
package import Base

/// What pluto says of one of our connections when it is asked.
package struct ConnectionState: Hashable, Sendable {
    /// What the kernel does with a packet for the partner's network, as far as pluto says.
    package enum Routing: Hashable, Sendable {
        /// Nothing: it would leave in clear text, did the firewall not hold it back.
        case unrouted
        /// A trap: it waits for the tunnel.
        case trapped
        /// A trap that has sprung, or one after a failure: it is dropped.
        case held
        /// Through the tunnel.
        case tunnelled
        /// In words this version does not know.
        case unknown
    }

    /// One state of pluto's: an IKE SA or a child SA, or the attempt at one.
    package struct Exchange: Hashable, Sendable {
        package enum Progress: Hashable, Sendable {
            /// We have sent the first message and had no answer to it, or none that could be used.
            case unanswered
            /// The peer has answered, and the rest is being agreed.
            case negotiating
            case establishedIKE
            /// - Parameter ike: the number of the IKE SA it belongs to; 0 when pluto does not say.
            case establishedChild(ike: Int)
        }

        /// pluto's number of it, from 1; it never comes again while pluto runs.
        package var serial: Int
        package var progress: Progress

        package init(serial: Int, progress: Progress) {
            self.serial = serial
            self.progress = progress
        }
    }

    /// What went through one child SA.
    package struct Traffic: Hashable, Sendable {
        /// When it was set up, in seconds since 1970; 0 when pluto does not say.
        package var addedAt: Int64
        package var bytesIn: Int64
        package var bytesOut: Int64

        package init(addedAt: Int64, bytesIn: Int64, bytesOut: Int64) {
            self.addedAt = addedAt
            self.bytesIn = bytesIn
            self.bytesOut = bytesOut
        }
    }

    package var name: ConnectionName
    package var routing = Routing.unknown
    /// Whether our address of it is one of this host; nothing when pluto did not say.
    package var isOriented: Bool?
    /// The peer's address, where it could be read.
    package var peer: IPAddress?
    /// pluto's number of the connection; another one after it was added again.
    package var connectionSerial = 0
    /// The newest IKE SA; 0 for none.
    package var ikeSerial = 0
    /// The newest child SA; 0 for none.
    package var childSerial = 0
    /// At most ``PlutoReport/exchangesMax``.
    package var exchanges: [Exchange] = []
    /// By the child SA's number; while one takes over from another there are two.
    package var traffic: [Int: Traffic] = [:]

    package init(name: ConnectionName) { self.name = name }

    package var isIKEUp: Bool {
        ikeSerial != 0 || exchanges.contains { $0.progress == .establishedIKE }
    }

    /// Whether traffic of its pair of networks goes through.
    package var isUp: Bool { childSerial != 0 }

    /// Whether one is being set up.
    package var isNegotiating: Bool {
        exchanges.contains { $0.progress == .unanswered || $0.progress == .negotiating }
    }
}
