// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import Control
internal import LinuxIO
internal import Partners
internal import Synchronization
internal import Systemd
internal import TLS

/// The running gateway: its workers, its relay and the configuration in force.
///
/// Made once. ``reload(checkOnly:)`` swaps the snapshot; ``drain()`` ends it in order.
package final class Gateway: Sendable {
    /// What came of an attempt to change the configuration.
    struct Attempt: Sendable {
        let at: WallInstant
        let refused: String?
    }

    /// What a gateway is started with.
    package struct Settings: Sendable {
        /// The configuration folder, such as `/etc/eig`.
        package var folder: String
        /// Keeps workers on processors 0, 1, …; for measurements.
        package var pinsWorkers: Bool

        package init(folder: String, pinsWorkers: Bool = false) {
            self.folder = folder
            self.pinsWorkers = pinsWorkers
        }
    }

    let settings: Settings
    let startedAt = Clock.wall()
    let environment: WorkerEnvironment
    let book: CounterBook
    private let current: Mutex<Snapshot>
    private let lastAttempt: Mutex<Attempt>
    private let workers: Mutex<WorkerThreads>
    /// One reload at a time, whoever asks for it.
    private let turn = Mutex(())
    /// The longest a reload waits for a worker that is busy.
    private static let adoptionTime = Duration.seconds(5)

    private struct WorkerThreads: ~Copyable {
        /// Threads are noncopyable and arrays are not for those: each is kept in a cell.
        var cells: [ThreadCell] = []
    }

    private final class ThreadCell: Sendable {
        private let thread: Mutex<OwnedThread?>
        init(_ thread: consuming OwnedThread) { self.thread = Mutex(thread) }
        func join() {
            let running = thread.withLock { $0.take() }
            if let running { running.join() }
        }
    }

    /// Loads the configuration, opens the store and the sockets, and starts the workers.
    ///
    /// - Parameter onFatal: the store failed and nothing is accepted any more: end the process.
    /// - Throws: ``GatewayStartError``; nothing listens then.
    package init(
        _ settings: Settings,
        onFatal: @escaping @Sendable (String) -> Void
    ) throws(GatewayStartError) {
        self.settings = settings
        let book = CounterBook()
        self.book = book
        let snapshot: Snapshot
        do throws(ConfigurationRefused) {
            snapshot = try SnapshotBuilder.build(folder: settings.folder, generation: 1, book: book).snapshot
        } catch {
            throw .configuration(error)
        }
        environment = try GatewayStart.environment(snapshot, onFatal: onFatal)
        current = Mutex(snapshot)
        lastAttempt = Mutex(Attempt(at: snapshot.loadedAt, refused: nil))
        workers = Mutex(WorkerThreads())
        environment.relay.updateEndpoints(snapshot.relayEndpoints)
        for index in environment.inboxes.indices { try start(worker: index, snapshot) }
        if let note = TLSLibrary.note { log("tls_library", "the whole default provider serves: \(note)") }
        log("started", "serving \(snapshot.directory.records.count) partners with \(environment.inboxes.count) workers")
    }

    private func start(worker index: Int, _ snapshot: Snapshot) throws(GatewayStartError) {
        let environment = self.environment
        let isPinned = settings.pinsWorkers
        do throws(Errno) {
            let started = try Mailbox<Errno?>(countMax: 1)
            let thread = try OwnedThread(name: "worker-\(index)") { @Sendable in
                if isPinned { try? OwnedThread.pinCurrent(toProcessor: index) }
                do throws(Errno) {
                    let worker = try Worker(index: index, environment: environment, snapshot: snapshot)
                    _ = started.post(nil)
                    worker.run()
                } catch {
                    _ = started.post(error)
                }
            }
            let cell = ThreadCell(thread)
            workers.withLock { $0.cells.append(cell) }
            var report: [Errno?] = []
            while report.isEmpty { report = started.drain(timeout: nil) }
            if let error = report[0] { throw error }
        } catch {
            throw .system("worker \(index)", error)
        }
    }

    /// The configuration in force.
    var snapshot: Snapshot { current.withLock { $0 } }
    var attempt: Attempt { lastAttempt.withLock { $0 } }

    package var partnerCount: Int { snapshot.directory.records.count }
    /// Where the control socket goes.
    package var controlPath: String { snapshot.gateway.listen.control }

    /// Reads the files again and, unless something is wrong or only a check was asked for, swaps the
    /// snapshot in one step.
    ///
    /// When it returns every worker decides by the new snapshot: who was removed is refused from then on.
    ///
    /// - Returns: what it said about the files, what is or would be different, and the generation in force
    ///   afterwards.
    /// - Throws: ``ConfigurationRefused``; everything stays as it was.
    package func reload(checkOnly: Bool = false) throws(ConfigurationRefused) -> ReloadOutcome {
        try turn.withLock { _ throws(ConfigurationRefused) in try reloadInTurn(checkOnly: checkOnly) }
    }

    private func reloadInTurn(checkOnly: Bool) throws(ConfigurationRefused) -> ReloadOutcome {
        let running = snapshot
        do throws(ConfigurationRefused) {
            let (fresh, warnings) = try SnapshotBuilder.build(
                folder: settings.folder,
                generation: running.generation + 1,
                book: book,
                workerCount: environment.inboxes.count
            )
            try requireSameSockets(running, fresh)
            let changes = SnapshotChanges(from: running, to: fresh).items
            if checkOnly { return ReloadOutcome(warnings, changes, running.generation) }
            current.withLock { $0 = fresh }
            environment.relay.updateEndpoints(fresh.relayEndpoints)
            for inbox in environment.inboxes {
                while !inbox.post(.reload(fresh)) { Clock.sleep(.milliseconds(1)) }
            }
            awaitAdoption(of: fresh.generation)
            running.server.forgetSessions()
            lastAttempt.withLock { $0 = Attempt(at: fresh.loadedAt, refused: nil) }
            log("reloaded", "generation \(fresh.generation)")
            return ReloadOutcome(warnings, changes, fresh.generation)
        } catch {
            if !checkOnly {
                lastAttempt.withLock { $0 = Attempt(at: Clock.wall(), refused: error.description) }
                log("reload_refused", error.description)
            }
            throw error
        }
    }

    private func awaitAdoption(of generation: Int) {
        let limit = Clock.monotonic() + Self.adoptionTime
        while environment.counters.contains(where: { $0.generation.load(ordering: .acquiring) < generation }),
            Clock.monotonic() < limit
        {
            Clock.sleep(.milliseconds(1))
        }
    }

    /// Sockets are opened once: a change of what is listened on, or of the store, needs a restart.
    private func requireSameSockets(_ running: Snapshot, _ fresh: Snapshot) throws(ConfigurationRefused) {
        guard running.gateway.listen == fresh.gateway.listen else {
            throw ConfigurationRefused(
                file: "eigd.toml",
                message: "[listen] differs from what this process listens on",
                hint: "put it back and reload, or restart eigd"
            )
        }
        guard running.gateway.store == fresh.gateway.store, running.gateway.workerCount == fresh.gateway.workerCount
        else {
            throw ConfigurationRefused(
                file: "eigd.toml",
                message: "[store] or [workers] differs from what this process was started with",
                hint: "put it back and reload, or restart eigd"
            )
        }
    }

    /// Stops accepting, answers what is in flight, and returns when everything has ended or the
    /// configured time is over.
    package func drain() {
        let limit = Clock.monotonic() + snapshot.gateway.timeouts.drain
        log("draining", "no new connections; at most \(snapshot.gateway.timeouts.drain.text)")
        for inbox in environment.inboxes {
            while !inbox.post(.drain(until: limit)) { Clock.sleep(.milliseconds(1)) }
        }
        let cells = workers.withLock { $0.cells }
        for cell in cells { cell.join() }
        environment.relay.stop()
        let answered = environment.counters.reduce(0) { $0 + $1.answers.load(ordering: .relaxed) }
        log("stopped", "\(answered) requests answered")
        environment.log.stop()
    }

    /// Wipes what is remembered and no longer of use; once a second or so.
    package func tidy() { snapshot.server.forgetEndedSessions() }

    /// Whether every worker's loop has turned lately: what the watchdog is told.
    package var isAlive: Bool {
        let now = Clock.monotonic().nanoseconds
        return environment.counters.allSatisfy { counters in
            let beat = counters.heartbeat.load(ordering: .relaxed)
            return now < beat || now - beat < 5_000_000_000
        }
    }

    /// One line about the program itself.
    package func log(_ event: StaticString, _ message: String) {
        var line = JSONWriter(ByteBuffer())
        line.field("time", Clock.wall().rfc3339)
        line.field("event", event)
        line.field("message", message)
        var bytes = line.finish()
        bytes.append(UInt8(ascii: "\n"))
        environment.log.write(bytes.bytes)
    }
}
