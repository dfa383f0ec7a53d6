// SPDX-License-Identifier: Apache-2.0
package import AuditTrail
internal import Base
package import LinuxIO

/// Who an operator on this host is, for an event: the person who logged in, also where it is root who asks.
package struct AuditIdentity: Hashable, Sendable {
    /// A login name; a number where there is none for it.
    package let who: String
    package let how: String

    /// - Parameter loggedIn: who logged in, where that is known.
    package init(peer: PeerCredentials, loggedIn: LoggedInUser?) {
        let user = Self.name(peer.userID)
        let caller = "login \(user) (uid \(peer.userID), pid \(peer.processID))"
        guard let loggedIn, loggedIn.userID != peer.userID else {
            (who, how) = (user, caller)
            return
        }
        let login = Self.name(loggedIn.userID)
        // Root may be anybody, so that who became it is the answer; any other account is somebody's.
        who = peer.userID == 0 ? login : user
        how =
            loggedIn.isClaimed
            ? "\(caller), claims login \(login) (uid \(loggedIn.userID))"
            : "login \(login) (uid \(loggedIn.userID)) as \(user), pid \(peer.processID)"
    }

    /// This process.
    package static var own: AuditIdentity {
        AuditIdentity(
            peer: PeerCredentials(processID: Limits.processID, userID: Limits.userID, groupID: 0),
            loggedIn: LoggedInUser.own
        )
    }

    private static func name(_ userID: UInt32) -> String { Accounts.userName(userID) ?? String(userID) }

    /// An event of this person's on this host.
    package func event(
        _ kind: AuditKind,
        _ outcome: AuditEvent.Outcome = .success,
        object: String,
        details: [AuditEvent.Detail] = []
    ) -> AuditEvent {
        AuditEvent(kind, outcome, who: who, how: how, origin: "local", object: object, details: details)
    }
}
