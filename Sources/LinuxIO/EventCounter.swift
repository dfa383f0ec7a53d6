// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CLinux
internal import Glibc

/// A doorbell between threads (eventfd(2)): many ring, one listens.
package struct EventCounter: ~Copyable, Sendable {
    package let descriptor: OwnedDescriptor

    package init() throws(Errno) {
        let fd = clinux_eventfd()
        guard fd >= 0 else { throw Errno.current }
        descriptor = OwnedDescriptor(adopting: fd)
    }

    package borrowing func ring() {
        var one: UInt64 = 1
        _ = unsafe Glibc.write(descriptor.rawValue, &one, 8)
    }

    package borrowing func silence() {
        var count: UInt64 = 0
        _ = unsafe Glibc.read(descriptor.rawValue, &count, 8)
    }
}
