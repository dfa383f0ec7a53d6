// SPDX-License-Identifier: Apache-2.0
package import LinuxIO

/// Which local callers a control socket obeys, by what the kernel says of them (SO_PEERCRED).
package struct ControlPolicy: Sendable {
    private let decide: @Sendable (PeerCredentials, _ groups: [UInt32]) -> Bool

    package init(_ decide: @escaping @Sendable (PeerCredentials, _ groups: [UInt32]) -> Bool) { self.decide = decide }

    /// Root, the user this process runs as, the given users, and the members of the given groups.
    package static func local(users: Set<UInt32> = [], groups: Set<UInt32> = []) -> ControlPolicy {
        let users = users.union([0, Limits.userID])
        return ControlPolicy { peer, memberships in
            users.contains(peer.userID) || groups.contains(peer.groupID) || !groups.isDisjoint(with: memberships)
        }
    }

    func allows(_ peer: PeerCredentials, groups: [UInt32]) -> Bool { decide(peer, groups) }
}

/// The bounds of a control socket.
package struct ControlLimits: Hashable, Sendable {
    /// Further callers wait in the kernel's queue.
    package var connectionsMax = 16
    package var bodyBytesMax = 1 << 20
    /// From accepting to the request's last byte, and again from the answer's first byte to its last.
    package var stepMax = Duration.seconds(5)

    package init() {}
}
