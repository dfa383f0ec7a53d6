// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import LinuxIO
import TestKit

@testable import Edge
@testable import Engine

/// All that a worker works with, made from a configuration folder: sockets on the loopback, a relay of its own,
/// and the log where a test can read it.
final class Surroundings: Sendable {
    let folder: ConfigurationFolder
    let snapshot: Snapshot
    let book = CounterBook()
    let environment: WorkerEnvironment
    let partners: IPEndpoint
    let inside: IPEndpoint
    private let logReader: OwnedDescriptor

    /// - Parameter shared: what another worker works by already; nothing is the folder's own.
    init(_ folder: ConfigurationFolder, sharing shared: Snapshot? = nil) throws {
        self.folder = folder
        snapshot =
            try shared
            ?? SnapshotBuilder.build(folder: folder.path, generation: 1, book: book, workerCount: 1).snapshot
        let any = IPEndpoint(address: .v4(0x7f00_0001), port: 0)
        var listeners: [Listener] = []
        for side in [ServerConnection.Side.partners, .inside] {
            let descriptor = try Sockets.listen(any)
            guard let endpoint = Sockets.localEndpoint(descriptor) else { throw Errno.noEntry }
            listeners.append(Listener(use: side.rawValue, endpoint: endpoint, descriptor: descriptor))
        }
        partners = listeners[0].endpoint
        inside = listeners[1].endpoint
        let pipe = try Pipe()
        let inbox = try Mailbox<Worker.Order>(countMax: 1024)
        var settings = RelaySettings(path: "\(folder.path)/relay\(shared == nil ? "" : "-shared").db")
        settings.ballastBytes = 0
        settings.freeBytesMin = 0
        environment = WorkerEnvironment(
            listeners: listeners,
            inboxes: [inbox],
            counters: [WorkerCounters()],
            relay: try RelayService(settings: settings) { inbox.post(.deliver($0)) },
            resolver: try ResolverThread(),
            log: try LogWriter(try pipe.writer.duplicate()),
            connectionsMax: 1000
        )
        logReader = pipe.keepReader()
        environment.relay.updateEndpoints(snapshot.relayEndpoints)
    }

    /// Ends the relay and the log.
    ///
    /// - Returns: every line of the log.
    func stop() throws -> [String] {
        environment.relay.stop()
        environment.log.stop()
        var received = ByteBuffer()
        while case .received = try logReader.read(into: &received, byteCountMax: 64 << 10) {}
        return String(received.bytes).split(separator: "\n").map(String.init)
    }
}

/// A real worker on a thread of its own.
final class RunningWorker {
    let surroundings: Surroundings
    private var thread: OwnedThread?

    init(_ folder: ConfigurationFolder, sharing shared: Snapshot? = nil) throws {
        let surroundings = try Surroundings(folder, sharing: shared)
        let (environment, snapshot) = (surroundings.environment, surroundings.snapshot)
        let started = try Mailbox<Errno?>(countMax: 1)
        self.surroundings = surroundings
        thread = try OwnedThread(name: "worker") {
            do throws(Errno) {
                let worker = try Worker(index: 0, environment: environment, snapshot: snapshot)
                _ = started.post(nil)
                worker.runUntilDrained()
            } catch {
                _ = started.post(error)
            }
        }
        var report: [Errno?] = []
        while report.isEmpty { report = started.drain(timeout: nil) }
        if let error = report[0] { throw error }
    }

    /// Drains the worker and waits for its end.
    ///
    /// - Returns: every line of the log.
    func stop() throws -> [String] {
        _ = surroundings.environment.inbox(0).post(.drain(until: Clock.monotonic() + .seconds(10)))
        if let thread = thread.take() { thread.join() }
        return try surroundings.stop()
    }
}
