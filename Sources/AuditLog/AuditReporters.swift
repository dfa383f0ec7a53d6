// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
internal import Base
internal import LinuxIO

/// Who may report to the log, and as whom.
///
/// Our own programs, known by their users, say who did what. People who may read the log report their reading and nothing
/// else, as whom the kernel knows them. Everybody else is turned away.
package struct AuditReporters: Sendable {
    /// Numbers of our programs' users, with their names.
    private let programs: [UInt32: String]
    private let readers: UInt32?

    /// - Parameters:
    ///   - programs: users besides root and this process's own.
    ///   - readers: the group whose members may read the log.
    package init(programs: [String], readers: UInt32?) {
        var users: [UInt32: String] = [0: "root"]
        for name in programs { if let number = Accounts.userID(named: name) { users[number] = name } }
        if users[Limits.userID] == nil { users[Limits.userID] = Accounts.userName(Limits.userID) ?? "" }
        self.programs = users
        self.readers = readers
    }

    enum Standing: Hashable {
        case program(source: String)
        case reader(source: String, user: String)
        case stranger
    }

    /// What the kernel's word for a caller comes to.
    func standing(of peer: PeerCredentials, groups: [UInt32]) -> Standing {
        if let name = programs[peer.userID] { return .program(source: Self.source(name, peer)) }
        if let readers, peer.groupID == readers || groups.contains(readers) {
            let name = Accounts.userName(peer.userID) ?? ""
            return .reader(source: Self.source(name, peer), user: name)
        }
        return .stranger
    }

    private static func source(_ name: String, _ peer: PeerCredentials) -> String {
        "\(name) (uid \(peer.userID), pid \(peer.processID))"
    }
}

extension AuditReporters.Standing {
    var isProgram: Bool { if case .program = self { true } else { false } }

    /// The event as it is written, or why it is not.
    func admit(_ event: AuditEvent) -> Result<AuditWriter.Submission, DoorRefusal> {
        switch self {
        case .program(let source):
            guard !event.kind.isOwn else { return .failure(DoorRefusal("\(event.kind) is for the log itself to say")) }
            return .success(AuditWriter.Submission(event: event, source: source))
        case .reader(let source, let user):
            guard event.kind == .logRead else {
                return .failure(DoorRefusal("your user may report nothing but \(AuditKind.logRead)"))
            }
            let seen = AuditEvent(
                event.kind,
                event.outcome,
                who: user,
                how: "login \(source)",
                origin: event.origin,
                object: event.object,
                details: event.details
            )
            return .success(AuditWriter.Submission(event: seen, source: source))
        case .stranger: return .failure(DoorRefusal("your user may not report to the audit log"))
        }
    }
}

/// Why an event is not taken, in one line.
struct DoorRefusal: Error, Hashable {
    let why: String
    init(_ why: String) { self.why = why }
}

extension AuditKind {
    /// What nobody but the log itself may say: it would mislead whoever verifies.
    var isOwn: Bool {
        switch self {
        case .logStart, .logStop, .logCheckpoint, .logRefused, .logRetire: true
        default: false
        }
    }
}
