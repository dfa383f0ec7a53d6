// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import TLS

/// A tar archive on its way: written beside its place, readable by its owner only, and put there whole.
struct ArchiveWriter: ~Copyable {
    let path: String
    private let temporary: String
    private let output: OwnedDescriptor
    private(set) var byteCount = 0

    /// - Parameter path: of the archive; one that is there stays until ``finish()``.
    init(path: String) throws(Failure) {
        self.path = path
        temporary = "\(path).\(Hex.encode(Random.bytes(6))).tmp"
        do throws(Errno) {
            output = try FileStore.create(temporary, mode: 0o600)
        } catch {
            throw Self.failure(path, error)
        }
    }

    /// The name it has until ``finish()``.
    var temporaryPath: String { temporary }

    mutating func add(_ header: TarHeader, _ bytes: [UInt8]) throws(Failure) {
        try begin(header)
        try write(bytes)
        try pad(bytes.count)
    }

    /// Adds what `input` has, which must be exactly as long as the header says.
    ///
    /// - Returns: its SHA-256.
    mutating func add(_ header: TarHeader, from input: borrowing OwnedDescriptor) throws(Failure) -> [UInt8] {
        try begin(header)
        var digest = Digest.Running()
        var left = header.byteCount
        while left > 0 {
            var buffer = ByteBuffer()
            let outcome: ReadOutcome
            do throws(Errno) {
                outcome = try input.read(into: &buffer, byteCountMax: min(left, 1 << 20))
            } catch {
                throw Failure(code: "unreadable", message: "\(header.path): \(error)")
            }
            guard case .received(let count) = outcome else {
                throw Failure(code: "unreadable", message: "\(header.path): it became shorter while it was read")
            }
            left -= count
            let bytes = buffer.array
            digest.add(bytes.span)
            try write(bytes)
        }
        try pad(header.byteCount)
        return digest.finish()
    }

    /// Ends the archive and syncs it; it keeps its temporary name until ``place()``.
    mutating func end() throws(Failure) {
        try write([UInt8](repeating: 0, count: 2 * TarHeader.blockBytes))
        do throws(Errno) { try output.synchronize() } catch { throw Self.failure(path, error) }
    }

    /// Puts it in its place.
    consuming func place() throws(Failure) {
        do throws(Errno) {
            try FileStore.rename(temporary, to: path)
            try FileStore.synchronize(folder: FileStore.folder(of: path))
        } catch {
            throw Self.failure(path, error)
        }
    }

    /// Leaves nothing behind.
    consuming func abandon() { try? FileStore.remove(temporary) }

    private mutating func begin(_ header: TarHeader) throws(Failure) {
        guard let bytes = header.bytes else {
            throw Failure(
                code: "name_too_long",
                message: "\(header.path.printable): its name is too long for an archive"
            )
        }
        try write(bytes)
    }

    private mutating func pad(_ byteCount: Int) throws(Failure) {
        try write([UInt8](repeating: 0, count: TarHeader.padding(byteCount)))
    }

    private mutating func write(_ bytes: [UInt8]) throws(Failure) {
        byteCount += bytes.count
        do throws(Errno) { try output.writeAll(bytes.span) } catch { throw Self.failure(path, error) }
    }

    private static func failure(_ path: String, _ error: Errno) -> Failure {
        let hint = error == .noSpace ? "make room there, or write it elsewhere with `--output`" : nil
        return Failure(code: "not_written", message: "\(path): \(error); nothing of it is left", hint: hint)
    }
}
