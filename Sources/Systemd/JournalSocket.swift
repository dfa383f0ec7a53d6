// SPDX-License-Identifier: Apache-2.0
internal import CSystemd
internal import Glibc
internal import Synchronization

/// The socket of the journal for entries with fields of their own (systemd-journald.service(8)).
package final class JournalSocket: Sendable {
    package static let standardPath = "/run/systemd/journal/socket"

    package enum Outcome: Hashable, Sendable {
        case sent
        /// The journal is behind: wait, and send it again.
        case full
        /// Longer than a datagram may be.
        case tooLong
        /// Nobody takes it: the journal is not there.
        case unreachable
    }

    private let path: String
    /// -1 while the journal cannot be reached.
    private let descriptor: Mutex<CInt>

    /// - Returns: nothing when nobody listens at `path`.
    package init?(path: String = standardPath) {
        let descriptor = unsafe csystemd_datagram_connect(path)
        guard descriptor >= 0 else { return nil }
        self.path = path
        self.descriptor = Mutex(descriptor)
    }

    deinit {
        let last = descriptor.withLock { $0 }
        if last >= 0 { _ = close(last) }
    }

    /// Sends one entry without waiting; a journal that was started anew is connected to again.
    package func send(_ entry: borrowing JournalEntry) -> Outcome {
        let bytes = entry.bytes
        return descriptor.withLock { descriptor in
            for _ in 0..<2 {
                if descriptor < 0 { descriptor = unsafe csystemd_datagram_connect(path) }
                guard descriptor >= 0 else { return .unreachable }
                // SAFETY: the pointer is used inside the closure only.
                let number = descriptor
                let status = unsafe bytes.withUnsafeBytes { raw in
                    unsafe csystemd_datagram_send(number, raw.baseAddress, raw.count)
                }
                switch -status {
                case 0: return .sent
                case EAGAIN, ENOBUFS: return .full
                case EMSGSIZE: return .tooLong
                default:
                    _ = close(descriptor)
                    descriptor = -1
                }
            }
            return .unreachable
        }
    }

    /// Waits at most `milliseconds` until the journal takes more.
    ///
    /// - Returns: false when it does not.
    package func waitForRoom(milliseconds: Int) -> Bool {
        let number = descriptor.withLock { $0 }
        return number < 0 || csystemd_writable(number, CInt(clamping: milliseconds)) != 0
    }
}

/// What a program was started with that goes to the journal (systemd.exec(5), `$JOURNAL_STREAM`).
package enum JournalStream {
    package static var isStandardOutput: Bool { isStream(STDOUT_FILENO) }
    package static var isStandardError: Bool { isStream(STDERR_FILENO) }

    private static func isStream(_ descriptor: CInt) -> Bool {
        unsafe csystemd_is_stream(descriptor, getenv("JOURNAL_STREAM")) != 0
    }
}
