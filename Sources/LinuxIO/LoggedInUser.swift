// SPDX-License-Identifier: Apache-2.0

/// The user who logged in where a process began, whatever it has become since by su(1) or sudo(8).
package struct LoggedInUser: Hashable, Sendable {
    package let userID: UInt32
    /// Whether a process says so of itself; otherwise the kernel does.
    package let isClaimed: Bool

    package init(userID: UInt32, isClaimed: Bool) {
        self.userID = userID
        self.isClaimed = isClaimed
    }

    /// Of this process: by the kernel's word, or else by sudo's (`SUDO_UID`, sudo(8)).
    package static var own: LoggedInUser? {
        if let userID = LoginSession.loginUserID() { return LoggedInUser(userID: userID, isClaimed: false) }
        return Environment.value("SUDO_UID").flatMap(UInt32.init).map { LoggedInUser(userID: $0, isClaimed: true) }
    }

    /// Of another process.
    ///
    /// - Parameter claim: what it says of itself, for where the kernel says nothing or hides it: our units see no process
    ///   of another user (systemd.exec(5), ProtectProc=).
    package static func of(_ processID: Int32, claim: UInt32?) -> LoggedInUser? {
        if let userID = LoginSession.loginUserID(of: processID) {
            return LoggedInUser(userID: userID, isClaimed: false)
        }
        return claim.map { LoggedInUser(userID: $0, isClaimed: true) }
    }
}
