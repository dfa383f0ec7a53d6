// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Testing

@testable import Engine

@Suite("The log")
struct LogWriterTests {
    /// Both ends of a pipe, the writing one given to the log.
    private struct Bench: ~Copyable {
        let log: LogWriter
        private let reader: OwnedDescriptor
        private var received = ByteBuffer()

        init(waitingBytesMax: Int = LogWriter.waitingBytesMax) throws {
            let pipe = try Pipe()
            log = try LogWriter(try pipe.writer.duplicate(), waitingBytesMax: waitingBytesMax)
            reader = pipe.keepReader()
        }

        func waitUntilWritten() throws { try reader.wait(for: .readable, timeout: .seconds(10)) }

        /// Reads whole lines until `isEnough` or the log has stopped.
        mutating func lines(until isEnough: ([Substring]) -> Bool) throws -> [Substring] {
            while true {
                let text = String(received.bytes)
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                if isEnough(Array(lines)) { return Array(lines) }
                switch try reader.read(into: &received, byteCountMax: 64 << 10) {
                case .received: break
                case .wouldBlock: try reader.wait(for: .readable, timeout: .seconds(10))
                case .endOfStream: return Array(lines)
                }
            }
        }
    }

    @Test("writes whole lines in order, and everything before it stops")
    func order() throws {
        var bench = try Bench()
        for number in 0..<500 { bench.log.write("line \(number)") }
        bench.log.write("".utf8.span)
        bench.log.stop()
        bench.log.stop()
        let lines = try bench.lines { $0.count >= 500 }
        #expect(lines == (0..<500).map { "line \($0)" })
        #expect(bench.log.lostCount == 0)
    }

    @Test("drops and counts what a blocked writer leaves no room for, and says how much when there is room")
    func blocked() throws {
        var bench = try Bench(waitingBytesMax: 10_000)
        // More than a pipe holds: the writer's thread blocks in the middle of it, with nothing else taken.
        let long = String(repeating: "x", count: 300_000)
        bench.log.write(long)
        try bench.waitUntilWritten()
        for number in 1000..<4000 { bench.log.write("\(number)a\n\(number)b\n".utf8.span) }
        let lostCount = bench.log.lostCount
        #expect(lostCount == 2 * (3000 - 10_000 / 12), "what waits is bounded by its bytes")

        let report = "\"event\":\"log_lines_lost\",\"count\":\(lostCount)}"
        let lines = try bench.lines { $0.last?.hasSuffix(report) == true }
        #expect(lines.first == Substring(long))
        #expect(lines.count { $0.contains("log_lines_lost") } == 1)
        let kept = lines.filter { $0.count < 10 }
        #expect(kept.count == 6000 - lostCount, "every line is written or counted")
        let pairs = stride(from: 0, to: kept.count, by: 2).map { (kept[$0].dropLast(), kept[$0 + 1].dropLast()) }
        #expect(pairs.allSatisfy { $0 == $1 }, "hand-overs are kept or dropped whole")
        let numbers = pairs.compactMap { Int($0.0) }
        #expect(numbers == numbers.sorted())

        bench.log.write("after")
        bench.log.stop()
        let last = try bench.lines { $0.last == "after" }
        #expect(last.count == lines.count + 1)
    }

    @Test("stops in the time it is given when nobody reads")
    func unread() throws {
        var bench = try Bench()
        bench.log.write(String(repeating: "x", count: 300_000))
        let before = Clock.monotonic()
        bench.log.stop(timeout: .milliseconds(50))
        #expect(Clock.monotonic() - before < .seconds(5), "a reader that takes nothing holds nobody up")
        // What was taken is still written when somebody reads at last: the thread was left alone, not cut.
        let lines = try bench.lines { !$0.isEmpty }
        #expect(lines.map(\.count) == [300_000])
    }
}
