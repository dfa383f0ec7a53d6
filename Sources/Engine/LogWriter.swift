// SPDX-License-Identifier: Apache-2.0
internal import Base
package import LinuxIO
internal import Synchronization
internal import Systemd

/// The log: whole JSON lines to one descriptor, or to the journal, written by one thread, so that no worker ever
/// waits for a slow disk or journal.
///
/// Bounded: when the writer falls behind, lines are dropped and counted, and the count is logged
/// when there is room again.
package final class LogWriter: Sendable {
    /// What waits for the writer at most, 4 MiB; the first hand-over is always taken whole.
    package static let waitingBytesMax = 4 << 20
    /// How long ``stop(timeout:)`` waits by default for a reader that takes nothing.
    package static let stopTime = Duration.seconds(5)

    private let queue: Queue
    private let heartbeat: Heartbeat
    private let thread: Mutex<OwnedThread?>

    /// Takes the descriptor over.
    ///
    /// - Parameters:
    ///   - journal: where lines go that it takes; the descriptor gets the others.
    ///   - waitingBytesMax: more than this is dropped while the descriptor takes nothing.
    package init(
        _ descriptor: consuming OwnedDescriptor,
        journal: JournalLog? = nil,
        waitingBytesMax: Int = waitingBytesMax
    ) throws(Errno) {
        let queue = try Queue(waitingBytesMax: waitingBytesMax)
        self.queue = queue
        let heartbeat = Heartbeat()
        self.heartbeat = heartbeat
        let output = Output(descriptor, journal, heartbeat)
        thread = Mutex(try OwnedThread(name: "log") { Self.run(queue, output) })
    }

    /// Whether the writer's loop has turned within `age`; it turns at least once a second, and waiting for a reader
    /// that takes nothing is no fault of its own.
    package func hasTurned(within age: Duration) -> Bool { heartbeat.isFresh(within: age) }

    /// Lines that were dropped because the writer was behind.
    package var lostCount: Int { queue.lostCount }

    /// Queues whole lines, each ended by a newline.
    package func write(_ lines: Span<UInt8>) { queue.add(lines) }

    package func write(_ line: String) {
        var bytes = ByteBuffer()
        bytes.append(line)
        bytes.append(UInt8(ascii: "\n"))
        write(bytes.bytes)
    }

    /// Writes what is queued and ends; for the program's last moments.
    ///
    /// - Parameter timeout: how long a descriptor may take it; what it has not taken by then is lost.
    package func stop(timeout: Duration = stopTime) {
        let running = thread.withLock { $0.take() }
        guard let running else { return }
        queue.stop()
        // A thread that still waits for its reader is left alone, and ends with the program.
        if queue.awaitEnd(timeout: timeout) { running.join() }
    }

    private static func run(_ queue: Queue, _ output: borrowing Output) {
        var taken = ByteBuffer()
        var reportedCount = 0
        while let lostCount = queue.take(&taken, output.heartbeat) {
            output.write(taken.bytes)
            // What was lost by now was lost behind these lines.
            if lostCount > reportedCount { report(lostCount - reportedCount, output) }
            reportedCount = lostCount
            taken.removeAll()
        }
        if queue.lostCount > reportedCount { report(queue.lostCount - reportedCount, output) }
        queue.end()
    }

    /// One line about the lines that are missing before it.
    private static func report(_ count: Int, _ output: borrowing Output) {
        var line = JSONWriter(ByteBuffer())
        line.field("time", Clock.wall().rfc3339)
        line.field("event", "log_lines_lost" as StaticString)
        line.field("count", count)
        var bytes = line.finish()
        bytes.append(UInt8(ascii: "\n"))
        output.write(bytes.bytes)
    }

    private final class Output: Sendable {
        private let descriptor: OwnedDescriptor
        private let journal: JournalLog?
        let heartbeat: Heartbeat

        init(_ descriptor: consuming OwnedDescriptor, _ journal: JournalLog?, _ heartbeat: Heartbeat) {
            self.descriptor = descriptor
            self.journal = journal
            self.heartbeat = heartbeat
        }

        func write(_ lines: Span<UInt8>) {
            guard let journal else { return writeOut(lines) }
            var entry = JournalEntry()
            var rest = ByteBuffer()
            var start = 0
            for end in lines.indices where lines[end] == UInt8(ascii: "\n") {
                if !journal.take(lines.extracting(start..<end), &entry, heartbeat) {
                    rest.append(lines.extracting(start..<end + 1))
                }
                start = end + 1
                heartbeat.beat()
            }
            if !rest.isEmpty { writeOut(rest.bytes) }
        }

        private func writeOut(_ lines: Span<UInt8>) {
            heartbeat.pause()
            try? descriptor.writeAll(lines)
            heartbeat.beat()
        }
    }
}

extension LogWriter {
    /// The bytes that wait for the writer, in one piece: it and those who write exchange two blocks for ever.
    fileprivate final class Queue: Sendable {
        private struct State: ~Copyable {
            var waiting = ByteBuffer()
            var lostCount = 0
            var isStopping = false
        }

        private let state = Mutex(State())
        private let waitingBytesMax: Int
        /// Rung when something waits, or the end is wanted.
        private let doorbell: EventCounter
        /// Rung when the writer has ended.
        private let ended: EventCounter

        init(waitingBytesMax: Int) throws(Errno) {
            self.waitingBytesMax = waitingBytesMax
            doorbell = try EventCounter()
            ended = try EventCounter()
        }

        var lostCount: Int { state.withLock { $0.lostCount } }

        func add(_ lines: Span<UInt8>) {
            guard !lines.isEmpty else { return }
            let isFirst = state.withLock { state in
                let isFirst = state.waiting.isEmpty
                guard isFirst || state.waiting.count + lines.count <= waitingBytesMax else {
                    for index in lines.indices where lines[index] == UInt8(ascii: "\n") { state.lostCount += 1 }
                    return false
                }
                state.waiting.append(lines)
                return isFirst
            }
            if isFirst { doorbell.ring() }
        }

        func stop() {
            state.withLock { $0.isStopping = true }
            doorbell.ring()
        }

        /// Waits for lines and exchanges them for the empty `taken`; on the writer's thread only.
        ///
        /// - Returns: how many lines were lost by then; nothing at the end.
        func take(_ taken: inout ByteBuffer, _ heartbeat: Heartbeat) -> Int? {
            // What a time of trouble has needed is not kept.
            if taken.capacity > 1 << 20 { taken.release() }
            while true {
                heartbeat.beat()
                try? doorbell.descriptor.wait(for: .readable, timeout: .seconds(1))
                doorbell.silence()
                let (lostCount, isStopping) = state.withLock { state in
                    swap(&state.waiting, &taken)
                    return (state.lostCount, state.isStopping)
                }
                // Once more after an end was wanted: it rings no more than once, and lines may have come with it.
                if isStopping { doorbell.ring() }
                if !taken.isEmpty { return lostCount }
                if isStopping { return nil }
            }
        }

        func end() { ended.ring() }

        func awaitEnd(timeout: Duration) -> Bool {
            do throws(Errno) { try ended.descriptor.wait(for: .readable, timeout: timeout) } catch { return false }
            return true
        }
    }
}
