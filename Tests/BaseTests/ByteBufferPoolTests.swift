// SPDX-License-Identifier: Apache-2.0
import Base
import Testing

@Suite("A pool of blocks")
struct ByteBufferPoolTests {
    private static func filled(_ byteCount: Int) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.append([UInt8](repeating: 7, count: byteCount))
        buffer.removeAll()
        return buffer
    }

    @Test("lends what was taken back, the last first, and nothing when it has nothing")
    func lends() {
        var pool = ByteBufferPool(countMax: 4, blockBytesMax: 1 << 16)
        var first = Self.filled(300)
        var second = Self.filled(5000)
        pool.takeBack(&first)
        pool.takeBack(&second)
        #expect(first.capacity == 0 && second.capacity == 0)
        var third = ByteBuffer()
        var fourth = ByteBuffer()
        var fifth = ByteBuffer()
        pool.lend(&third)
        pool.lend(&fourth)
        pool.lend(&fifth)
        #expect(third.capacity >= 5000 && fourth.capacity >= 300 && fourth.capacity < 5000 && fifth.capacity == 0)
        third.append("abc")
        fourth.append("defg")
        fifth.append("hi")
        #expect(third.array == Array("abc".utf8) && fourth.array == Array("defg".utf8) && fifth.array == [0x68, 0x69])
    }

    @Test("lends nothing to a buffer that has a block")
    func keeps() {
        var pool = ByteBufferPool(countMax: 4, blockBytesMax: 1 << 16)
        var spare = Self.filled(5000)
        pool.takeBack(&spare)
        var buffer = ByteBuffer()
        buffer.append("kept")
        pool.lend(&buffer)
        #expect(buffer.capacity < 5000 && buffer.array == Array("kept".utf8))
    }

    @Test("takes nothing from a buffer without a block")
    func empty() {
        var pool = ByteBufferPool(countMax: 1, blockBytesMax: 1 << 16)
        var nothing = ByteBuffer()
        pool.takeBack(&nothing)
        pool.takeBack(&nothing)
        pool.lend(&nothing)
        #expect(nothing.capacity == 0)
    }

    @Test("keeps a bounded count of blocks of a bounded size")
    func bounds() {
        var pool = ByteBufferPool(countMax: 2, blockBytesMax: 1024)
        var large = Self.filled(1025)
        pool.takeBack(&large)
        #expect(large.capacity == 0)
        for _ in 0..<5 {
            var buffer = Self.filled(1000)
            pool.takeBack(&buffer)
            #expect(buffer.capacity == 0)
        }
        var lent = 0
        var first = ByteBuffer()
        var second = ByteBuffer()
        var third = ByteBuffer()
        pool.lend(&first)
        pool.lend(&second)
        pool.lend(&third)
        for capacity in [first.capacity, second.capacity, third.capacity] where capacity > 0 {
            #expect(capacity == 1024)
            lent += 1
        }
        #expect(lent == 2)
    }
}
