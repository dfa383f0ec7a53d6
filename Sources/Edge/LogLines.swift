// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine

/// One worker's lines for the log, gathered until there are enough of them or the oldest has waited enough.
///
/// A hand-over wakes the log's thread, which costs more than writing ten lines.
struct LogLines: ~Copyable {
    /// Handed over at the end of the turn that brings so many.
    static let byteCountMax = 16 << 10
    /// The oldest line waits no longer than this for company.
    static let ageMax = Timeout(.milliseconds(20))

    private var lines = ByteBuffer(capacity: 2 * byteCountMax)
    /// How every line of one second begins: with the time, up to its fraction.
    private var beginning = ByteBuffer()
    private var beginningAt = Int64.min
    /// When they are handed over at the latest.
    private(set) var dueAt = MonotonicInstant.distantFuture

    /// Appends one line.
    mutating func append(at wallNow: WallInstant, _ now: MonotonicInstant, _ write: (inout JSONWriter) -> Void) {
        var line = begin(at: wallNow, now)
        write(&line)
        end(line)
    }

    /// Begins a line, and gives all lines away until ``end(_:)``: what is appended to a local's buffer is
    /// appended in registers.
    @inline(__always)
    mutating func begin(at wallNow: WallInstant, _ now: MonotonicInstant) -> JSONWriter {
        if lines.isEmpty { dueAt = now + Self.ageMax }
        if wallNow.seconds != beginningAt { beginSecond(of: wallNow) }
        var taken = ByteBuffer()
        swap(&taken, &lines)
        taken.append(beginning.bytes)
        Self.append(millisecondsOf: wallNow, to: &taken)
        return JSONWriter(continuing: taken)
    }

    /// Ends the line that was begun.
    @inline(__always)
    mutating func end(_ line: consuming JSONWriter) {
        var taken = line.finish()
        taken.append(UInt8(ascii: "\n"))
        lines = taken
    }

    private mutating func beginSecond(of wallNow: WallInstant) {
        beginningAt = wallNow.seconds
        beginning.removeAll()
        beginning.append("{\"time\":\"")
        beginning.append(rfc3339: wallNow)
        beginning.truncate(to: beginning.count - 4)
    }

    @inline(__always)
    private static func append(millisecondsOf wallNow: WallInstant, to lines: inout ByteBuffer) {
        let milliseconds = UInt64(wallNow.nanoseconds / 1_000_000)
        let (hundreds, tens, ones) = (milliseconds / 100, milliseconds / 10 % 10, milliseconds % 10)
        let digits = 0x30_3030 + (hundreds | tens << 8 | ones << 16)
        lines.append(word: digits | UInt64(UInt8(ascii: "Z")) << 24 | UInt64(UInt8(ascii: "\"")) << 32, byteCount: 5)
    }

    /// Hands the lines to `log` when there are enough, or when it is time.
    mutating func handOver(to log: LogWriter, now: MonotonicInstant) {
        if lines.count >= Self.byteCountMax || now >= dueAt { handOver(to: log) }
    }

    mutating func handOver(to log: LogWriter) {
        log.write(lines.bytes)
        lines.removeAll()
        dueAt = .distantFuture
    }
}
