// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Testing

@testable import Edge

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

@Suite("A worker's lines")
struct LogLinesTests {
    private static let wall = WallInstant(seconds: 1_795_000_000, nanoseconds: 7_000_000)

    /// What a log got, after it has ended.
    private static func written(_ body: (LogWriter) -> Void) throws -> [Substring] {
        let pipe = try Pipe()
        let log = try LogWriter(try pipe.writer.duplicate())
        let reader = pipe.keepReader()
        body(log)
        log.stop()
        var received = ByteBuffer()
        while case .received = try reader.read(into: &received, byteCountMax: 64 << 10) {}
        return String(received.bytes).split(separator: "\n")
    }

    private static func add(_ number: Int, to lines: inout LogLines, _ now: MonotonicInstant) {
        lines.append(at: wall, now) { $0.field("number", number) }
    }

    @Test("begin with the time, and are handed over when the oldest has waited long enough")
    func age() throws {
        var lines = LogLines()
        let start = MonotonicInstant(nanoseconds: 1_000_000_000)
        #expect(lines.dueAt == .distantFuture, "no lines wake nobody")
        Self.add(1, to: &lines, start)
        Self.add(2, to: &lines, start + .milliseconds(19))
        #expect(lines.dueAt == start + LogLines.ageMax, "the oldest line counts")
        let soon = try Self.written { lines.handOver(to: $0, now: lines.dueAt + .nanoseconds(-1)) }
        #expect(soon == [])
        let due = try Self.written { lines.handOver(to: $0, now: lines.dueAt) }
        let time = "{\"time\":\"\(Self.wall.rfc3339)\""
        #expect(due == ["\(time),\"number\":1}", "\(time),\"number\":2}"])
        #expect(lines.dueAt == .distantFuture)
        let nothing = try Self.written { lines.handOver(to: $0) }
        #expect(nothing == [])
    }

    @Test("are handed over at once when there are many")
    func size() throws {
        var lines = LogLines()
        let now = MonotonicInstant(nanoseconds: 1_000_000_000)
        var count = 0
        let seen = try Self.written { log in
            // 40 bytes and a number: the count that makes 16 KiB is not the point.
            while lines.dueAt != .distantFuture || count == 0 {
                Self.add(count, to: &lines, now)
                count += 1
                lines.handOver(to: log, now: now)
            }
        }
        #expect(seen.count == count)
        #expect((200...LogLines.byteCountMax / 40).contains(count))
    }

    @Test("say the millisecond they were written in")
    func time() throws {
        var lines = LogLines()
        let now = MonotonicInstant(nanoseconds: 5)
        for milliseconds in [0, 0, 1, 0] {
            let at = WallInstant(milliseconds: Self.wall.milliseconds + Int64(milliseconds))
            lines.append(at: at, now) { $0.field("ms", milliseconds) }
        }
        let seen = try Self.written { lines.handOver(to: $0) }
        let ends = seen.map { String($0.dropFirst(28).prefix(6)) }
        #expect(ends == [".007Z\"", ".007Z\"", ".008Z\"", ".007Z\""])
    }
}
