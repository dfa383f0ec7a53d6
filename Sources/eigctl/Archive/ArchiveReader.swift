// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import TLS

/// Reads a tar archive that ``ArchiveWriter`` wrote, member by member, from its beginning to its end.
struct ArchiveReader: ~Copyable {
    private let path: String
    private let input: OwnedDescriptor

    init(path: String) throws(Failure) {
        self.path = path
        do throws(Errno) {
            input = try FileStore.open(path)
        } catch {
            throw Failure(code: "unreadable", message: "\(path): \(error)")
        }
    }

    /// The next member's header; nothing at the end.
    mutating func next() throws(Failure) -> TarHeader? {
        switch TarHeader.read(try read(exactly: TarHeader.blockBytes)) {
        case .member(let header): return header
        case .end: return nil
        case .refused(let why): throw Failure(code: "bad_archive", message: "\(path): \(why)")
        }
    }

    /// The content of the member whose header was read last, in parts of at most a mebibyte.
    ///
    /// - Returns: its SHA-256.
    mutating func content(
        _ header: TarHeader,
        _ take: ([UInt8]) throws(Failure) -> Void = { _ throws(Failure) in }
    ) throws(Failure) -> [UInt8] {
        var digest = Digest.Running()
        var left = header.byteCount
        while left > 0 {
            let part = try read(exactly: min(left, 1 << 20))
            left -= part.count
            digest.add(part.span)
            try take(part)
        }
        _ = try read(exactly: TarHeader.padding(header.byteCount))
        return digest.finish()
    }

    /// The content whole, where it is short.
    mutating func content(_ header: TarHeader, byteCountMax: Int) throws(Failure) -> (bytes: [UInt8], sha256: [UInt8]) {
        guard header.byteCount <= byteCountMax else {
            throw Failure(code: "bad_archive", message: "\(path): \(header.path.printable) is longer than it may be")
        }
        var bytes: [UInt8] = []
        let sha256 = try content(header) { part throws(Failure) in bytes += part }
        return (bytes, sha256)
    }

    private func read(exactly count: Int) throws(Failure) -> [UInt8] {
        var buffer = ByteBuffer()
        while buffer.count < count {
            do throws(Errno) {
                guard case .received = try input.read(into: &buffer, byteCountMax: count - buffer.count) else { break }
            } catch {
                throw Failure(code: "unreadable", message: "\(path): \(error)")
            }
        }
        guard buffer.count == count else {
            throw Failure(code: "bad_archive", message: "\(path): it ends in the middle")
        }
        return buffer.array
    }
}
