// SPDX-License-Identifier: Apache-2.0
package import Base
package import LinuxIO
package import TLS

/// Why a connection can carry no more bytes.
package enum ChannelFailure: Error, Sendable {
    case socket(Errno)
    case tls(TLSFailure)

    /// Fixed words for the log.
    package var code: StaticString {
        switch self {
        case .socket: "socket"
        case .tls(let failure): failure.kind == .handshake ? "tls_handshake" : "tls_record"
        }
    }
}

/// One TCP connection with or without TLS: plain bytes on our side, wire bytes on the other.
///
/// Edge-triggered: `isReadable` and `isWritable` remember what epoll said until a call comes back empty.
/// It holds memory only for what is on its way: ``unsent`` by itself, ``outgoing`` where its owner lends it a block.
package struct Channel: ~Copyable {
    /// What one ``fill(_:scratch:replies:)`` came to.
    package enum Filled: Hashable, Sendable {
        case received
        /// The socket is empty: wait for the next event.
        case wouldBlock
        /// The peer will send no more.
        case ended
    }

    /// The most wire bytes taken in one read.
    package static let readBytesMax = 32 << 10

    private let descriptor: OwnedDescriptor
    private var session: Session?
    /// Queued by us, not yet encrypted.
    package var outgoing = ByteBuffer()
    /// Wire bytes that the kernel has not taken yet.
    private var unsent = ByteBuffer()
    package var isReadable = false
    package var isWritable = true
    /// epoll said that the peer has closed its direction.
    package var isPeerClosing = false
    /// epoll said that the connection is no more; what was received before can still be read.
    package var isBroken = false
    /// Handshake over, or no TLS at all.
    package private(set) var isEstablished: Bool
    package private(set) var hasEnded = false
    /// The stream ended without the peer's close_notify: what came last may not be all (RFC 8446 §6.1).
    package private(set) var isCut = false
    /// Wire bytes the kernel has taken.
    package private(set) var sentBytes = 0

    /// - Parameter session: nothing for a connection without TLS.
    package init(_ descriptor: consuming OwnedDescriptor, session: consuming Session?) {
        self.descriptor = descriptor
        isEstablished = session == nil
        self.session = session
    }

    package var isTLS: Bool { session != nil }
    /// What waits to be sent, in either form.
    package var queuedBytes: Int { outgoing.count + unsent.count }
    /// Whether wire bytes wait for the kernel to take them.
    package var hasUnsent: Bool { !unsent.isEmpty }
    /// Wire bytes sent, or past recall.
    package var committedBytes: Int { sentBytes + unsent.count }

    /// The socket, to register it and to ask it things.
    package borrowing func withDescriptor<Failure: Error, Result>(
        _ body: (borrowing OwnedDescriptor) throws(Failure) -> Result
    ) throws(Failure) -> Result { try body(descriptor) }

    /// Facts about the session, once it is established.
    package var peerCertificate: PeerCertificate? {
        switch session {
        case .some(let session): session.peer
        case .none: nil
        }
    }

    package var serverName: String? {
        switch session {
        case .some(let session): session.serverName
        case .none: nil
        }
    }

    /// Whether the handshake goes back to an earlier one, whose certificates were verified then.
    package var isResumed: Bool {
        switch session {
        case .some(let session): session.isResumed
        case .none: false
        }
    }

    /// Lets the client, admitted just now, resume later.
    package mutating func allowResumption() { session?.allowResumption() }

    /// Begins TLS on a connection that has had none; what was read before was the introduction, and all of it.
    package mutating func secure(_ session: consuming Session) {
        invariant(!isTLS && queuedBytes == 0, "TLS in the middle of something")
        isEstablished = false
        self.session = .some(consume session)
    }

    /// Whether the client chose PostgreSQL's protocol in its handshake.
    package var isPostgreSQL: Bool {
        switch session {
        case .some(let session): session.isPostgreSQL
        case .none: false
        }
    }

    /// Such as `TLSv1.3`; nothing without TLS.
    package var tlsVersion: String? {
        switch session {
        case .some(let session): session.version
        case .none: nil
        }
    }

    /// Looks at what has arrived and leaves it there.
    package mutating func peek(_ bytes: inout ByteBuffer, byteCountMax: Int) throws(ChannelFailure) -> Filled {
        do throws(Errno) {
            switch try descriptor.peek(into: &bytes, byteCountMax: byteCountMax) {
            case .received: return .received
            case .wouldBlock:
                isReadable = false
                return .wouldBlock
            case .endOfStream:
                hasEnded = true
                return .ended
            }
        } catch {
            throw .socket(error)
        }
    }

    /// A client's first flight.
    package mutating func start() throws(ChannelFailure) {
        do { try session?.start(replies: &unsent) } catch { throw .tls(error) }
    }

    /// Reads once and appends what it means to `input`.
    ///
    /// - Parameters:
    ///   - scratch: the worker's buffer for wire bytes read; empty before and after.
    ///   - replies: the worker's buffer for wire bytes to be sent; empty before and after.
    /// - Throws: ``ChannelFailure``; ``flush(scratch:)`` once more for a last alert, then close.
    package mutating func fill(
        _ input: inout ByteBuffer,
        scratch: inout ByteBuffer,
        replies: inout ByteBuffer
    ) throws(ChannelFailure) -> Filled {
        if hasEnded {
            isReadable = false
            return .ended
        }
        guard isTLS else { return try fillPlain(&input) }
        do throws(Errno) {
            switch try descriptor.read(into: &scratch, byteCountMax: Self.readBytesMax) {
            case .wouldBlock:
                isReadable = false
                return .wouldBlock
            case .endOfStream:
                isReadable = false
                hasEnded = true
                isCut = true
                return .ended
            case .received(let byteCount): noteRead(byteCount)
            }
        } catch {
            isReadable = false
            throw .socket(error)
        }
        defer {
            scratch.removeAll()
            // Few records are answered: only those make the connection hold a block of its own.
            if !replies.isEmpty { unsent.append(replies.bytes) }
            replies.removeAll()
        }
        do throws(TLSFailure) {
            switch try session?.receive(scratch.bytes, into: &input, replies: &replies) ?? .closed {
            case .handshaking: return .received
            case .established:
                isEstablished = true
                return .received
            case .closed:
                isEstablished = true
                hasEnded = true
                // What came with it is used first; the next call says that it was the last.
                isReadable = true
                return .received
            }
        } catch {
            throw .tls(error)
        }
    }

    /// A short read has emptied the socket, so the next event is worth waiting for; but when the peer has
    /// closed already, its end of stream is still to be read and no event will announce it again.
    private mutating func noteRead(_ byteCount: Int) {
        if byteCount < Self.readBytesMax, !isPeerClosing { isReadable = false }
    }

    private mutating func fillPlain(_ input: inout ByteBuffer) throws(ChannelFailure) -> Filled {
        do throws(Errno) {
            switch try descriptor.read(into: &input, byteCountMax: Self.readBytesMax) {
            case .received(let byteCount):
                noteRead(byteCount)
                return .received
            case .wouldBlock:
                isReadable = false
                return .wouldBlock
            case .endOfStream:
                isReadable = false
                hasEnded = true
                return .ended
            }
        } catch {
            isReadable = false
            throw .socket(error)
        }
    }

    /// Sends what is queued, as far as the kernel takes it.
    ///
    /// Nothing queued is encrypted while earlier wire bytes wait, so that a slow peer holds plain
    /// bytes, which the owner can count and stop.
    package mutating func flush(scratch: inout ByteBuffer) throws(ChannelFailure) {
        guard isWritable else { return }
        if !unsent.isEmpty {
            isWritable = try Self.send(&unsent, over: descriptor, counting: &sentBytes)
            if isWritable { unsent.release() }
        }
        guard isWritable, isEstablished, !outgoing.isEmpty else { return }
        guard isTLS else {
            isWritable = try Self.send(&outgoing, over: descriptor, counting: &sentBytes)
            return
        }
        defer { scratch.removeAll() }
        do throws(TLSFailure) { try Self.encrypt(outgoing, &session, &scratch) } catch { throw .tls(error) }
        // What was queued is kept on a throw: its owner may take it to another connection.
        isWritable = try Self.send(&scratch, over: descriptor, counting: &sentBytes)
        outgoing.removeAll()
        if !scratch.isEmpty { unsent.append(scratch.bytes) }
    }

    /// Apart, so that the two properties are borrowed one by one.
    private static func encrypt(
        _ plaintext: borrowing ByteBuffer,
        _ session: inout Session?,
        _ wire: inout ByteBuffer
    ) throws(TLSFailure) {
        try session?.send(plaintext.bytes, into: &wire)
    }

    /// Sends the front of `queue` once.
    ///
    /// - Returns: whether the kernel took all of it.
    private static func send(
        _ queue: inout ByteBuffer,
        over descriptor: borrowing OwnedDescriptor,
        counting sentBytes: inout Int
    ) throws(ChannelFailure) -> Bool {
        do throws(Errno) {
            guard case .sent(let byteCount) = try descriptor.send(queue.bytes) else { return false }
            sentBytes += byteCount
            queue.consume(byteCount)
            return queue.isEmpty
        } catch {
            throw .socket(error)
        }
    }

    /// Ends our direction: close_notify where there is TLS; ``shutdownWrites()`` follows the flush.
    package mutating func queueClose() {
        if isEstablished { session?.close(into: &unsent) }
    }

    package func acknowledgeNow() { Sockets.acknowledgeNow(descriptor) }

    package func shutdownWrites() { descriptor.shutdownWrites() }
}
