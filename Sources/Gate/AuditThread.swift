// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import AuditTrail
internal import Base
internal import LinuxIO
internal import Synchronization

/// The gate's way to the audit log: one thread, so that no worker waits for it and what is told stays in order.
///
/// Who asks for a session is told whether it is in the log. What only has to be told waits here while the log cannot be
/// written, and is told then; past ``waitingMax`` the oldest is dropped and counted.
final class AuditThread: Sendable {
    private struct Entry: Sendable {
        let event: AuditEvent
        let reply: (@Sendable (Bool) -> Void)?
    }

    static let waitingMax = 10_000
    private static let retryEvery = Duration.seconds(1)
    /// What takes longer to fail than this is a log that hangs: each more attempt would cost as much.
    private static let hangTime = Duration.milliseconds(500)

    private let entries: Mailbox<Entry>
    private let reporter: AuditReporter
    private let isStopping = Atomic<Bool>(false)
    private let lost = Atomic<Int>(0)
    private let trouble = Mutex<String?>(nil)
    private let heartbeat = Heartbeat()
    private let thread = Mutex<OwnedThread?>(nil)

    init(_ reporter: AuditReporter) throws(Errno) {
        self.reporter = reporter
        entries = try Mailbox(countMax: Self.waitingMax)
        let audit = self
        var running: OwnedThread? = try OwnedThread(name: "audit") { @Sendable in audit.run() }
        thread.withLock { $0 = running.take() }
    }

    /// Why the log could not be written when it was last tried; nothing when it could.
    var currentTrouble: String? { trouble.withLock { $0 } }
    var lostCount: Int { lost.load(ordering: .relaxed) }
    /// An attempt takes three seconds at most, a pause one.
    func hasTurned(within age: Duration) -> Bool { heartbeat.isFresh(within: age) }

    /// Writes an event that something depends on.
    ///
    /// - Parameter reply: called once, on another thread, with whether it is in the log.
    func record(_ event: AuditEvent, _ reply: @escaping @Sendable (Bool) -> Void) {
        if !entries.post(Entry(event: event, reply: reply)) { reply(false) }
    }

    /// Writes an event as soon as the log takes it.
    func tell(_ event: AuditEvent) {
        if !entries.post(Entry(event: event, reply: nil)) { lost.add(1, ordering: .relaxed) }
    }

    /// Tries once more to tell what waits, and ends.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        entries.doorbell.ring()
        let running = thread.withLock { $0.take() }
        if let running { running.join() }
    }

    private func run() {
        var waiting: [AuditEvent] = []
        var triesAgainAt = MonotonicInstant.distantFuture
        var hangsUntil = MonotonicInstant(nanoseconds: 0)
        while true {
            heartbeat.beat()
            let isLast = isStopping.load(ordering: .relaxed)
            let taken = entries.drain(timeout: isLast ? .zero : Self.retryEvery)
            if isLast || Clock.monotonic() >= triesAgainAt { tellAll(&waiting, &triesAgainAt) }
            for entry in taken {
                heartbeat.beat()
                let began = Clock.monotonic()
                // What is told later must not stand before what was told earlier; and while the log hangs, those who
                // ask do not wait for one another's attempts.
                let isWritten = waiting.isEmpty && hangsUntil <= began && write(entry.event)
                if !isWritten, began + Self.hangTime <= Clock.monotonic() {
                    hangsUntil = Clock.monotonic() + Self.retryEvery
                }
                entry.reply?(isWritten)
                if !isWritten, entry.reply == nil {
                    keep(entry.event, &waiting)
                    if triesAgainAt == .distantFuture { triesAgainAt = Clock.monotonic() + Self.retryEvery }
                }
            }
            if isLast, taken.isEmpty { break }
        }
        lost.add(waiting.count, ordering: .relaxed)
    }

    private func keep(_ event: AuditEvent, _ waiting: inout [AuditEvent]) {
        if waiting.count >= Self.waitingMax {
            waiting.removeFirst()
            lost.add(1, ordering: .relaxed)
        }
        waiting.append(event)
    }

    private func tellAll(_ waiting: inout [AuditEvent], _ triesAgainAt: inout MonotonicInstant) {
        var count = 0
        while count < waiting.count, write(waiting[count]) {
            heartbeat.beat()
            count += 1
        }
        waiting.removeFirst(count)
        triesAgainAt = waiting.isEmpty ? .distantFuture : Clock.monotonic() + Self.retryEvery
    }

    private func write(_ event: AuditEvent) -> Bool {
        let why: String? =
            switch reporter.report(event) {
            case .written: nil
            case .noLog: "there is no audit log: jumpd-audit.service does not run"
            case .refused(let why): why
            }
        trouble.withLock { $0 = why }
        return why == nil
    }
}
