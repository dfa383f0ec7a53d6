// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CSystemd

/// What a service says to and learns from the service manager; every call is harmless without one.
package enum ServiceManager {
    /// The descriptors handed over at start; call once, before threads start. The environment is cleared.
    ///
    /// Those of socket units come first, then those of the descriptor store (sd_listen_fds(3)).
    package static func inheritedDescriptors() -> [InheritedDescriptor] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = unsafe sd_listen_fds_with_names(1, &names)
        guard count > 0 else { return [] }
        var descriptors: [InheritedDescriptor] = []
        for index in 0..<Int(count) {
            // SAFETY: the array holds `count` strings, each ours to free, as the manual page says.
            let text = unsafe names?[index]
            descriptors.append(
                InheritedDescriptor(
                    number: csystemd_first_descriptor() + CInt(index),
                    name: unsafe text.map { unsafe String(cString: $0) } ?? "unknown"
                )
            )
            unsafe free(text)
        }
        unsafe free(names)
        return descriptors
    }

    /// Sends all of `words` in one message (sd_notify(3)).
    package static func notify(_ words: ServiceWord...) { notify(words) }

    package static func notify(_ words: [ServiceWord]) {
        _ = unsafe sd_notify(0, words.map(\.line).joined(separator: "\n"))
    }

    /// Leaves a duplicate of a descriptor with the manager, which hands it to the next process of this service
    /// under `name` (`FDSTORE=1`); the unit needs `FileDescriptorStoreMax=`.
    ///
    /// The manager does not watch it (`FDPOLL=0`): an error that is queued on a socket is no reason to drop it.
    ///
    /// - Parameter name: letters, digits and hyphens; never a colon.
    /// - Returns: whether the manager was told; false without one.
    @discardableResult
    package static func store(_ number: CInt, name: String) -> Bool {
        var number = number
        return unsafe sd_pid_notify_with_fds(0, 0, "FDSTORE=1\nFDPOLL=0\nFDNAME=\(name)", &number, 1) > 0
    }

    /// Has the manager close every descriptor it keeps under `name` (`FDSTOREREMOVE=1`).
    package static func removeStored(name: String) {
        _ = unsafe sd_notify(0, "FDSTOREREMOVE=1\nFDNAME=\(name)")
    }

    /// How often to send ``ServiceWord/watchdog``, or nothing when the manager does not want to hear it
    /// (sd_watchdog_enabled(3)).
    ///
    /// A third of what it waits: one that comes late is not the last.
    package static func beatInterval() -> Duration? {
        var microseconds: UInt64 = 0
        return unsafe sd_watchdog_enabled(0, &microseconds) > 0 ? .microseconds(microseconds) / 3 : nil
    }
}
