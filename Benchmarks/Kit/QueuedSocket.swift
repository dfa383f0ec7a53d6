// SPDX-License-Identifier: Apache-2.0
internal import Base
package import LinuxIO

/// A socket, and what the kernel has not taken of the bytes that were to be sent on it.
package struct QueuedSocket: ~Copyable {
    package let descriptor: OwnedDescriptor
    private var unsent = ByteBuffer()

    package init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// Nothing waits to be sent.
    package var isSettled: Bool { unsent.isEmpty }

    /// Sends `bytes` behind what waits; what the kernel does not take waits, too.
    package mutating func send(_ bytes: Span<UInt8>) throws(Errno) {
        var sentBytes = 0
        if unsent.isEmpty {
            while sentBytes < bytes.count, case .sent(let count) = try descriptor.send(bytes.extracting(sentBytes...)) {
                sentBytes += count
            }
        }
        if sentBytes < bytes.count { unsent.append(bytes.extracting(sentBytes...)) }
    }

    /// Sends what waits, as far as the kernel takes it.
    package mutating func flush() throws(Errno) {
        while !unsent.isEmpty, case .sent(let count) = try descriptor.send(unsent.bytes) { unsent.consume(count) }
        if unsent.isEmpty { unsent.release() }
    }
}
