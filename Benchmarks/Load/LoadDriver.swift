// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import LinuxIO
import TLS

/// One run: opens the connections, asks and checks, and counts what falls into the window.
///
/// One thread, one epoll, and per request one receive, one send and no memory taken: it shares its processor with the
/// backend and must not be what limits the gateway between them.
struct LoadDriver: ~Copyable {
    /// Handshakes under way while the connections that stay are made.
    static let openingCountMax = 64
    /// How long outstanding answers are waited for after the window, and how long nothing at all may happen.
    static let patience = Duration.seconds(30)
    static let readBytesMax = 64 << 10

    let options: LoadOptions
    let identities: [LoadIdentity]
    let watched: WatchedPrograms
    var poller: Poller
    var report: LoadReport
    var phase = LoadPhase.opening
    var now = Clock.monotonic()

    // Places: each holds one connection at a time.
    var connections: [LoadConnection?]
    var saved: [SavedSession?]
    var openedCount = 0
    var deadCount = 0
    var nextPlace = 0
    var nextIdentity = 0

    // Requests.
    var outstandingCount = 0
    var unaskedCount = Int.max
    var nextToken: UInt64 = 0
    var schedule: OpenLoopSchedule?
    var askedOfSchedule = 0
    var ready = PlaceQueue()

    // The window.
    var windowStart = MonotonicInstant.distantFuture
    var windowEnd = MonotonicInstant.distantFuture
    var watchedAtStart: UInt64?
    var residentAtStart: Int?
    var ownAtStart: UInt64?
    var lastEventAt = Clock.monotonic()

    // What every event uses and none keeps.
    var received = ByteBuffer(capacity: readBytesMax)
    var plaintext = ByteBuffer(capacity: readBytesMax * 2)
    var request = ByteBuffer(capacity: 4096)
    var wire = ByteBuffer(capacity: readBytesMax)

    init(_ options: LoadOptions, identities: [LoadIdentity], poller: consuming Poller) {
        self.options = options
        self.identities = identities
        self.poller = poller
        watched = WatchedPrograms(processIDs: options.watched)
        report = LoadReport(mode: options.mode)
        connections = Array(repeating: nil, count: options.connectionCount)
        saved = Array(repeating: nil, count: options.connectionCount)
        ready.reserve(options.connectionCount)
    }

    /// What can be known to be wrong before the first connection.
    static func prepared(_ options: LoadOptions) throws -> LoadDriver {
        let descriptorCount = Limits.raiseDescriptorsMax()
        guard descriptorCount >= options.connectionCount + 32 else {
            throw UsageError("\(options.connectionCount) connections, but RLIMIT_NOFILE allows \(descriptorCount)")
        }
        let driver = LoadDriver(options, identities: try LoadIdentity.all(options), poller: try Poller())
        if !options.watched.isEmpty, driver.watched.nanoseconds() == nil {
            throw UsageError("--watch: no such program, or not ours to read")
        }
        return driver
    }

    mutating func run() -> LoadReport {
        if options.mode == .rate { Clock.sharpenTimers() }
        residentAtStart = watched.residentBytes()
        if options.mode == .idle { openWindow() }
        if options.mode == .handshake {
            openedCount = options.connectionCount
        } else {
            for _ in 0..<min(Self.openingCountMax, options.connectionCount) { openNext() }
        }
        advance()
        while !isEnded {
            let timeout = nextDeadline - now
            let count = options.mode == .rate ? poller.waitPrecisely(timeout: timeout) : poller.wait(timeout: timeout)
            now = Clock.monotonic()
            if count > 0 { lastEventAt = now }
            for index in 0..<count {
                let event = poller.event(index)
                if let connection = connections[Int(event.token)] { step(connection, event.readiness) }
            }
            if options.mode == .rate { askDue() }
            advance()
        }
        for connection in connections {
            guard let connection, connection.stage == .ready || connection.stage == .waiting else { continue }
            connection.session.close(into: &wire)
            try? connection.socket.send(wire.bytes)
            wire.removeAll()
        }
        return report
    }

    private var isEnded: Bool {
        if case .ended = phase { return true }
        return false
    }

    /// When there is something to do even if nothing arrives.
    private var nextDeadline: MonotonicInstant {
        var deadline = min(phase.deadline, lastEventAt + Self.patience)
        if let schedule, phase.isAsking, !ready.isEmpty {
            deadline = min(deadline, schedule.instant(of: askedOfSchedule))
        }
        return deadline
    }
}
