// SPDX-License-Identifier: Apache-2.0
internal import CNetfilter
internal import Glibc

/// Hears of every change to the ruleset, ours included.
///
/// Which change it was is not told: whoever hears of one reads the tables again.
package struct NetfilterMonitor: ~Copyable {
    private let socket: NetlinkSocket

    package init() throws(NetfilterFailure) {
        socket = try NetlinkSocket(bus: NETLINK_NETFILTER, groups: 1 << UInt32(NFNLGRP_NFTABLES.rawValue - 1))
    }

    /// A second descriptor for the same socket, for waiting; the caller owns it.
    package func duplicateDescriptor() throws(NetfilterFailure) -> Int32 {
        let copy = fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw NetfilterFailure(.system(errno), subject: "duplicate a descriptor") }
        return copy
    }

    /// Whether anything changed since the last call.
    package mutating func takeNotifications() -> Bool { socket.takeNotifications() }
}
