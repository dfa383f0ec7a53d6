// SPDX-License-Identifier: Apache-2.0

/// A growable queue of bytes with one owner: appended at the end, consumed at the front.
///
/// The storage is one malloc block, kept until ``release()``; consuming never copies, and appending
/// moves the unread bytes to the front only when the block's end is reached. It has no bound of its
/// own: the owner checks ``count`` against its limit before it appends what a peer sent.
///
/// This file and its neighbours in the fences are the only ones that say `unsafe`.
@safe package struct ByteBuffer: ~Copyable {
    private var block: UnsafeMutableRawPointer?
    /// Bytes the block can hold.
    package private(set) var capacity = 0
    private var head = 0
    private var tail = 0

    package init() { unsafe block = nil }

    package init(capacity: Int) {
        self.init()
        reserve(capacity)
    }

    deinit { unsafe block?.deallocate() }

    @inline(__always)
    package var count: Int { tail - head }

    @inline(__always)
    package var isEmpty: Bool { tail == head }

    /// The unread bytes.
    package var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        @inline(__always)
        get {
            // SAFETY: head..<tail is initialised, and the span cannot outlive this borrow.
            let start = unsafe block.map { unsafe UnsafeRawPointer($0) + head }
            let raw = unsafe UnsafeRawBufferPointer(start: start, count: count)
            let span = unsafe Span<UInt8>(_unsafeBytes: raw)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Makes room for `byteCount` more bytes.
    @inline(__always)
    package mutating func reserve(_ byteCount: Int) {
        if capacity - tail < byteCount { makeRoom(byteCount) }
    }

    @inline(never)
    private mutating func makeRoom(_ byteCount: Int) {
        let unread = count
        if capacity > 0, capacity - unread >= byteCount, head >= unread {
            // SAFETY: both ranges lie in the block; copyMemory allows overlap.
            unsafe block?.copyMemory(from: block! + head, byteCount: unread)
        } else {
            var wanted = max(capacity, 256)
            while wanted - unread < byteCount { wanted *= 2 }
            let fresh = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
            if let old = unsafe block {
                // SAFETY: `unread` bytes are initialised in the old block and fit the new one.
                unsafe fresh.copyMemory(from: old + head, byteCount: unread)
                unsafe old.deallocate()
            }
            unsafe block = fresh
            capacity = wanted
        }
        head = 0
        tail = unread
    }

    @inline(__always)
    package mutating func append(_ byte: UInt8) {
        reserve(1)
        // SAFETY: reserve made room for one byte at tail.
        unsafe block?.storeBytes(of: byte, toByteOffset: tail, as: UInt8.self)
        tail += 1
    }

    package mutating func append(_ bytes: Span<UInt8>) {
        guard !bytes.isEmpty else { return }
        reserve(bytes.count)
        // SAFETY: reserve made room for all of it, and a borrowed span cannot alias a buffer being mutated.
        unsafe bytes.withUnsafeBytes { source in
            unsafe (block! + tail).copyMemory(from: source.baseAddress!, byteCount: source.count)
        }
        tail += bytes.count
    }

    package mutating func append(_ bytes: [UInt8]) { append(bytes.span) }

    package mutating func append(_ text: StaticString) {
        let byteCount = text.utf8CodeUnitCount
        guard byteCount > 0 else { return }
        reserve(byteCount)
        // SAFETY: a static string's storage is immortal; reserve made room.
        unsafe (block! + tail).copyMemory(from: text.utf8Start, byteCount: byteCount)
        tail += byteCount
    }

    /// Disfavoured, so that a literal is a ``StaticString`` and costs one copy.
    @_disfavoredOverload
    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in append(unsafe Span<UInt8>(_unsafeElements: utf8)) }
    }

    /// Appends `value` in decimal.
    package mutating func append(decimal value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var divisor: UInt = 1
        while rest / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }

    /// Appends `value` in lower-case hexadecimal without leading zeros (RFC 9112 §7.1 chunk-size).
    package mutating func append(hexadecimal value: Int) {
        invariant(value >= 0, "a size is never negative")
        var shift = 0
        while shift < 60, value >> (shift + 4) > 0 { shift += 4 }
        while shift >= 0 {
            append(Hex.digit(UInt8(truncatingIfNeeded: value >> shift) & 15))
            shift -= 4
        }
    }

    package mutating func append(_ id: UniqueID) {
        reserve(36)
        id.write { append($0) }
    }

    /// Lets `body` write up to the spare room, at least `byteCount` bytes of it.
    ///
    /// What `body` appends to the output span becomes unread bytes; on a throw too.
    package mutating func withSpare<Failure: Error, Result>(
        atLeast byteCount: Int,
        _ body: (inout OutputRawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        reserve(byteCount)
        let spare = unsafe UnsafeMutableRawBufferPointer(start: block.map { unsafe $0 + tail }, count: capacity - tail)
        // SAFETY: the range past tail is ours alone while self is mutated; finalize reports what was written.
        var output = unsafe OutputRawSpan(buffer: spare, initializedCount: 0)
        do throws(Failure) {
            let result = try body(&output)
            tail += unsafe output.finalize(for: spare)
            return result
        } catch {
            tail += unsafe output.finalize(for: spare)
            throw error
        }
    }

    /// Forgets the first `byteCount` unread bytes.
    ///
    /// - Precondition: `byteCount` is at most ``count``.
    @inline(__always)
    package mutating func consume(_ byteCount: Int) {
        invariant(byteCount >= 0 && byteCount <= count, "consuming more than there is")
        head += byteCount
        if head == tail {
            head = 0
            tail = 0
        }
    }

    /// Cuts the unread bytes to the first `byteCount`.
    package mutating func truncate(to byteCount: Int) {
        invariant(byteCount >= 0 && byteCount <= count, "truncating to more than there is")
        tail = head + byteCount
    }

    /// Forgets everything, keeps the block.
    package mutating func removeAll() {
        head = 0
        tail = 0
    }

    /// Gives the block back: an idle connection holds no memory here.
    package mutating func release() {
        unsafe block?.deallocate()
        unsafe block = nil
        capacity = 0
        removeAll()
    }

    /// A copy of the unread bytes.
    package var array: [UInt8] { Array(bytes) }
}

extension [UInt8] {
    /// A copy of a span.
    package init(_ span: Span<UInt8>) {
        // SAFETY: the pointer is used inside the closure only.
        self = unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
    }
}

extension String {
    /// The bytes as UTF-8, ill-formed sequences replaced by U+FFFD.
    package init(_ span: Span<UInt8>) {
        // SAFETY: the pointer is used inside the closure only.
        self = unsafe span.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
