// SPDX-License-Identifier: Apache-2.0
package import Base
package import LinuxIO
package import Synchronization

/// One listening socket, shared by all loops; it outlives every reload.
///
/// It carries the options of its connections, which have them from birth (``Sockets/tune(_:)``).
package final class Listener: Sendable {
    /// What its program uses it for.
    package let use: UInt8
    package let endpoint: IPEndpoint
    package let descriptor: OwnedDescriptor
    package let live = Atomic<Int>(0)
    package let accepted = Atomic<Int>(0)
    package let refused = Atomic<Int>(0)

    package init(use: UInt8, endpoint: IPEndpoint, descriptor: consuming OwnedDescriptor) {
        self.use = use
        self.endpoint = endpoint
        self.descriptor = descriptor
        Sockets.tune(self.descriptor)
    }
}
