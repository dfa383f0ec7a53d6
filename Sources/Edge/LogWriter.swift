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
    private let lost = Atomic<Int>(0)
    private let thread: Mutex<OwnedThread?>

    /// Takes the descriptor over.
    package init(_ descriptor: consuming OwnedDescriptor) throws(Errno) {
        let inbox = try Mailbox<Message>(countMax: Self.chunkCountMax)
        self.inbox = inbox
        let output = OutputCell(descriptor)
        let started = try OwnedThread(name: "log") { Self.run(inbox, output) }
        thread = Mutex(started)
    }

    /// A class that carries the descriptor into the thread.
    private final class OutputCell: Sendable {
        let descriptor: OwnedDescriptor
        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
    }

    /// Lines that were dropped because the writer was behind.
    package var lostCount: Int { lost.load(ordering: .relaxed) }

    /// Queues whole lines, each ended by a newline.
    package func write(_ lines: [UInt8]) {
        guard !lines.isEmpty else { return }
        if !inbox.post(.lines(lines)) { lost.add(1, ordering: .relaxed) }
    }

    package func write(_ line: String) { write(Array(line.utf8) + [UInt8(ascii: "\n")]) }

    /// Writes what is queued and ends; for the program's last moments.
    package func stop() {
        _ = inbox.post(.stop)
        let running = thread.withLock { $0.take() }
        if let running { running.join() }
    }

    private static func run(_ inbox: Mailbox<Message>, _ output: OutputCell) {
        while true {
            for message in inbox.drain(timeout: nil) {
                switch message {
                case .lines(let lines): try? output.descriptor.writeAll(lines.span)
                case .stop: return
                }
            }
        }
    }
}
