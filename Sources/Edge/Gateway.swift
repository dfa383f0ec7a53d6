// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
package import ConfigurationFolder
package import Control
internal import Engine
internal import LinuxIO
internal import Partners
internal import Synchronization
package import Systemd
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
        /// What the service manager opened for us.
        package var sockets: [InheritedDescriptor]

        package init(folder: String, pinsWorkers: Bool = false, sockets: [InheritedDescriptor] = []) {
            self.folder = folder
            self.pinsWorkers = pinsWorkers
            self.sockets = sockets
        }
    }

    let settings: Settings
    let startedAt = Clock.wall()
    let environment: WorkerEnvironment
    let book: CounterBook
    /// The control socket the service manager opened, if it did.
    private let handedControl: InheritedDescriptor?
    private let current: Mutex<Snapshot>
    private let lastAttempt: Mutex<Attempt>
    private let workers = ThreadGroup()
    /// One reload at a time, whoever asks for it.
    private let turn = Mutex(())
    /// The longest a reload waits for a worker that is busy.
    private static let adoptionTime = Duration.seconds(5)
    /// Loops turn once a second at least.
    private static let turnTime = Duration.seconds(5)
    /// A turn of the relay may hold a commit, and that a disk that is slow.
    private static let commitTime = Duration.seconds(20)

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
        let sockets: HandedSockets
        do throws(ListenFailure) { sockets = try HandedSockets(ofGateway: settings.sockets) } catch {
            throw .listen(error)
        }
        handedControl = sockets.control
        environment = try GatewayStart.environment(snapshot, sockets, onFatal: onFatal)
        current = Mutex(snapshot)
        lastAttempt = Mutex(Attempt(at: snapshot.loadedAt, refused: nil))
        environment.relay.updateEndpoints(snapshot.relayEndpoints)
        for index in environment.inboxes.indices { try start(worker: index, snapshot) }
        if let note = TLSLibrary.note { log("tls_library", "the whole default provider serves: \(note)") }
        for line in listenDifference.lines { log("listen_differs", line) }
        log("started", "serving \(snapshot.directory.records.count) partners with \(environment.inboxes.count) workers")
    }

    private func start(worker index: Int, _ snapshot: Snapshot) throws(GatewayStartError) {
        let environment = self.environment
        let isPinned = settings.pinsWorkers
        do throws(Errno) {
            try workers.start(name: "worker-\(index)") { () throws(Errno) in
                if isPinned { try? OwnedThread.pinCurrent(toProcessor: index) }
                let worker = try Worker(index: index, environment: environment, snapshot: snapshot)
                return { worker.runUntilDrained() }
            }
        } catch {
            throw .system("worker \(index)", error)
        }
    }

    /// The configuration in force.
    var snapshot: Snapshot { current.withLock { $0 } }
    var attempt: Attempt { lastAttempt.withLock { $0 } }

    /// Of the configuration.
    var folder: String { settings.folder }

    /// The gateway in one line.
    package var summary: String { GatewaySummary(self).text }

    /// Where what is listened on is not what the file in force says.
    var listenDifference: ListenDifference { ListenDifference(snapshot.gateway.listen, environment.listeners) }

    /// Opens the control socket, or takes the one that was handed over; call it once.
    package func serveControl() throws -> ControlServer {
        let desk = ControlDesk(self)
        let wanted = snapshot.gateway.listen.control
        guard let handedControl else { return try ControlServer(path: wanted) { desk.answer($0) } }
        let server = try ControlServer(adopting: OwnedDescriptor(adopting: handedControl.number)) { desk.answer($0) }
        if server.path != wanted {
            let path = server.path
            log("listen_differs", "eigd.toml [listen] control is \(wanted), but eigd-control.socket is at \(path)")
        }
        return server
    }

    /// Reads the files again and, unless something is wrong or only a check was asked for, swaps the
    /// snapshot in one step.
    ///
    /// When it returns every worker decides by the new snapshot: who was removed is refused from then on.
    ///
    /// - Returns: what it said about the files, what is or would be different, and the generation in force
    ///   afterwards.
    /// - Throws: ``ConfigurationRefused``; everything stays as it was.
    package func reload(checkOnly: Bool = false) throws(ConfigurationRefused) -> ReloadOutcome {
        try turn.withLock { _ throws(ConfigurationRefused) in
            guard !checkOnly else { return try reloadInTurn(checkOnly: true) }
            ServiceManager.notify(.reloading(at: Clock.monotonic()))
            defer { ServiceManager.notify(.ready, .status(summary)) }
            return try reloadInTurn(checkOnly: false)
        }
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
        // A file that was mended to agree with the sockets is what an operator was asked for.
        guard
            running.gateway.listen == fresh.gateway.listen
                || (running.gateway.listen.control == fresh.gateway.listen.control
                    && ListenDifference(fresh.gateway.listen, environment.listeners).isEmpty)
        else {
            throw ConfigurationRefused(
                file: "eigd.toml",
                message: "[listen] differs from what this process listens on",
                hint:
                    "put it back and reload; or change the ListenStream= of its socket units, too, and restart those and eigd"
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
        workers.join()
        environment.relay.stop()
        let answered = environment.counters.reduce(0) { $0 + $1.answers.load(ordering: .relaxed) }
        log("stopped", "\(answered) requests answered")
        environment.log.stop()
    }

    /// How long ``drain()`` waits for what is in flight at most.
    package var drainTime: Duration { snapshot.gateway.timeouts.drain }

    /// The end in one line.
    package var drainSummary: String {
        let live = environment.counters.reduce(0) { $0 + $1.connectionsLive.load(ordering: .relaxed) }
        return "ending: \(live) connections left, at most \(drainTime.text) from the start of it"
    }

    /// Wipes what is remembered and no longer of use; once a second or so.
    package func tidy() { snapshot.server.forgetEndedSessions() }

    /// The thread whose loop has not turned lately, if there is one: what the watchdog is not told then.
    package var stalled: String? {
        let now = Clock.monotonic()
        for (index, counters) in environment.counters.enumerated() {
            let beat = MonotonicInstant(nanoseconds: counters.heartbeat.load(ordering: .relaxed))
            if now - beat > Self.turnTime { return "worker-\(index)" }
        }
        if !environment.relay.hasTurned(within: Self.commitTime) { return "the relay" }
        return environment.log.hasTurned(within: Self.turnTime) ? nil : "the log"
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
