// SPDX-License-Identifier: Apache-2.0

/// What kind of thing happened (PCI DSS 10.2.2, type of event): an area and a verb, `grant.approve`.
///
/// Not an enumeration: a log outlives the version that wrote it, and a reader must take the kinds of every version.
package struct AuditKind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// Nothing unless it is two words of lower-case letters and hyphens with a full stop between them, 64 bytes at most.
    package init?(rawValue: String) {
        let words = rawValue.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard rawValue.utf8.count <= 64, words.count == 2, words.allSatisfy(Self.isWord) else { return nil }
        self.rawValue = rawValue
    }

    private init(_ rawValue: StaticString) { self.rawValue = rawValue.description }

    private static func isWord(_ word: Substring.UTF8View) -> Bool {
        guard let first = word.first, first != UInt8(ascii: "-") else { return false }
        return word.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-") }
    }

    package var description: String { rawValue }
}

/// What happens to the log itself (PCI DSS 10.2.1.3, 10.2.1.6).
extension AuditKind {
    package static let logStart = AuditKind("log.start")
    package static let logStop = AuditKind("log.stop")
    /// A signature over everything before it.
    package static let logCheckpoint = AuditKind("log.checkpoint")
    /// Events were refused for want of room, and are taken again.
    package static let logRefused = AuditKind("log.refused")
    /// A file was older, or there was more, than is kept.
    package static let logRetire = AuditKind("log.retire")
    /// Somebody read, exported or verified it.
    package static let logRead = AuditKind("log.read")
}

/// The administrators' gate.
extension AuditKind {
    package static let gateStart = AuditKind("gate.start")
    package static let gateStop = AuditKind("gate.stop")
    package static let sessionBegin = AuditKind("session.begin")
    package static let sessionEnd = AuditKind("session.end")
    package static let sessionRefused = AuditKind("session.refused")
    package static let sessionKill = AuditKind("session.kill")
    package static let loginFailed = AuditKind("login.failed")
    package static let lockoutBegin = AuditKind("lockout.begin")
    package static let lockoutEnd = AuditKind("lockout.end")
    package static let grantRequest = AuditKind("grant.request")
    package static let grantApprove = AuditKind("grant.approve")
    package static let grantDeny = AuditKind("grant.deny")
    package static let grantRevoke = AuditKind("grant.revoke")
    package static let grantExpire = AuditKind("grant.expire")
    package static let grantClose = AuditKind("grant.close")
    package static let breakGlassBegin = AuditKind("break-glass.begin")
    package static let breakGlassEnd = AuditKind("break-glass.end")
    package static let breakGlassClose = AuditKind("break-glass.close")
    package static let reviewSign = AuditKind("review.sign")
}

/// The administration of the edge.
extension AuditKind {
    package static let configApply = AuditKind("config.apply")
    package static let configRollback = AuditKind("config.rollback")
    package static let configReload = AuditKind("config.reload")
    package static let tunnelUp = AuditKind("tunnel.up")
    package static let tunnelDown = AuditKind("tunnel.down")
    package static let tunnelRestart = AuditKind("tunnel.restart")
    package static let callbacksReplay = AuditKind("callbacks.replay")
    package static let callbacksRelease = AuditKind("callbacks.release")
    package static let storeBackup = AuditKind("store.backup")
}
