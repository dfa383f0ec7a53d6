// SPDX-License-Identifier: Apache-2.0
import Base
import Engine
import LinuxIO
import Testing

@testable import Edge

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
