// SPDX-License-Identifier: Apache-2.0
package import AuditTrail
internal import ConfigurationFolder
package import Control
internal import LinuxIO
internal import Partners
internal import Synchronization

/// What operators do to a program of this host over its control socket, for the audit log (PCI DSS 10.2.1.2).
///
/// Whether there is a log, and where, says `jumpd.toml` each time: it is asked rarely. A host without `[audit]` has none.
/// But a file that is broken, or from which `[audit]` was just taken, must not keep that from the log: then it is where it
/// was. What an operator asks for is done whether or not it can be written; that it could not is said.
package final class OperatorRecord: Sendable {
    private let folder: String
    /// Where the log last was.
    private let known: Mutex<String?>
    private let complain: @Sendable (String) -> Void

    /// - Parameters:
    ///   - folder: of the configuration.
    ///   - complain: told, in one line, when an event could not be written.
    package init(folder: String, complain: @escaping @Sendable (String) -> Void) {
        self.folder = folder
        self.complain = complain
        known = Mutex(nil)
        _ = reporter
    }

    /// Something was asked for, and this was the answer.
    package func note(
        _ kind: AuditKind,
        _ request: ControlRequest,
        _ response: ControlResponse,
        object: String,
        details: [AuditEvent.Detail] = []
    ) {
        guard let reporter else { return }
        let identity = AuditIdentity(peer: request.peer, loggedIn: request.loggedIn)
        let isDone = (200..<300).contains(response.status)
        send(
            identity.event(
                kind,
                isDone ? .success : .failure,
                object: object,
                details: [.init("status", response.status)] + details + Self.reason(response)
            ),
            reporter
        )
    }

    /// The program did it by a signal: who sent that, nobody knows.
    package func noteSignal(_ kind: AuditKind, _ outcome: AuditEvent.Outcome, object: String) {
        guard let reporter else { return }
        send(
            AuditEvent(kind, outcome, who: "", how: "signal SIGHUP", origin: "local", object: object),
            reporter
        )
    }

    private func send(_ event: AuditEvent, _ reporter: AuditReporter) {
        switch reporter.report(event) {
        case .written: break
        case .noLog:
            // With a broken file nobody knows whether there should be one.
            guard known.withLock({ $0 }) != nil else { break }
            complain("not in the audit log: \(event.kind) by \(event.who): there is no socket for events")
        case .refused(let why): complain("not in the audit log: \(event.kind) by \(event.who): \(why)")
        }
    }

    private var reporter: AuditReporter? {
        let before = known.withLock { $0 }
        guard let file else { return AuditReporter(path: before ?? AuditRule.eventsDefault) }
        let now = file.audit?.events
        known.withLock { $0 = now }
        return (now ?? before).map { AuditReporter(path: $0) }
    }

    /// Nothing for one that cannot be read.
    private var file: HostFile? {
        guard case .bytes(let bytes) = FolderSource(folder).read(ConfigurationPath.host, limitBytes: 1 << 20) else {
            return nil
        }
        return HostFile.parse(String(decoding: bytes, as: UTF8.self)).file
    }

    /// What was changed, or why not.
    private static func reason(_ response: ControlResponse) -> [AuditEvent.Detail] {
        if let change = try? ChangeDocument(json: response.body) {
            let changes = change.changes.map { "\($0.sign.rawValue) \($0.partner.map { "\($0): " } ?? "")\($0.text)" }
            return [.init("generation", change.generation), .init("changes", change.changes.count)]
                + (changes.isEmpty ? [] : [.init("first", changes.prefix(8).joined(separator: "; "))])
        }
        guard let failure = try? ErrorDocument(json: response.body) else { return [] }
        return [.init("code", failure.error.code), .init("reason", failure.error.message)]
    }
}
