// SPDX-License-Identifier: Apache-2.0
package import Base
internal import COpenSSL

/// How far a session is.
package enum SessionProgress: Hashable, Sendable {
    case handshaking
    case established
    /// The peer said it will send nothing more (close_notify); what came behind that was ignored.
    case closed
}

/// One side of one TLS connection, without the connection: bytes in, bytes out.
///
/// It owns an `SSL` and no buffers of its own: what arrived is read in place and what must be sent is written
/// straight into the caller's buffer, both during the call only. After a throw the session is good for nothing
/// but being dropped, once the replies are sent.
@safe package struct Session: ~Copyable {
    let ssl: OpaquePointer
    let isServer: Bool
    package private(set) var isEstablished = false
    /// Whether anything the peer said inside was ever given out.
    private var hasHeard = false
    private var hasFailed = false
    /// The client whose chain the context's verifier found good on this connection.
    private(set) var verified: VerifiedPeer?
    /// What is sent next begins with a ticket for the client.
    var isTicketDue = false

    package init(server context: ServerContext) {
        unsafe ssl = context.makeSession()
        isServer = true
    }

    /// - Precondition: `serverName` is a host name of at most 255 bytes, or an IP address.
    package init(client context: ClientContext, serverName: String) {
        unsafe ssl = context.makeSession(serverName: serverName)
        isServer = false
    }

    deinit { unsafe SSL_free(ssl) }

    /// A client's first words.
    package mutating func start(replies: inout ByteBuffer) throws(TLSFailure) {
        invariant(!isServer, "a server waits for the client")
        let ssl = unsafe self.ssl
        var call = unsafe eig_wire()
        let outcome = unsafe Self.writing(to: &replies, atLeast: 1024, &call) { call in
            unsafe eig_session_handshake(ssl, &call)
        }
        guard outcome == SSL_ERROR_WANT_READ else { throw unsafe failure(&call) }
    }

    /// Takes in everything of `wire`: appends what it says to `plaintext` and what must be answered to `replies`.
    ///
    /// - Throws: ``TLSFailure``; send `replies`, then drop the connection. What `plaintext` got before is genuine.
    package mutating func receive(
        _ wire: Span<UInt8>,
        into plaintext: inout ByteBuffer,
        replies: inout ByteBuffer
    ) throws(TLSFailure) -> SessionProgress {
        let ssl = unsafe self.ssl
        let countBefore = plaintext.count
        let isText = !isEstablished && !wire.isEmpty && (0x41...0x5a).contains(wire[0])
        let spareBytes = isEstablished ? 64 : 4096
        var call = unsafe eig_wire()
        let outcome = unsafe Self.writing(to: &replies, atLeast: spareBytes, &call) { call in
            unsafe wire.withUnsafeBufferPointer { wire in
                unsafe call.input = wire.baseAddress
                unsafe call.input_count = wire.count
                return unsafe Self.readAll(ssl, &call, into: &plaintext)
            }
        }
        if let found = unsafe VerifiedPeer.taken(from: &call) { verified = found }
        hasHeard = hasHeard || plaintext.count > countBefore
        switch outcome {
        case SSL_ERROR_NONE, SSL_ERROR_WANT_READ:
            isEstablished = unsafe isEstablished || SSL_is_init_finished(ssl) == 1
            return isEstablished ? .established : .handshaking
        case SSL_ERROR_ZERO_RETURN:
            isEstablished = unsafe isEstablished || SSL_is_init_finished(ssl) == 1
            return .closed
        default:
            throw unsafe failure(&call, isText: isText)
        }
    }

    /// Encrypts all of `plaintext`.
    ///
    /// - Precondition: the session is established and not closed by us.
    package mutating func send(_ plaintext: Span<UInt8>, into wire: inout ByteBuffer) throws(TLSFailure) {
        invariant(isEstablished, "sending before the handshake ended")
        guard !plaintext.isEmpty else { return }
        let hasTicket = isTicketDue
        if hasTicket { makeTicket() }
        let ssl = unsafe self.ssl
        // Each record adds its header, a nonce, a type and a tag: 30 bytes at most (RFC 8446 §5.2, RFC 5288 §3).
        let wireBytesMax = plaintext.count + (plaintext.count / 16_384 + 1) * 32
        var call = unsafe eig_wire()
        let outcome = unsafe Self.writing(to: &wire, atLeast: wireBytesMax, &call) { call in
            unsafe plaintext.withUnsafeBytes { plaintext in
                unsafe eig_session_write(ssl, &call, plaintext.baseAddress, plaintext.count)
            }
        }
        // Writing a ticket takes a buffer for reading, too, 16 kB that an idle connection would keep.
        if hasTicket { unsafe SSL_free_buffers(ssl) }
        guard outcome == SSL_ERROR_NONE else { throw unsafe failure(&call) }
    }

    /// Says that we will send nothing more (close_notify); says nothing during a handshake, after a failure or the
    /// second time.
    package mutating func close(into wire: inout ByteBuffer) {
        guard !hasFailed else { return }
        let ssl = unsafe self.ssl
        var call = unsafe eig_wire()
        _ = unsafe Self.writing(to: &wire, atLeast: 64, &call) { call in unsafe eig_session_shutdown(ssl, &call) }
        ERR_clear_error()
    }
}

extension Session {
    /// Lets `body` call the library with `call` writing into the spare room of `output`, and appends what did not fit.
    private static func writing(
        to output: inout ByteBuffer,
        atLeast spareBytes: Int,
        _ call: inout eig_wire,
        _ body: (inout eig_wire) -> CInt
    ) -> CInt {
        let outcome = output.withSpare(atLeast: spareBytes) { spare in
            // SAFETY: the library writes at most output_room bytes there, only within body, and counts them.
            unsafe spare.withUnsafeMutableBytes { buffer, initializedCount in
                unsafe call.output = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
                unsafe call.output_room = buffer.count
                let outcome = unsafe body(&call)
                initializedCount = unsafe call.output_count
                unsafe call.output = nil
                unsafe call.output_room = 0
                return outcome
            }
        }
        if let spill = unsafe call.spill {
            // SAFETY: spill_count bytes of that block are written, and it is freed once, here.
            unsafe output.append(Span(_unsafeStart: spill, count: call.spill_count))
            unsafe free(spill)
            unsafe call.spill = nil
        }
        return outcome
    }

    /// Reads until all of the call's input is taken, or the session ends.
    private static func readAll(
        _ ssl: OpaquePointer,
        _ call: inout eig_wire,
        into plaintext: inout ByteBuffer
    ) -> CInt {
        var wireBytes = unsafe call.input_count
        while true {
            // A record's plaintext is never longer than the record; 16 KiB is the longest (RFC 8446 §5.1). Where most
            // of a record came earlier, the library knows after the first read how much of it is left.
            let spareBytes = unsafe max(256, min(wireBytes, 16_384), Int(SSL_pending(ssl)))
            let countBefore = plaintext.count
            let outcome = plaintext.withSpare(atLeast: spareBytes) { spare in
                // SAFETY: the library writes at most the given room and tells how much it wrote.
                unsafe spare.withUnsafeMutableBytes { buffer, initializedCount in
                    unsafe eig_session_read(ssl, &call, buffer.baseAddress, buffer.count, &initializedCount)
                }
            }
            guard outcome == SSL_ERROR_NONE else { return outcome }
            wireBytes -= plaintext.count - countBefore
            if unsafe call.input_count == 0 && SSL_has_pending(ssl) == 0 { return outcome }
        }
    }

    /// - Parameter isText: the bytes of this call began like a word: a method, `SSH`, `PROXY`.
    private mutating func failure(_ call: inout eig_wire, isText: Bool = false) -> TLSFailure {
        var reasons = ErrorQueue.drain()
        if hasFailed || reasons.isEmpty { reasons.append("the session had ended before") }
        if isText, reasons.contains("wrong version number") { reasons.append("plain text instead of TLS") }
        hasFailed = true
        guard let refused = unsafe call.refused else {
            let kind: TLSFailure.Kind = isEstablished && (isServer || hasHeard) ? .record : .handshake
            return TLSFailure(kind: kind, reasons: reasons, verifyError: nil, peer: peer)
        }
        unsafe call.refused = nil
        let certificate = unsafe Certificate(adopting: refused)
        let text = unsafe String(cString: X509_verify_cert_error_string(Int(call.verify_error)))
        let place = unsafe call.verify_depth > 0 ? ", \(call.verify_depth) above the leaf" : ""
        return TLSFailure(kind: .handshake, reasons: reasons, verifyError: text + place, peer: certificate.facts())
    }
}
