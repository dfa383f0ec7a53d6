// SPDX-License-Identifier: Apache-2.0
import Base
import COpenSSL
import TestKit

@testable import TLS

/// A client's own half of a session, in the library's form.
@safe final class ClientTicket {
    let raw: OpaquePointer

    init(adopting raw: OpaquePointer) { unsafe self.raw = raw }

    deinit { unsafe SSL_SESSION_free(raw) }

    /// For another thread: a session itself stays with its own.
    var encoded: [UInt8] {
        let count = unsafe Int(i2d_SSL_SESSION(raw, nil))
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            var cursor = buffer.baseAddress
            initializedCount = unsafe Int(i2d_SSL_SESSION(raw, &cursor))
        }
    }

    convenience init(encoded bytes: [UInt8]) {
        let raw = unsafe bytes.withUnsafeBufferPointer { bytes in
            var cursor = bytes.baseAddress
            return unsafe Minted.require(d2i_SSL_SESSION(nil, &cursor, bytes.count))
        }
        unsafe self.init(adopting: raw)
    }

    var id: TicketID? {
        var bytes: UnsafePointer<UInt8>?
        var byteCount = 0
        unsafe SSL_SESSION_get0_ticket(raw, &bytes, &byteCount)
        return unsafe TicketID(UnsafeRawBufferPointer(start: bytes, count: byteCount))
    }

    /// What the server said when it gave it.
    var lifetimeSeconds: Int { unsafe Int(SSL_SESSION_get_ticket_lifetime_hint(raw)) }
    var earlyBytesMax: Int { unsafe Int(SSL_SESSION_get_max_early_data(raw)) }
}

/// One connection of the library's own client to a server of ours, from the handshake to its end.
struct Visit {
    var isResumed = false
    /// What the server knows about the client.
    var peer: PeerCertificate?
    var failure: TLSFailure?
    /// When every session that goes back to the same full handshake ends.
    var endsAt: MonotonicInstant?
    /// What the client can come back with.
    var ticket: ClientTicket?

    static let partner = OpenSSLPeer.Options(identity: World.payfast, serverName: "edge.example")

    static func server(
        ticketsMax: Int = 100,
        lifetime: Duration = .seconds(300),
        _ change: (inout ServerTLSSettings) -> Void = { _ in }
    ) throws -> ServerContext {
        try ServerContext(
            World.serverSettings { settings in
                settings.resumption = ResumptionSettings(ticketsMax: ticketsMax, lifetime: lifetime)
                change(&settings)
            }
        )
    }

    /// - Parameter isAdmitted: whether the server finds nothing wrong with the client, and says so.
    init(
        _ server: ServerContext,
        as options: OpenSSLPeer.Options = partner,
        with shown: ClientTicket? = nil,
        isAdmitted: Bool = true
    ) throws(TLSFailure) {
        let client = OpenSSLPeer(options)
        if let shown { unsafe Minted.require(SSL_set_session(client.ssl, shown.raw) == 1) }
        var side = Wire.Side(Session(server: server))
        side.talk(to: client)
        failure = side.failure
        guard failure == nil, side.session.isEstablished else { return }
        isResumed = side.session.isResumed
        peer = side.session.peer
        if isAdmitted { side.session.allowResumption() }
        try side.send([1])
        side.talk(to: client)
        endsAt = unsafe SessionOrigin.of(SSL_get_session(side.session.ssl))?.endsAt
        // A proper end, as far as the client can tell: else it would throw its session away.
        unsafe SSL_set_shutdown(client.ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
        guard let session = unsafe SSL_get1_session(client.ssl) else { return }
        let held = unsafe ClientTicket(adopting: session)
        if unsafe SSL_SESSION_has_ticket(session) == 1 { ticket = held }
    }
}
