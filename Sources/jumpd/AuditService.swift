// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import AuditTrail
internal import Base
internal import Control
internal import LinuxIO
internal import Partners
internal import Synchronization
internal import Systemd
internal import TLS

/// The log's door, the copy that leaves this host, and what operators are told of both.
final class AuditService: Sendable {
    /// Our programs' users, besides root.
    private static let programs = ["eig", "eig-enforce", "jump", "eig-audit"]

    let folder: String
    /// The socket events come over.
    let events: String
    let keyID: String
    let progress: AuditProgress
    private let door: AuditDoor
    /// One at a time; replaced by a reload.
    private let copier: Mutex<SyslogForwarder?>
    private let load: AuditLoad
    private let options: Program.Options
    private let generation = Mutex(1)
    private let operators: OperatorRecord
    let start = ProgramStart()
    /// What was last said of what is wrong.
    private let toldTrouble = Mutex<[String?]>([nil, nil, nil])
    private let toldRefusals = Mutex(0)
    private let toldUncopied = Mutex(0)
    /// Whether the socket's file is ours to remove.
    private let isOurs: Bool

    init(_ load: AuditLoad, _ options: Program.Options, _ inherited: [InheritedDescriptor]) throws {
        let forward = try AuditLoad.forward(load.rule, options)
        let settings = load.settings
        folder = settings.folder.path
        keyID = settings.key.publicKey.trailID
        if (try? FileStore.status(folder)) == nil { try FileStore.makeFolder(folder, mode: 0o750) }
        let readers = try FileStore.status(folder).groupID
        let wanted = options.events ?? load.rule.events
        let listener: OwnedDescriptor
        if let handed = inherited.first(where: { $0.name == "events" }) {
            listener = OwnedDescriptor(adopting: handed.number)
            events = UnixSockets.localPath(of: listener) ?? wanted
            isOurs = false
            if events != wanted {
                let line = "jumpd.toml [audit] events is \(wanted), but jumpd-audit.socket is at \(events)"
                Log.write(line, priority: .warning)
            }
        } else {
            listener = try Self.listen(wanted)
            events = wanted
            isOurs = true
        }
        let progress = try AuditProgress()
        self.progress = progress
        // The first look at what is too old comes at once.
        progress.awaitCopy(of: forward.map { _ in settings.folder })
        do throws(Errno) {
            door = try AuditDoor(
                settings,
                listener: listener,
                reporters: AuditReporters(programs: Self.programs, readers: readers == 0 ? nil : readers),
                progress: progress
            )
        } catch {
            guard error == .wouldBlock else { throw error }
            throw AuditLoad.Failure(description: "\(folder): another process writes this log")
        }
        self.load = load
        self.options = options
        operators = OperatorRecord(folder: options.config) { Log.write($0, priority: .warning) }
        copier = Mutex(try forward.map { try SyslogForwarder($0, folder: settings.folder, progress: progress) })
    }

    /// A socket file nobody answers on, left by a crash, is removed first.
    private static func listen(_ path: String) throws -> OwnedDescriptor {
        if UnixSockets.isSocket(path) {
            guard !isServed(path) else {
                throw AuditLoad.Failure(description: "\(path): another program answers on this socket")
            }
            try FileStore.remove(path)
        }
        return try UnixSockets.listenForMessages(path, mode: 0o666)
    }

    /// A full queue (EAGAIN) is an answer, too.
    private static func isServed(_ path: String) -> Bool {
        do throws(Errno) {
            _ = try UnixSockets.connectForMessages(path)
            return true
        } catch {
            return error != .connectionRefused && error != .noEntry
        }
    }

    func stop() {
        // Callers of a socket that is ours find none; those of the manager's wait for the next process.
        if isOurs { try? FileStore.remove(events) }
        door.stop()
        // Behind the last words.
        forwarder?.stop()
        logTrouble()
    }

    var forwarder: SyslogForwarder? { copier.withLock { $0 } }

    /// Waits until the log was opened, or could not be.
    func awaitOpen() { _ = door.awaitOpen(timeout: .seconds(50)) }

    func hasTurned(within age: Duration) -> Bool { door.hasTurned(within: age) }

    /// In one line, as `systemctl status` shows it: what is wrong first.
    var summary: String {
        let now = progress.current
        var parts = trouble.compactMap { $0 }
        parts.append("\(now.head.seq) lines, \(now.clientCount) connected")
        if let forwarder {
            parts.append("\(max(0, now.head.seq - forwarder.current.seq)) to be copied")
        }
        return parts.joined(separator: "; ")
    }

    private var trouble: [String?] {
        let now = progress.current
        return [
            now.trouble.map { "not written: \($0)" },
            now.foundAtStart.map { "found at the start: \($0)" },
            forwarder?.current.trouble.map { "not copied: \($0)" },
        ]
    }

    /// Says in the journal what has become wrong, and what no longer is: loudly, as the log itself may not be able to.
    func logTrouble() {
        let (now, trouble) = (progress.current, trouble)
        let before = toldTrouble.withLock { told in
            let before = told
            told = trouble
            return before
        }
        for (old, new) in zip(before, trouble) where old != new {
            if let new {
                Log.write("audit log: \(new)", priority: .error)
            } else {
                Log.write("audit log: well again")
            }
        }
        let (total, why) = (now.refusedTotal, now.refusal ?? "")
        let untold = toldRefusals.withLock { told in
            let untold = total - told
            told = total
            return untold
        }
        if untold > 0 { Log.write("audit log: \(untold) events were not taken: \(why)", priority: .error) }
        let isNew = toldUncopied.withLock { told in
            defer { told = now.uncopiedTotal }
            return now.uncopiedTotal > told
        }
        if isNew, let text = uncopied(now) { Log.write("audit log: \(text)", priority: .error) }
    }

    func answer(_ request: ControlRequest) -> ControlResponse {
        switch (request.method, request.path) {
        case ("GET", "/v1/status"): ControlResponse(status)
        case ("GET", "/v1/metrics"), ("GET", "/metrics"): metrics.response
        case ("POST", "/v1/reload"): reload(request)
        default: .noSuchPath(request)
        }
    }

    /// Takes on how long lines are kept and where the copy goes; what else has changed takes a restart.
    private func reload(_ request: ControlRequest) -> ControlResponse {
        let response = reload()
        Log.write("reload asked by uid \(request.peer.userID): status \(response.status)")
        operators.note(.configReload, request, response, object: "audit log")
        return response
    }

    /// As ``SIGHUP`` asks.
    func reloadBySignal() {
        let response = reload()
        let isDone = response.status == 200
        let why = (try? ErrorDocument(json: response.body)).map { ": \($0.error.message)" } ?? ""
        Log.write("reload by signal: status \(response.status)\(why)", priority: isDone ? .information : .error)
        operators.noteSignal(.configReload, isDone ? .success : .failure, object: "audit log")
    }

    private func reload() -> ControlResponse {
        do {
            let fresh = try AuditLoad(options)
            let forward = try AuditLoad.forward(fresh.rule, options)
            let isSame =
                fresh.settings.folder == load.settings.folder
                && fresh.settings.key.publicKey == load.settings.key.publicKey
                && fresh.rule.events == load.rule.events && fresh.rule.control == load.rule.control
            guard isSame else {
                return .failure(
                    409,
                    code: "restart_needed",
                    message: "[audit]: key, folder, control and events are taken on by a restart; nothing was changed",
                    hint: "systemctl restart jumpd-audit; its sockets wait meanwhile"
                )
            }
            door.adopt(fresh.settings.limits)
            let (folder, progress) = (load.settings.folder, progress)
            forwarder?.stop()
            progress.awaitCopy(of: forward.map { _ in folder })
            let copy = try forward.map { try SyslogForwarder($0, folder: folder, progress: progress) }
            copier.withLock { $0 = copy }
            let number = generation.withLock { number in
                number += 1
                return number
            }
            return ControlResponse(ChangeDocument(isApplied: true, changes: [], generation: number))
        } catch {
            return .failure(
                422,
                code: "configuration_refused",
                message: "\(error); nothing was changed",
                hint: "run `eigctl check`"
            )
        }
    }
}
