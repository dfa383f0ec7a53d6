// SPDX-License-Identifier: Apache-2.0

/// Whether a poller watches a listening socket: it does while there is room for another caller, and who comes
/// meanwhile waits in the socket's queue.
package struct ListenerWatch: Sendable {
    private let token: UInt64
    private var isWatching = false

    /// - Parameter token: of the listener's events.
    package init(token: UInt64) { self.token = token }

    /// Takes the listener into the poller or out of it, where it is not yet as it should be.
    package mutating func set(
        _ wanted: Bool,
        _ listener: borrowing OwnedDescriptor,
        in poller: borrowing Poller
    ) {
        guard wanted != isWatching else { return }
        isWatching = wanted
        if wanted { poller.requireInput(listener, token: token) } else { poller.remove(listener) }
    }
}

extension Poller {
    /// Watches a listening socket or doorbell for input, level-triggered; ends the process where the kernel has no
    /// memory for it, for a thread that could do nothing else either.
    package borrowing func requireInput(_ descriptor: borrowing OwnedDescriptor, token: UInt64) {
        do throws(Errno) {
            try addInput(descriptor, token: token)
        } catch {
            fatalError("epoll_ctl: \(error)")
        }
    }
}
