// SPDX-License-Identifier: Apache-2.0
package import Base
internal import CLinux
internal import Glibc

/// What one `read(2)` on a non-blocking descriptor came to.
///
/// None of these is an error.
package enum ReadOutcome: Hashable, Sendable {
    case received(byteCount: Int)
    case wouldBlock
    case endOfStream
}

/// What one `write(2)` on a non-blocking descriptor came to.
package enum WriteOutcome: Hashable, Sendable {
    case sent(byteCount: Int)
    case wouldBlock
}

/// A file descriptor with exactly one owner: it closes when its owner lets go of it.
///
/// The number never leaves this module except through ``release()``.
package struct OwnedDescriptor: ~Copyable, Sendable {
    let rawValue: CInt

    /// - Precondition: `rawValue` is open and nobody else will close it.
    package init(adopting rawValue: CInt) {
        invariant(rawValue >= 0, "adopting a descriptor that was never opened")
        self.rawValue = rawValue
    }

    deinit { _ = Glibc.close(rawValue) }

    /// A descriptor of our own for where standard output goes.
    package static func standardOutput() throws(Errno) -> OwnedDescriptor {
        let copy = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw Errno.current }
        return OwnedDescriptor(adopting: copy)
    }

    /// Gives up ownership: the caller must close the returned number.
    package consuming func release() -> CInt {
        let rawValue = rawValue
        discard self
        return rawValue
    }

    /// A second descriptor of the same open file (dup(2), close-on-exec).
    package borrowing func duplicate() throws(Errno) -> OwnedDescriptor {
        let copy = fcntl(rawValue, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw Errno.current.orTrap("fcntl") }
        return OwnedDescriptor(adopting: copy)
    }

    /// Reads once, appending at most `byteCountMax` bytes to `buffer`; retries `EINTR`.
    ///
    /// - Throws: any `errno` of `read(2)` but EAGAIN and EINTR, unchanged; close the descriptor.
    package borrowing func read(into buffer: inout ByteBuffer, byteCountMax: Int) throws(Errno) -> ReadOutcome {
        try take(into: &buffer, byteCountMax: byteCountMax, peeks: false)
    }

    /// The same from a socket, and leaves it there (recv(2), MSG_PEEK).
    package borrowing func peek(into buffer: inout ByteBuffer, byteCountMax: Int) throws(Errno) -> ReadOutcome {
        try take(into: &buffer, byteCountMax: byteCountMax, peeks: true)
    }

    private borrowing func take(
        into buffer: inout ByteBuffer,
        byteCountMax: Int,
        peeks: Bool
    ) throws(Errno) -> ReadOutcome {
        let fd = rawValue
        return try buffer.withSpare(atLeast: byteCountMax) { (output: inout OutputRawSpan) throws(Errno) in
            while true {
                // SAFETY: the closure writes at most `byteCountMax` bytes, which withSpare made room for,
                // and reports exactly how many.
                let result = unsafe output.withUnsafeMutableBytes { bytes, initializedCount in
                    let start = unsafe bytes.baseAddress! + initializedCount
                    let result =
                        unsafe peeks
                        ? Glibc.recv(fd, start, byteCountMax, CInt(MSG_PEEK)) : Glibc.read(fd, start, byteCountMax)
                    if result > 0 { initializedCount += result }
                    return result
                }
                if result > 0 { return .received(byteCount: result) }
                if result == 0 { return .endOfStream }
                let error = Errno.current
                if error.rawValue == EINTR { continue }
                if error.rawValue == EAGAIN { return .wouldBlock }
                throw error.orTrap("read")
            }
        }
    }

    /// Writes once to a socket, without SIGPIPE; retries `EINTR`.
    ///
    /// - Throws: any `errno` of `send(2)` but EAGAIN and EINTR, unchanged; close the descriptor.
    package borrowing func send(_ bytes: Span<UInt8>) throws(Errno) -> WriteOutcome {
        try put(bytes, isSocket: true)
    }

    /// Writes once to a file, pipe or terminal.
    package borrowing func write(_ bytes: Span<UInt8>) throws(Errno) -> WriteOutcome {
        try put(bytes, isSocket: false)
    }

    private borrowing func put(_ bytes: Span<UInt8>, isSocket: Bool) throws(Errno) -> WriteOutcome {
        let fd = rawValue
        while true {
            // SAFETY: the pointer is used inside the closure only.
            let result = unsafe bytes.withUnsafeBytes { raw in
                isSocket
                    ? unsafe Glibc.send(fd, raw.baseAddress, raw.count, CInt(MSG_NOSIGNAL))
                    : unsafe Glibc.write(fd, raw.baseAddress, raw.count)
            }
            if result >= 0 { return .sent(byteCount: result) }
            let error = Errno.current
            if error.rawValue == EINTR { continue }
            if error.rawValue == EAGAIN { return .wouldBlock }
            throw error.orTrap("send")
        }
    }

    /// Writes everything, waiting as needed; for blocking descriptors and start-up paths only.
    package borrowing func writeAll(_ bytes: Span<UInt8>) throws(Errno) {
        var offset = 0
        while offset < bytes.count {
            switch try write(bytes.extracting(offset..<bytes.count)) {
            case .sent(let byteCount): offset += byteCount
            case .wouldBlock: try wait(for: .writable, timeout: nil)
            }
        }
    }

    package enum Readiness: Sendable { case readable, writable }

    /// Waits with poll(2); for blocking programs, never on a worker.
    ///
    /// - Throws: `ETIMEDOUT` when `timeout` passes first.
    package borrowing func wait(for readiness: Readiness, timeout: Duration?) throws(Errno) {
        let events = Int16(readiness == .readable ? POLLIN : POLLOUT)
        let deadline = timeout.map { Clock.monotonic() + $0 }
        while true {
            var entry = pollfd(fd: rawValue, events: events, revents: 0)
            let left = deadline.map { CInt(clamping: max(0, ($0 - Clock.monotonic()).milliseconds + 1)) } ?? -1
            let result = unsafe Glibc.poll(&entry, 1, left)
            if result > 0 { return }
            if result == 0 { throw .timedOut }
            let error = Errno.current
            if error.rawValue != EINTR { throw error.orTrap("poll") }
        }
    }

    /// Half-closes a socket: the peer reads end of stream, we can still read (shutdown(2)).
    package borrowing func shutdownWrites() { _ = Glibc.shutdown(rawValue, CInt(SHUT_WR)) }

    package borrowing func setNonBlocking() throws(Errno) {
        guard clinux_set_nonblocking(rawValue) == 0 else { throw Errno.current.orTrap("fcntl") }
    }
}
