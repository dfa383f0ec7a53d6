// SPDX-License-Identifier: Apache-2.0

/// Fields that are the same in many objects, written once.
extension JSONWriter {
    /// What `write` adds, each field behind its comma: for ``fields(_:)``.
    package static func ready(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(ByteBuffer())
        writer.opening = UInt8(ascii: ",")
        write(&writer)
        return writer.buffer.array
    }

    /// Goes on with an object whose first fields are in the buffer already, its brace too.
    @inlinable @inline(__always)
    package init(continuing buffer: consuming ByteBuffer) {
        self.init(buffer)
        opening = UInt8(ascii: ",")
    }

    /// Appends fields made by ``ready(_:)``; they cannot be the object's first.
    @inlinable @inline(__always)
    package mutating func fields(_ ready: [UInt8]) { buffer.append(ready) }
}
