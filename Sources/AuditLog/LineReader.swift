// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
internal import Base
package import LinuxIO

/// Reads a file of any size line by line, from any place on; of a line of any length it holds as much as the log's
/// longest one has.
package struct LineReader: ~Copyable {
    private static let readBytes = 256 << 10
    private static let keptMax = TrailLine.bytesMax + 1

    private let file: OwnedDescriptor
    private var buffer = ByteBuffer()
    /// Looked through and without a newline.
    private var searched = 0
    /// The beginning of a line that is longer than the buffer, and how many of its bytes are not in the buffer any more.
    private var beginning: [UInt8] = []
    private var passedCount = 0
    /// Where the next line begins in the file.
    package private(set) var offset: Int
    /// Bytes at `offset` that no newline ends, known at the end of the file.
    package var unfinished: Int { passedCount + buffer.count }

    package init(_ path: String, from offset: Int = 0) throws(Errno) {
        file = try FileStore.open(path)
        self.offset = offset
    }

    /// The next whole line without its newline, cut where it is longer than any line of the log; nothing at the file's
    /// end, where more may come later.
    ///
    /// - Parameter limit: nothing is read behind this place of the file.
    package mutating func next(limit: Int = .max) throws(Errno) -> [UInt8]? {
        while true {
            if let end = Self.newline(in: buffer, from: searched) {
                let line = beginning + Array(buffer.bytes.extracting(0..<min(end, Self.keptMax - beginning.count)))
                buffer.consume(end + 1)
                offset += passedCount + end + 1
                (searched, passedCount) = (0, 0)
                beginning = []
                return line
            }
            if buffer.count >= Self.readBytes { pass() }
            searched = buffer.count
            let readOffset = offset + passedCount + buffer.count
            let wanted = min(Self.readBytes, limit - readOffset)
            guard wanted > 0 else { return nil }
            guard case .received = try file.read(into: &buffer, byteCountMax: wanted, at: readOffset) else {
                return nil
            }
        }
    }

    /// Gives up what no line of the log is as long as.
    private mutating func pass() {
        if beginning.isEmpty { beginning = Array(buffer.bytes.extracting(0..<Self.keptMax)) }
        passedCount += buffer.count
        buffer.removeAll()
    }

    private static func newline(in buffer: borrowing ByteBuffer, from start: Int) -> Int? {
        let bytes = buffer.bytes
        let end = bytes.firstIndex(from: start, to: bytes.count) { $0.equals(UInt8(ascii: "\n")) }
        return end < bytes.count ? end : nil
    }
}
