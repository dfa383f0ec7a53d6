// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CLinux
internal import Glibc

/// What a program says to the one who started it.
package enum StandardStream: Sendable {
    case output
    case error

    private var rawValue: CInt { self == .output ? STDOUT_FILENO : STDERR_FILENO }

    /// Writes all of it; a reader that has gone is nobody to complain to.
    package func write(_ text: String) { write(Array(text.utf8)) }

    package func write(_ bytes: [UInt8]) { _ = writeIfRead(bytes) }

    /// Writes all of it, for what goes on only as long as somebody reads; without SIGPIPE ignored that ends the process.
    ///
    /// - Returns: false when it cannot be written.
    package func writeIfRead(_ text: String) -> Bool { writeIfRead(Array(text.utf8)) }

    private func writeIfRead(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            // SAFETY: the pointer is used inside the closure only.
            let sent = unsafe bytes.withUnsafeBytes { raw in
                unsafe Glibc.write(rawValue, raw.baseAddress! + offset, raw.count - offset)
            }
            if sent > 0 {
                offset += sent
            } else if Errno.current.rawValue == EAGAIN {
                var entry = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
                _ = unsafe Glibc.poll(&entry, 1, -1)
            } else if Errno.current.rawValue != EINTR {
                return false
            }
        }
        return true
    }

    package var isTerminal: Bool { isatty(rawValue) == 1 }
}

/// What the one who started a program says to it.
package enum StandardInput {
    package static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// Everything up to the end.
    ///
    /// - Throws: `EFBIG` when there is more than the bound.
    package static func readAll(byteCountMax: Int) throws(Errno) -> [UInt8] {
        let copy = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw Errno.current }
        let input = OwnedDescriptor(adopting: copy)
        var buffer = ByteBuffer()
        while true {
            switch try input.read(into: &buffer, byteCountMax: 4096) {
            case .received:
                guard buffer.count <= byteCountMax else { throw .fileTooLarge }
            case .wouldBlock: try input.wait(for: .readable, timeout: nil)
            case .endOfStream: return buffer.array
            }
        }
    }

    /// One line without its end, as it was typed; nothing at the end of the input.
    ///
    /// - Throws: `EFBIG` when the line is longer than the bound.
    package static func readLine(byteCountMax: Int = 4096) throws(Errno) -> String? {
        var line: [UInt8] = []
        while true {
            var byte: UInt8 = 0
            let count = unsafe Glibc.read(STDIN_FILENO, &byte, 1)
            if count < 0 {
                let error = Errno.current
                if error.rawValue == EINTR { continue }
                throw error
            }
            if count == 0 { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            guard line.count < byteCountMax else { throw .fileTooLarge }
            line.append(byte)
        }
    }

    /// One line from the controlling terminal, not shown while it is typed.
    ///
    /// - Throws: `ENXIO` when there is no terminal, `EINTR` when the user gave up, `E2BIG` past 1024 bytes.
    package static func readPassword(prompt: String) throws(Errno) -> [UInt8] {
        var line = [CChar](repeating: 0, count: 1024)
        let length = unsafe clinux_read_password(prompt, &line, line.count)
        guard length >= 0 else { throw Errno.current }
        return line.prefix(length).map { UInt8(bitPattern: $0) }
    }
}

/// The process's surroundings.
package enum Environment {
    /// Read at start-up only: nobody of ours sets a variable.
    package static func value(_ name: String) -> String? {
        // SAFETY: the answer is copied at once.
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    package static func exit(_ status: Int) -> Never { Glibc.exit(CInt(clamping: status)) }
}
