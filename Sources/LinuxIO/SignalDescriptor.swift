// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// Signals as events: blocked in every thread started afterwards, read from a descriptor (signalfd(2)).
package struct SignalDescriptor: ~Copyable, Sendable {
    package enum Signal: CInt, Sendable {
        case hangUp = 1
        case interrupt = 2
        case user1 = 10
        case terminate = 15
        case child = 17
    }

    package let descriptor: OwnedDescriptor

    /// Call before any other thread starts: threads inherit the blocked set.
    package init(_ signals: [Signal]) throws(Errno) {
        let numbers = signals.map(\.rawValue)
        // SAFETY: the array outlives the call.
        let fd = unsafe numbers.withUnsafeBufferPointer {
            unsafe clinux_signalfd($0.baseAddress, CInt(clamping: $0.count))
        }
        guard fd >= 0 else { throw Errno.current }
        descriptor = OwnedDescriptor(adopting: fd)
    }

    /// Writing to a pipe nobody reads becomes `EPIPE` instead of the end of the process.
    package static func ignoreBrokenPipes() { _ = Glibc.signal(SIGPIPE, SIG_IGN) }

    /// The next pending signal, or nothing.
    package borrowing func next() -> Signal? {
        var number: CInt = 0
        guard unsafe clinux_signalfd_read(descriptor.rawValue, &number) == 0 else { return nil }
        return Signal(rawValue: number)
    }

    /// Waits for the next signal; nothing when `timeout` passes first.
    package borrowing func wait(timeout: Duration?) -> Signal? {
        try? descriptor.wait(for: .readable, timeout: timeout)
        return next()
    }
}
