// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// A running thread with one owner.
///
/// Letting go of it detaches; ``join()`` waits for it.
package struct OwnedThread: ~Copyable, Sendable {
    private let rawValue: pthread_t

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// - Parameter name: at most 15 bytes, as `ps -T` shows it.
    package init(name: String, _ run: @escaping @Sendable () -> Void) throws(Errno) {
        var rawValue = pthread_t()
        let body = unsafe Unmanaged.passRetained(Body(run))
        // `@Sendable` is load-bearing: an unmarked literal can inherit main-actor isolation from where
        // it is written, and then traps when the new thread enters it.
        let status = unsafe pthread_create(
            &rawValue,
            nil,
            { @Sendable body in
                // SAFETY: the argument is the reference retained above, taken exactly once.
                guard let body = unsafe body else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(body).takeRetainedValue().run()
                return nil
            },
            body.toOpaque()
        )
        guard status == 0 else {
            unsafe body.release()
            throw Errno(rawValue: status)
        }
        _ = unsafe clinux_name_thread(rawValue, String(name.prefix(15)))
        self.rawValue = rawValue
    }

    deinit { _ = pthread_detach(rawValue) }

    package consuming func join() {
        let rawValue = rawValue
        discard self
        _ = pthread_join(rawValue, nil)
    }

    /// Keeps the calling thread on one processor.
    package static func pinCurrent(toProcessor index: Int) throws(Errno) {
        guard clinux_pin_thread(CInt(clamping: index)) == 0 else { throw Errno.current }
    }
}
