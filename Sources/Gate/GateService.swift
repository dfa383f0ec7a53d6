// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import AccessStore
internal import AuditLog
internal import AuditTrail
internal import Base
package import ConfigurationFolder
package import Control
internal import Engine
internal import LinuxIO
internal import Partners
internal import Synchronization
package import Systemd

/// The running gate: its workers, its desk, its grants and the configuration in force.
package final class GateService: Sendable {
    /// What a gate is started with.
    package struct Settings: Sendable {
        /// The configuration folder, such as `/etc/eig`.
        package var folder: String
        /// What the gate keeps for itself, such as `/var/lib/eig-jump`.
        package var state: String
        /// What the service manager opened for us.
        package var sockets: [InheritedDescriptor]

        package init(folder: String, state: String, sockets: [InheritedDescriptor] = []) {
            self.folder = folder
            self.state = state
            self.sockets = sockets
        }
    }

    /// What came of the last attempt to change the configuration.
    struct Attempt: Sendable {
        let at: WallInstant
        let refused: String?
    }

    /// Loops turn once a second at least, and the audit log's thread waits no longer than for one answer.
    private static let turnTime = Duration.seconds(5)
    /// The longest a reload waits for a worker that is busy.
    private static let adoptionTime = Duration.seconds(5)

    let settings: Settings
    let startedAt = Clock.wall()
    let environment: GateEnvironment
    let grants: GrantDesk
    private let current: Mutex<GateSnapshot>
    private let lastAttempt: Mutex<Attempt>
    private let threads = ThreadGroup()
    /// One change at a time, whoever asks for it.
    private let turn = Mutex(())

    /// Loads the configuration and the grants, opens the sockets and starts the workers.
    ///
    /// - Throws: ``GateStartError``; nobody is let in then.
    package init(_ settings: Settings) throws(GateStartError) {
        self.settings = settings
        let configuration: GateConfiguration
        do throws(ConfigurationRefused) {
            configuration = try GateConfiguration(folder: settings.folder, number: 1, now: startedAt)
        } catch {
            throw .configuration(error)
        }
        grants = try GateStart.grants(settings, configuration)
        environment = try GateStart.environment(settings, configuration, grants)
        let snapshot = GateSnapshot(generation: 1, configuration: configuration, grants: grants.grants)
        current = Mutex(snapshot)
        lastAttempt = Mutex(Attempt(at: startedAt, refused: nil))
        for index in environment.inboxes.indices { try start(worker: index, snapshot) }
        tellStart(configuration)
        grants.onChange { [weak self] in self?.grantsChanged() }
        do throws(Errno) {
            try environment.desk.start { [weak self] question, caller in
                self?.desk.answer(question, caller, now: Clock.wall())
                    ?? .failure(404, code: "no_such_path", message: "there is no such path")
            }
        } catch {
            throw .system("the desk", error)
        }
    }

    /// What administrators are answered by, whichever way they ask.
    var desk: GateDesk {
        let environment = environment
        return GateDesk(
            grants: grants,
            board: environment.board,
            lockouts: environment.lockouts,
            policy: { [unowned self] in snapshot.policy },
            kill: { [unowned self] id, who in kill(id, by: who) },
            tell: { environment.audit.tell($0) },
            say: { environment.say($0, $1, at: Clock.wall()) },
            refusals: { environment.counters.refusalsByReason }
        )
    }

    private func start(worker index: Int, _ snapshot: GateSnapshot) throws(GateStartError) {
        let environment = self.environment
        do throws(Errno) {
            try threads.start(name: "worker-\(index)") { () throws(Errno) in
                let worker = try GateWorker(index: index, environment: environment, snapshot: snapshot)
                return { worker.run() }
            }
        } catch {
            throw .system("worker \(index)", error)
        }
    }

    private func tellStart(_ configuration: GateConfiguration) {
        let details = [
            AuditEvent.Detail("version", productVersion),
            AuditEvent.Detail("targets", configuration.rules.targets.count),
            AuditEvent.Detail("administrators", configuration.rules.admins.count),
        ]
        environment.audit.tell(AuditEvent.system(.gateStart, object: "gate", details: details))
        for leftover in environment.ledger.leftovers {
            environment.say("session_lost", ["session": leftover.id, "person": leftover.person], at: startedAt)
            environment.audit.tell(
                AuditEvent(
                    .sessionEnd,
                    .failure,
                    who: leftover.person,
                    how: "as at the beginning of session \(leftover.id)",
                    origin: leftover.source,
                    object: leftover.destination,
                    details: [
                        AuditEvent.Detail("session", leftover.id), AuditEvent.Detail("since", leftover.since),
                        AuditEvent.Detail("reason", "gate_lost"),
                        AuditEvent.Detail("detail", "the gate ended without ending it: killed, or the host went down"),
                    ]
                )
            )
        }
        for warning in configuration.warnings where warning.severity == "warning" {
            environment.say("warning", ["detail": "\(warning.file): \(warning.message)"], at: startedAt)
        }
        sayListenDifference(configuration, at: startedAt)
        environment.say("started", ["detail": "\(configuration.rules.targets.count) targets"], at: startedAt)
    }

    /// Sockets are opened once, by the service manager if there is one: a reload does not move them.
    private func sayListenDifference(_ configuration: GateConfiguration, at now: WallInstant) {
        for line in ListenDifference(configuration.rules.gate, environment.listeners).lines {
            environment.say("listen_differs", ["detail": line], at: now)
        }
    }

    // MARK: what is in force

    var snapshot: GateSnapshot { current.withLock { $0 } }
    var attempt: Attempt { lastAttempt.withLock { $0 } }

    /// Reads the files again and takes them on, whole or not at all.
    ///
    /// - Parameter checkOnly: looks whether they would be taken.
    /// - Returns: what changes, or would; the number of the configuration in force; and the warnings there are.
    @discardableResult
    package func reload(checkOnly: Bool = false) throws(ConfigurationRefused) -> ChangeDocument {
        let now = Clock.wall()
        let result: Result<ChangeDocument, ConfigurationRefused> = turn.withLock { _ in
            do throws(ConfigurationRefused) {
                let running = snapshot.configuration
                let configuration = try GateConfiguration(
                    folder: settings.folder,
                    number: running.number + 1,
                    now: now
                )
                var document = ChangeDocument(
                    isApplied: !checkOnly,
                    changes: changes(from: running, to: configuration, at: now),
                    diagnostics: configuration.warnings,
                    generation: running.number
                )
                guard !checkOnly else { return .success(document) }
                grants.adopt(configuration.rules, now: now)
                environment.lockouts.adopt(configuration.rules.lockout)
                environment.handshakes.adopt(configuration.rules.gate)
                swap { GateSnapshot(generation: $0, configuration: configuration, grants: grants.grants) }
                document.generation = configuration.number
                lastAttempt.withLock { $0 = Attempt(at: now, refused: nil) }
                environment.say("reloaded", ["generation": String(configuration.number)], at: now)
                sayListenDifference(configuration, at: now)
                return .success(document)
            } catch {
                if !checkOnly { lastAttempt.withLock { $0 = Attempt(at: now, refused: error.description) } }
                return .failure(error)
            }
        }
        switch result {
        case .success(let document): return document
        case .failure(let error):
            if !checkOnly { environment.say("reload_refused", ["detail": error.description], at: now) }
            throw error
        }
    }

    private func changes(
        from running: GateConfiguration,
        to configuration: GateConfiguration,
        at now: WallInstant
    ) -> [ChangeItem] {
        var changes = GateChanges(from: running.rules, to: configuration.rules)
        let policy = AccessPolicy(
            configuration.rules,
            anchors: configuration.anchors,
            grants: grants.grants,
            generation: 0
        )
        if running.rules.gate.listen != configuration.rules.gate.listen {
            changes.sayOfListening(ListenDifference(configuration.rules.gate, environment.listeners))
        }
        changes.countCuts(of: environment.board.sessions, by: policy, at: now)
        return changes.items
    }

    /// The grants are others: every live session is decided again.
    private func grantsChanged() {
        turn.withLock { _ in
            let configuration = snapshot.configuration
            swap { GateSnapshot(generation: $0, configuration: configuration, grants: grants.grants) }
        }
    }

    /// Makes the next snapshot, gives it to every worker and waits until each decides by it.
    private func swap(_ make: (Int) -> GateSnapshot) {
        let fresh = current.withLock { current in
            current = make(current.generation + 1)
            return current
        }
        for inbox in environment.inboxes { _ = inbox.post(.adopt(fresh)) }
        let deadline = Clock.monotonic() + Self.adoptionTime
        for generation in environment.generations {
            while generation.value.load(ordering: .acquiring) < fresh.generation, Clock.monotonic() < deadline {
                Clock.sleep(.microseconds(200))
            }
        }
    }

    /// Ends one session.
    ///
    /// - Returns: false when there is none with this id.
    func kill(_ id: String, by who: String) -> Bool {
        guard let session = environment.board[id] else { return false }
        return environment.inboxes[session.workerIndex]
            .post(.end(token: session.token, session: session.id, .killed(by: who)))
    }

    // MARK: time

    /// What has to be done from time to time; on the main thread.
    package func tick() {
        for grant in grants.tick(now: Clock.wall()) {
            environment.audit.tell(GrantEvents.ended(grant))
        }
        grants.keep(lockouts: environment.lockouts.entries(at: Clock.wall()))
    }

    /// The thread that is stuck, if one is.
    package var stalled: String? {
        for (index, heartbeat) in environment.heartbeats.enumerated() where !heartbeat.isFresh(within: Self.turnTime) {
            return "worker \(index)"
        }
        if !environment.audit.hasTurned(within: Self.turnTime) { return "the audit log's thread" }
        return environment.log.hasTurned(within: Self.turnTime) ? nil : "the log's thread"
    }

    /// One line for `systemctl status`.
    package var summary: String {
        let count = environment.board.count
        let trouble = environment.audit.currentTrouble.map { "; NOBODY IS ADMITTED: \($0)" } ?? ""
        let live = "\(count) session\(count == 1 ? "" : "s") live\(trouble)"
        return ([live] + ListenDifference(snapshot.rules.gate, environment.listeners).lines).joined(separator: "; ")
    }

    /// Ends every session and all threads.
    package func stop() {
        grants.onChange {}
        for inbox in environment.inboxes { _ = inbox.post(.stop) }
        threads.join()
        environment.desk.stop()
        grants.flush()
        environment.audit.tell(AuditEvent.system(.gateStop, object: "gate"))
        environment.audit.stop()
        environment.say("stopped", [:], at: Clock.wall())
        environment.log.stop()
    }
}
