// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Glibc

/// A few descriptors waited for at once (poll(2)), named anew for each wait.
///
/// For programs that may block; a worker has its ``Poller``. Unlike that it takes regular files, which are always ready.
package struct PollSet {
    /// What a descriptor is waited for; its end and its errors always are.
    package enum Interest: Sendable {
        case reading
        case writing
        case both
        case end
    }

    private var entries: [pollfd] = []

    package init() {}

    package mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    fileprivate mutating func add(_ number: CInt, _ interest: Interest) -> Int {
        let events: CInt =
            switch interest {
            case .reading: POLLIN
            case .writing: POLLOUT
            case .both: POLLIN | POLLOUT
            case .end: 0
            }
        entries.append(pollfd(fd: number, events: Int16(events), revents: 0))
        return entries.count - 1
    }

    /// Waits until one of them is ready, a signal came, or `timeout` has passed; nothing waits for ever.
    ///
    /// - Precondition: none was closed since it was named.
    package mutating func wait(timeout: Duration? = nil) throws(Errno) {
        let left = timeout.map { CInt(clamping: max(0, $0.milliseconds + 1)) } ?? -1
        // SAFETY: the array holds as many entries as it says.
        let result = unsafe entries.withUnsafeMutableBufferPointer { entries in
            unsafe Glibc.poll(entries.baseAddress, nfds_t(entries.count), left)
        }
        guard result < 0 else { return }
        let error = Errno.current
        for index in entries.indices { entries[index].revents = 0 }
        if error.rawValue != EINTR { throw error.orTrap("poll") }
    }

    /// A read of what was named as the `index`th will not wait.
    package func isReadable(_ index: Int?) -> Bool { has(POLLIN | POLLHUP | POLLERR, index) }

    /// A write will not wait, of 4096 bytes at least where it is a pipe (pipe(7), PIPE_BUF).
    package func isWritable(_ index: Int?) -> Bool { has(POLLOUT | POLLHUP | POLLERR, index) }

    /// Nobody reads what is written to it any more.
    package func isGone(_ index: Int?) -> Bool { has(POLLHUP | POLLERR, index) }

    private func has(_ events: CInt, _ index: Int?) -> Bool {
        guard let index else { return false }
        return CInt(entries[index].revents) & events != 0
    }
}

extension OwnedDescriptor {
    /// Has the next wait watch this descriptor.
    ///
    /// - Returns: how the set calls it.
    package borrowing func enlist(in set: inout PollSet, for interest: PollSet.Interest) -> Int {
        set.add(rawValue, interest)
    }

    /// Where standard input comes from, as our own; what reads standard input after this finds its end.
    package static func takeStandardInput() throws(Errno) -> OwnedDescriptor { try take(STDIN_FILENO, O_RDONLY) }

    /// Where standard output goes, as our own, so that closing it is the end for who reads there; what is written to
    /// standard output after this goes nowhere.
    package static func takeStandardOutput() throws(Errno) -> OwnedDescriptor { try take(STDOUT_FILENO, O_WRONLY) }

    private static func take(_ number: CInt, _ mode: CInt) throws(Errno) -> OwnedDescriptor {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw Errno.current }
        let taken = OwnedDescriptor(adopting: copy)
        let nowhere = unsafe Glibc.open("/dev/null", mode | O_CLOEXEC)
        guard nowhere >= 0 else { throw Errno.current }
        defer { _ = Glibc.close(nowhere) }
        guard dup2(nowhere, number) >= 0 else { throw Errno.current }
        return taken
    }
}
