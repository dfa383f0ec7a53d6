// SPDX-License-Identifier: Apache-2.0

/// Blocks for ``ByteBuffer``s that are empty most of the time: whoever has bytes on their way holds one, and nobody else.
///
/// Without it each of ten thousand idle connections keeps the blocks of its last exchange, or asks the allocator for
/// them again with the next one. It makes no blocks: they are those that buffers grew by themselves. One thread owns it.
@usableFromInline @safe package struct ByteBufferPool: ~Copyable {
    /// The blocks that nobody has, each beginning with the address of the next one and with its own capacity.
    @usableFromInline var first: UnsafeMutableRawPointer?
    @usableFromInline var count = 0
    @usableFromInline let countMax: Int
    @usableFromInline let blockBytesMax: Int

    /// - Parameters:
    ///   - countMax: the most blocks kept.
    ///   - blockBytesMax: a larger block is given back to the allocator.
    package init(countMax: Int, blockBytesMax: Int) {
        unsafe first = nil
        self.countMax = countMax
        self.blockBytesMax = blockBytesMax
    }

    deinit {
        var next = unsafe first
        while let block = unsafe next {
            unsafe next = block.load(as: UnsafeMutableRawPointer?.self)
            unsafe block.deallocate()
        }
    }

    /// Gives a buffer that has no block one, if there is one.
    @inlinable @inline(__always)
    package mutating func lend(_ buffer: inout ByteBuffer) {
        guard buffer.capacity == 0, let block = unsafe first else { return }
        // SAFETY: takeBack has written both, and nobody has had the block since.
        unsafe first = block.load(as: UnsafeMutableRawPointer?.self)
        buffer.capacity = unsafe block.load(fromByteOffset: 8, as: Int.self)
        unsafe buffer.block = block
        count &-= 1
    }

    /// Takes an empty buffer's block, if it has one.
    ///
    /// - Precondition: the buffer is empty.
    @inlinable @inline(__always)
    package mutating func takeBack(_ buffer: inout ByteBuffer) {
        invariant(buffer.isEmpty, "taking back a buffer with bytes in it")
        guard let block = unsafe buffer.block else { return }
        guard count < countMax, buffer.capacity <= blockBytesMax else { return buffer.release() }
        // SAFETY: the smallest block of a ByteBuffer has 256 bytes, aligned to 16.
        unsafe block.storeBytes(of: first, as: UnsafeMutableRawPointer?.self)
        unsafe block.storeBytes(of: buffer.capacity, toByteOffset: 8, as: Int.self)
        unsafe first = block
        count &+= 1
        unsafe buffer.block = nil
        buffer.capacity = 0
        buffer.head = 0
        buffer.tail = 0
    }
}
