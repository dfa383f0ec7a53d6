// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CSystemd

/// A socket that systemd opened for us (sd_listen_fds_with_names(3)).
package struct InheritedSocket: Hashable, Sendable {
    /// The descriptor's number; whoever adopts it owns it.
    package let number: CInt
    /// `FileDescriptorName=` of the socket unit.
    package let name: String
}

/// What a service says to and learns from the service manager; every call is harmless without one.
package enum ServiceManager {
    /// The sockets handed over at start; call once, before threads start. The environment is cleared.
    package static func inheritedSockets() -> [InheritedSocket] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = unsafe sd_listen_fds_with_names(1, &names)
        guard count > 0 else { return [] }
        var sockets: [InheritedSocket] = []
        for index in 0..<Int(count) {
            // SAFETY: the array holds `count` strings, each ours to free, as the manual page says.
            let text = unsafe names?[index]
            sockets.append(
                InheritedSocket(
                    number: csystemd_first_descriptor() + CInt(index),
                    name: unsafe text.map { unsafe String(cString: $0) } ?? "unknown"
                )
            )
            unsafe free(text)
        }
        unsafe free(names)
        return sockets
    }

    /// Sends one state, such as `READY=1` or `STATUS=serving 12 partners` (sd_notify(3)).
    ///
    /// - Precondition: `state` has no newline that its author did not mean.
    package static func notify(_ state: String) { _ = unsafe sd_notify(0, state) }

    /// How often the manager wants to hear `WATCHDOG=1`, or nothing when it does not (sd_watchdog_enabled(3)).
    ///
    /// Send it at half this interval.
    package static func watchdogInterval() -> Duration? {
        var microseconds: UInt64 = 0
        return unsafe sd_watchdog_enabled(0, &microseconds) > 0 ? .microseconds(microseconds) : nil
    }
}
