// SPDX-License-Identifier: Apache-2.0
package import Base
internal import CLinux
internal import Glibc

/// Files that grow at their end, and are read from anywhere.
extension FileStore {
    /// Opens a file to write behind its end, whoever else does (O_APPEND); makes it where it is not there.
    ///
    /// A symbolic link is refused (`ELOOP`).
    package static func openToAppend(_ path: String, mode: UInt32) throws(Errno) -> OwnedDescriptor {
        let fd = unsafe clinux_open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, mode)
        guard fd >= 0 else { throw Errno.current }
        return OwnedDescriptor(adopting: fd)
    }

    /// Opens a file to write anywhere in it; makes it where it is not there.
    package static func openToWrite(_ path: String, mode: UInt32) throws(Errno) -> OwnedDescriptor {
        let fd = unsafe clinux_open(path, O_WRONLY | O_CREAT | O_NOFOLLOW, mode)
        guard fd >= 0 else { throw Errno.current }
        return OwnedDescriptor(adopting: fd)
    }
}

extension OwnedDescriptor {
    /// Makes a file's content outlast a power cut (fdatasync(2)).
    package borrowing func synchronizeContent() throws(Errno) {
        guard fdatasync(rawValue) == 0 else { throw Errno.current }
    }

    /// Locks the file until this descriptor is closed, by the end of the process at the latest (flock(2)).
    ///
    /// - Throws: `EAGAIN` when another one has it.
    package borrowing func lock() throws(Errno) {
        guard clinux_lock(rawValue) == 0 else { throw Errno.current.orTrap("flock") }
    }

    /// Cuts a file, or adds zeros to it (ftruncate(2)).
    package borrowing func resize(to byteCount: Int) throws(Errno) {
        guard ftruncate(rawValue, off_t(byteCount)) == 0 else { throw Errno.current }
    }

    /// Makes sure that a file's first `byteCount` bytes have their room on the volume (fallocate(2)).
    ///
    /// - Throws: `ENOSPC`; `EOPNOTSUPP` on a file system that cannot.
    package borrowing func allocate(_ byteCount: Int) throws(Errno) {
        guard clinux_allocate(rawValue, off_t(byteCount)) == 0 else { throw Errno.current }
    }

    /// Reads once from a place in a file, appending at most `byteCountMax` bytes to `buffer` (pread(2)).
    package borrowing func read(
        into buffer: inout ByteBuffer,
        byteCountMax: Int,
        at offset: Int
    ) throws(Errno) -> ReadOutcome {
        let fd = rawValue
        return try buffer.withSpare(atLeast: byteCountMax) { (output: inout OutputRawSpan) throws(Errno) in
            while true {
                // SAFETY: at most `byteCountMax` bytes are written, for which there is room, and counted.
                let result = unsafe output.withUnsafeMutableBytes { bytes, initializedCount in
                    let place = unsafe bytes.baseAddress! + initializedCount
                    let result = unsafe pread(fd, place, byteCountMax, off_t(offset))
                    if result > 0 { initializedCount += result }
                    return result
                }
                if result > 0 { return .received(byteCount: result) }
                if result == 0 { return .endOfStream }
                let error = Errno.current
                if error.rawValue != EINTR { throw error.orTrap("pread") }
            }
        }
    }

    /// Writes over a file's beginning (pwrite(2)).
    package borrowing func overwrite(_ bytes: Span<UInt8>) throws(Errno) {
        let fd = rawValue
        // SAFETY: the pointer is used inside the closure only.
        let result = unsafe bytes.withUnsafeBytes { raw in unsafe pwrite(fd, raw.baseAddress, raw.count, 0) }
        guard result >= 0 else { throw Errno.current.orTrap("pwrite") }
        guard result == bytes.count else { throw .noSpace }
    }

    /// Bytes sent over a TCP connection that the peer's kernel has not acknowledged (tcp(7), SIOCOUTQ).
    package borrowing func unacknowledgedBytes() -> Int {
        Int(clinux_unacknowledged(rawValue))
    }
}
