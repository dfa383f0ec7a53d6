// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL
internal import Synchronization

/// What a listening side knows about the tickets it gave out, for all workers at once.
///
/// Stateful (RFC 8446 §4.6.1): a ticket is a random name and everything else stays here, so there is no key that
/// could open a recorded ticket later, and what is forgotten here is resumed by nobody.
final class TicketCache: Sendable {
    /// Tickets given out by one cache mean nothing to another (SSL_CTX_set_session_id_context(3)).
    let generation: SessionContext.Generation
    let lifetime: Duration
    private let clientsMax: Int
    private let wallClock: (@Sendable () -> WallInstant)?
    private let state: Mutex<State>

    var now: SessionInstant { SessionInstant.now(wallClock) }

    private struct State: ~Copyable {
        var table: TicketTable
        /// By the authority's SHA-256.
        var owners: [[UInt8]: TicketOwner] = [:]
        /// As long as a session or a ticket has them.
        var clients: [ResumableClient.Key: Reference] = [:]
        var isRetired = false

        init(ticketsMax: Int) { table = TicketTable(ticketsMax: ticketsMax) }

        /// Whether there may be one more client; those of an authority that has more than its share wait until some end.
        mutating func hasRoom(for owner: TicketOwner, _ clientsMax: Int) -> Bool {
            if clients.count >= 2 * clientsMax { clients = clients.filter { $0.value.client != nil } }
            let counts = owners.values.map { $0.clientCount.load(ordering: .relaxed) }
            guard counts.reduce(0, +) >= clientsMax else { return true }
            return owner.clientCount.load(ordering: .relaxed) < clientsMax / counts.count { $0 > 0 }
        }
    }

    private struct Reference {
        weak let client: ResumableClient?
    }

    /// - Parameters:
    ///   - clientsMax: certificates and names that tickets go back to at once, some 10 kB each.
    ///   - wallClock: for tests; nothing is the system's.
    init(
        _ settings: ResumptionSettings,
        clientsMax: Int = 4096,
        wallClock: (@Sendable () -> WallInstant)? = nil
    ) {
        self.clientsMax = clientsMax
        self.wallClock = wallClock
        generation = SessionContext.drawGeneration()
        lifetime = settings.lifetime
        state = Mutex(State(ticketsMax: settings.ticketsMax))
    }

    /// Where a fresh session, just admitted, goes back to from now on; nothing when it cannot be resumed.
    func origin(of session: OpaquePointer, peer: VerifiedPeer) -> SessionOrigin? {
        guard let client = unsafe client(peer, session) else { return nil }
        return SessionOrigin(client: client, endsAt: now.monotonic + lifetime)
    }

    private func client(_ peer: VerifiedPeer, _ session: OpaquePointer) -> ResumableClient? {
        guard let anchor = peer.certificate.anchorSHA256, let context = unsafe SessionContext(of: session) else {
            return nil
        }
        let cipher = unsafe SSL_CIPHER_get_id(SSL_SESSION_get0_cipher(session))
        let key = ResumableClient.Key(peer: ObjectIdentifier(peer), context: context, cipher: cipher)
        return state.withLock { state in
            if let known = state.clients[key]?.client { return known }
            let owner = state.owners[anchor] ?? TicketOwner()
            state.owners[anchor] = owner
            guard state.hasRoom(for: owner, clientsMax),
                let fresh = unsafe ResumableClient(peer, of: owner, session: session)
            else { return nil }
            state.clients[key] = Reference(client: fresh)
            return fresh
        }
    }

    /// Remembers the ticket that the library has just made for `session`.
    func keep(_ session: OpaquePointer) {
        guard let origin = unsafe SessionOrigin.of(session), let id = unsafe TicketID(of: session) else { return }
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: TicketTable.secretBytesMax) { secret in
            let byteCount = unsafe SSL_SESSION_get_master_key(session, secret.baseAddress, secret.count)
            defer { unsafe OPENSSL_cleanse(secret.baseAddress, secret.count) }
            // A longer one would have been cut.
            guard unsafe byteCount > 0 && byteCount == SSL_SESSION_get_master_key(session, nil, 0) else { return }
            let bytes = unsafe UnsafeBufferPointer(rebasing: secret[..<byteCount]).span
            state.withLock { state in
                guard !state.isRetired else { return }
                state.table.insert(id, secret: bytes, origin: origin)
            }
        }
    }

    /// The session of a ticket, which is good no more; the caller owns it.
    ///
    /// - Returns: nothing for a ticket that was used, has ended, was forgotten or never was.
    func take(_ id: TicketID, at now: SessionInstant) -> OpaquePointer? {
        unsafe state.withLock { state in
            unsafe state.table.take(id) { secret, origin in
                guard origin.isStanding(at: now) else { return nil }
                return unsafe origin.client.makeSession(id, secret: secret, origin: origin, at: now)
            }
        }
    }

    /// Wipes what can no longer be resumed.
    func forgetEnded(at now: SessionInstant) {
        state.withLock { $0.table.forgetEnded(at: now.monotonic) }
    }

    /// Forgets everything and takes no more in.
    func retire() {
        state.withLock { state in
            state.isRetired = true
            state.table.forgetAll()
            state.clients = [:]
            state.owners = [:]
        }
    }

    /// Tickets remembered now, and those forgotten for lack of room.
    var counts: (remembered: Int, forgotten: Int) { state.withLock { ($0.table.count, $0.table.forgottenCount) } }
}
