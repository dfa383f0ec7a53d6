// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import Synchronization

/// One listening socket, shared by all workers; it outlives every reload.
///
/// It carries the options of its connections, which have them from birth (``Sockets/tune(_:)``).
final class Listener: Sendable {
    let side: ServerConnection.Side
    let endpoint: IPEndpoint
    let descriptor: OwnedDescriptor
    let live = Atomic<Int>(0)
    let accepted = Atomic<Int>(0)
    let refused = Atomic<Int>(0)

    init(side: ServerConnection.Side, endpoint: IPEndpoint, descriptor: consuming OwnedDescriptor) {
        self.side = side
        self.endpoint = endpoint
        self.descriptor = descriptor
        Sockets.tune(self.descriptor)
    }
}
