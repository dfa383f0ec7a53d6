// SPDX-License-Identifier: Apache-2.0
internal import Base
package import LinuxIO
internal import Synchronization

/// The log: whole JSON lines to one descriptor, written by one thread, so that no worker ever waits
/// for a slow disk or journal.
///
/// Bounded: when the writer falls behind, lines are dropped and counted, and the count is logged
/// when there is room again.
package final class LogWriter: Sendable {
    private enum Message: Sendable {
        case lines([UInt8])
        case stop
    }

    private static let chunkCountMax = 1024

    private let inbox: Mailbox<Message>
    private let output: Output
    private let thread: Mutex<OwnedThread?>

    /// Takes the descriptor over.
    package init(_ descriptor: consuming OwnedDescriptor) throws(Errno) {
        let inbox = try Mailbox<Message>(countMax: Self.chunkCountMax)
        self.inbox = inbox
        let output = Output(descriptor)
        self.output = output
        let started = try OwnedThread(name: "log") { Self.run(inbox, output) }
        thread = Mutex(started)
    }

    /// What the thread shares with those who write.
    private final class Output: Sendable {
        let descriptor: OwnedDescriptor
        let lost = Atomic<Int>(0)
        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
    }

    /// Lines that were dropped because the writer was behind.
    package var lostCount: Int { output.lost.load(ordering: .relaxed) }

    /// Queues whole lines, each ended by a newline.
    package func write(_ lines: [UInt8]) {
        guard !lines.isEmpty else { return }
        guard !inbox.post(.lines(lines)) else { return }
        output.lost.add(lines.count { $0 == UInt8(ascii: "\n") }, ordering: .relaxed)
    }

    package func write(_ line: String) { write(Array(line.utf8) + [UInt8(ascii: "\n")]) }

    /// Writes what is queued and ends; for the program's last moments.
    package func stop() {
        let running = thread.withLock { $0.take() }
        guard let running else { return }
        while !inbox.post(.stop) { Clock.sleep(.milliseconds(1)) }
        running.join()
    }

    private static func run(_ inbox: Mailbox<Message>, _ output: Output) {
        var reportedCount = 0
        var isRunning = true
        while isRunning {
            let messages = inbox.drain(timeout: nil)
            // What was lost by now was lost behind these messages.
            let lostCount = output.lost.load(ordering: .relaxed)
            for message in messages {
                switch message {
                case .lines(let lines): try? output.descriptor.writeAll(lines.span)
                case .stop: isRunning = false
                }
            }
            if lostCount > reportedCount { report(lostCount - reportedCount, output) }
            reportedCount = lostCount
        }
    }

    /// One line about the lines that are missing before it.
    private static func report(_ count: Int, _ output: Output) {
        var line = JSONWriter(ByteBuffer())
        line.field("time", Clock.wall().rfc3339)
        line.field("event", "log_lines_lost" as StaticString)
        line.field("count", count)
        var bytes = line.finish()
        bytes.append(UInt8(ascii: "\n"))
        try? output.descriptor.writeAll(bytes.bytes)
    }
}
