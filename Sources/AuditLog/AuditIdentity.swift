// SPDX-License-Identifier: Apache-2.0
package import AuditTrail
internal import Base
package import LinuxIO

/// Who an operator on this host is, for an event: the person who logged in, also where it is root who asks.
package struct AuditIdentity: Hashable, Sendable {
    /// A login name; a number where there is none for it.
    package let who: String
    package let how: String

    /// - Parameter login: who logged in, where that is known and somebody else than who asks.
    package init(peer: PeerCredentials, login: UInt32?) {
        let user = Self.name(peer.userID)
        if peer.userID == 0, let login, login != 0 {
            who = Self.name(login)
            how = "login \(who) (uid \(login)) as \(user), pid \(peer.processID)"
        } else {
            who = user
            how = "login \(user) (uid \(peer.userID), pid \(peer.processID))"
        }
    }

    /// This process.
    package static var own: AuditIdentity {
        AuditIdentity(
            peer: PeerCredentials(processID: Limits.processID, userID: Limits.userID, groupID: 0),
            login: LoginSession.loginUserID()
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
