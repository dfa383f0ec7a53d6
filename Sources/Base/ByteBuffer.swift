// SPDX-License-Identifier: Apache-2.0

/// A growable queue of bytes with one owner: appended at the end, consumed at the front.
///
/// The storage is one malloc block, kept until ``release()``; consuming never copies, and appending
/// moves the unread bytes to the front only when the block's end is reached. It has no bound of its
/// own: the owner checks ``count`` against its limit before it appends what a peer sent.
///
/// Appending and looking are inlinable: between modules a call costs more than what they do, and a literal
/// becomes a store or two.
///
/// This file and its neighbours in the fences are the only ones that say `unsafe`.
@usableFromInline @safe package struct ByteBuffer: ~Copyable, @unchecked Sendable {
    // SAFETY of @unchecked Sendable: the block has one owner, and goes with it from thread to thread.
    @usableFromInline var block: UnsafeMutableRawPointer?
    /// Bytes the block can hold.
    @usableFromInline package internal(set) var capacity = 0
    @usableFromInline var head = 0
    @usableFromInline var tail = 0

    @inlinable
    package init() { unsafe block = nil }

    package init(capacity: Int) {
        self.init()
        reserve(capacity)
    }

    deinit { unsafe block?.deallocate() }

    @inlinable @inline(__always)
    package var count: Int { tail &- head }

    @inlinable @inline(__always)
    package var isEmpty: Bool { tail == head }

    /// The unread bytes.
    package var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        @inlinable @inline(__always)
        get {
            // SAFETY: head..<tail is initialised, and the span cannot outlive this borrow.
            let start = unsafe block.map { unsafe UnsafeRawPointer($0) + head }
            let raw = unsafe UnsafeRawBufferPointer(start: start, count: count)
            let span = unsafe Span<UInt8>(_unsafeBytes: raw)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Makes room for `byteCount` more bytes.
    @inlinable @inline(__always)
    package mutating func reserve(_ byteCount: Int) {
        if capacity &- tail < byteCount { self = (consume self).withRoom(byteCount) }
    }

    /// By value, so that a buffer that is a local's can be kept in registers while it is appended to.
    @usableFromInline @inline(never)
    consuming func withRoom(_ byteCount: Int) -> ByteBuffer {
        makeRoom(byteCount)
        return self
    }

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

    @inlinable @inline(__always)
    package mutating func append(_ byte: UInt8) {
        reserve(1)
        // SAFETY: reserve made room for one byte at tail.
        unsafe block.unsafelyUnwrapped.storeBytes(of: byte, toByteOffset: tail, as: UInt8.self)
        tail &+= 1
    }

    /// Appends the `byteCount` lowest bytes of `word`, the lowest first.
    ///
    /// - Precondition: `byteCount` is 0 to 8.
    @inlinable @inline(__always)
    package mutating func append(word: UInt64, byteCount: Int) {
        invariant(byteCount >= 0 && byteCount <= 8, "a word has eight bytes")
        reserve(8)
        appendReserved(word: word, byteCount: byteCount)
    }

    /// - Precondition: there is room for eight bytes, and `byteCount` is 0 to 8.
    @inlinable @inline(__always)
    mutating func appendReserved(word: UInt64, byteCount: Int) {
        // SAFETY: the caller made room for eight bytes at tail; those not counted are written over by the next.
        unsafe block.unsafelyUnwrapped.storeBytes(of: word.littleEndian, toByteOffset: tail, as: UInt64.self)
        tail &+= byteCount
    }

    /// Appends the first `byteCount` bytes of the words, the lowest of each first.
    ///
    /// - Precondition: there is room for all the words, and they have so many bytes.
    @inlinable @inline(__always)
    mutating func appendReserved<let wordCount: Int>(words: InlineArray<wordCount, UInt64>, byteCount: Int) {
        // SAFETY: the caller made room for all of them at tail; bytes not counted are written over by the next.
        let place = unsafe block.unsafelyUnwrapped + tail
        for index in 0..<wordCount {
            unsafe place.storeBytes(of: words[index].littleEndian, toByteOffset: index &* 8, as: UInt64.self)
        }
        tail &+= byteCount
    }

    @inlinable @inline(__always)
    package mutating func append(_ bytes: Span<UInt8>) {
        reserve(bytes.count)
        appendReserved(bytes)
    }

    @inlinable @inline(__always)
    package mutating func append(_ bytes: [UInt8]) { append(bytes.span) }

    @inlinable @inline(__always)
    package mutating func append(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount)
        appendReserved(text)
    }

    /// Appends the one behind the other, with one look at the room there is.
    @inlinable @inline(__always)
    package mutating func append(_ first: StaticString, _ second: StaticString, _ third: StaticString = "") {
        reserve(first.utf8CodeUnitCount &+ second.utf8CodeUnitCount &+ third.utf8CodeUnitCount)
        appendReserved(first)
        appendReserved(second)
        appendReserved(third)
    }

    /// Appends a byte, a quotation mark and two texts, with one look at the room there is.
    @inlinable @inline(__always)
    mutating func append(_ opening: UInt8, quoted name: StaticString, _ after: StaticString) {
        // The two bytes are stored as a word.
        reserve(8 &+ name.utf8CodeUnitCount &+ after.utf8CodeUnitCount)
        appendReserved(word: UInt64(opening) | UInt64(UInt8(ascii: "\"")) << 8, byteCount: 2)
        appendReserved(name)
        appendReserved(after)
    }

    /// Appends a run of bytes between two texts, with one look at the room there is.
    @inlinable @inline(__always)
    package mutating func append(_ first: StaticString, _ bytes: Span<UInt8>, _ last: StaticString) {
        reserve(first.utf8CodeUnitCount &+ bytes.count &+ last.utf8CodeUnitCount)
        appendReserved(first)
        appendReserved(bytes)
        appendReserved(last)
    }

    /// - Precondition: there is room for it.
    @inlinable @inline(__always)
    mutating func appendReserved(_ text: StaticString) {
        let byteCount = text.utf8CodeUnitCount
        guard byteCount > 0 else { return }
        // SAFETY: a static string's storage is immortal; the caller made room.
        unsafe (block.unsafelyUnwrapped + tail).copyMemory(from: text.utf8Start, byteCount: byteCount)
        tail &+= byteCount
    }

    /// - Precondition: there is room for them.
    @inlinable @inline(__always)
    mutating func appendReserved(_ bytes: Span<UInt8>) {
        guard !bytes.isEmpty else { return }
        // SAFETY: the caller made room for all of it, and a borrowed span cannot alias a buffer being mutated.
        unsafe bytes.withUnsafeBytes { source in
            unsafe (block.unsafelyUnwrapped + tail).copyMemory(
                from: source.baseAddress.unsafelyUnwrapped,
                byteCount: source.count
            )
        }
        tail &+= bytes.count
    }

    /// Disfavoured, so that a literal is a ``StaticString`` and costs one copy.
    @_disfavoredOverload
    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in append(unsafe Span<UInt8>(_unsafeElements: utf8)) }
    }

    /// Lets `body` write up to the spare room, at least `byteCount` bytes of it.
    ///
    /// What `body` appends to the output span becomes unread bytes; on a throw too.
    @inlinable @inline(__always)
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
    @inlinable @inline(__always)
    package mutating func consume(_ byteCount: Int) {
        invariant(byteCount >= 0 && byteCount <= count, "consuming more than there is")
        head &+= byteCount
        if head == tail {
            head = 0
            tail = 0
        }
    }

    /// Cuts the unread bytes to the first `byteCount`.
    @inlinable @inline(__always)
    package mutating func truncate(to byteCount: Int) {
        invariant(byteCount >= 0 && byteCount <= count, "truncating to more than there is")
        tail = head + byteCount
    }

    /// Forgets everything, keeps the block.
    @inlinable @inline(__always)
    package mutating func removeAll() {
        head = 0
        tail = 0
    }

    /// Gives the block back: an idle connection holds no memory here.
    @usableFromInline
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
