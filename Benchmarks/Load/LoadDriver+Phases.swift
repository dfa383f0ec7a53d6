// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import LinuxIO
import TLS

/// A run goes from phase to phase.
extension LoadDriver {
    mutating func advance() {
        let isOver = now >= phase.deadline
        let isStuck = now >= lastEventAt + Self.patience
        switch phase {
        case .opening:
            if openedCount + deadCount >= connections.count { opened() } else if isStuck { giveUp() }
        case .warmingUp:
            if isOver { openWindow() } else if deadCount == connections.count { phase = .ended }
        case .measuring:
            let isDone = unaskedCount == 0 && outstandingCount == 0
            if isOver || isDone || deadCount == connections.count {
                closeWindow()
                drain()
            } else if isStuck && outstandingCount > 0 {
                giveUp()
            }
        case .settling:
            if isOver {
                readMemory()
                phase = .ended
            }
        case .draining: drain()
        case .ended: return
        }
    }

    private mutating func opened() {
        guard deadCount < connections.count else {
            phase = .ended
            return
        }
        if options.mode == .idle {
            closeWindow()
            phase = .settling(until: now + options.settle)
        } else if options.warmUp > .zero {
            phase = .warmingUp(until: now + options.warmUp)
            askFirst()
        } else {
            openWindow()
            askFirst()
        }
    }

    mutating func openWindow() {
        watchedAtStart = watched.nanoseconds()
        ownAtStart = Self.ownNanoseconds
        if options.mode != .idle { residentAtStart = watched.residentBytes() }
        if let requestCount = options.requestCount { unaskedCount = max(0, requestCount - outstandingCount) }
        now = Clock.monotonic()
        windowStart = now
        guard options.mode != .idle else { return }
        phase = .measuring(until: options.requestCount == nil ? now + options.seconds : .distantFuture)
    }

    private mutating func closeWindow() {
        now = Clock.monotonic()
        windowEnd = now
        report.nanoseconds = windowEnd.nanoseconds - windowStart.nanoseconds
        if let end = watched.nanoseconds(), let start = watchedAtStart { report.watchedNanoseconds = end - start }
        if let end = Self.ownNanoseconds, let start = ownAtStart { report.ownNanoseconds = end - start }
        if options.mode != .idle { readMemory() }
        phase = .draining(until: now + Self.patience)
    }

    /// Waits for what is outstanding; an open loop also sends what was due.
    private mutating func drain() {
        let unsentCount = unaskedCount == 0 ? 0 : max(0, dueCount - askedOfSchedule)
        if outstandingCount == 0, unsentCount == 0 {
            phase = .ended
            return
        }
        guard now >= phase.deadline || deadCount == connections.count else { return }
        report.failures += unsentCount
        giveUp()
    }

    private mutating func giveUp() {
        for _ in 0..<max(1, outstandingCount) { report.fail("nothing came for \(Self.patience)") }
        phase = .ended
    }

    private mutating func readMemory() {
        guard let before = residentAtStart, let after = watched.residentBytes() else { return }
        report.watchedResidentBytes = (before, after)
    }

    private static var ownNanoseconds: UInt64? {
        WatchedPrograms(processIDs: [Limits.processID]).nanoseconds()
    }
}
