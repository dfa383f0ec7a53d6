// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import COpenSSL
internal import Synchronization

/// The chains that clients of one context have shown and the library has verified, so that none is verified twice.
///
/// A chain is known by SHA-256 over all of it, exactly as presented. It was verified against the anchors and with
/// the parameters of this context, which never change, and it still stands at any instant at which all its
/// certificates are valid: at any other the library verifies it again and says itself what is wrong. Failures are
/// never kept. Whatever else decides about a client (its partner, revocation, purpose, address) is decided by the
/// caller from ``PeerCertificate`` for each connection, as it is without this.
///
/// Shared by all workers: its lock is held for one lookup in a handshake of several hundred microseconds.
final class VerifiedChains: Sendable {
    /// Some 8 kB each, and more for a certificate that is itself larger.
    private let entriesMax: Int

    init(entriesMax: Int) {
        invariant(entriesMax > 1, "entriesMax out of range: \(entriesMax)")
        self.entriesMax = entriesMax
    }

    private struct Key: Hashable {
        let words: (UInt64, UInt64, UInt64, UInt64)

        static func == (left: Key, right: Key) -> Bool { left.words == right.words }

        func hash(into hasher: inout Hasher) {
            hasher.combine(words.0)
            hasher.combine(words.1)
        }
    }

    /// When the young are half of the bound they become the old, and the old go: whoever comes regularly stays.
    /// Filling it takes as many chains of a trusted CA, each verified in full, and forgetting costs a verification.
    private struct State {
        var young: [Key: VerifiedPeer] = [:]
        var old: [Key: VerifiedPeer] = [:]
        var verifiedCount = 0
        var knownCount = 0

        mutating func find(_ key: Key, entriesMax: Int) -> VerifiedPeer? {
            if let peer = young[key] { return peer }
            guard let peer = old.removeValue(forKey: key) else { return nil }
            insert(peer, key, entriesMax: entriesMax)
            return peer
        }

        mutating func insert(_ peer: VerifiedPeer, _ key: Key, entriesMax: Int) {
            if young.count >= entriesMax / 2, young[key] == nil {
                old = young
                young = [:]
            }
            young[key] = peer
        }
    }

    private let state = Mutex(State())

    var counts: (verified: Int, known: Int) { state.withLock { ($0.verifiedCount, $0.knownCount) } }

    /// Has the clients of `context` verified by this, which the context keeps as long as it is there itself.
    func install(in context: OpaquePointer) {
        let kept = unsafe Unmanaged.passRetained(self).toOpaque()
        let isSet = unsafe eig_ctx_set_verifier(
            context,
            { store, chains in
                guard let store = unsafe store, let chains = unsafe chains else { return 0 }
                return unsafe Unmanaged<VerifiedChains>.fromOpaque(chains).takeUnretainedValue().verify(store)
            },
            kept,
            { chains in
                if let chains = unsafe chains { unsafe Unmanaged<VerifiedChains>.fromOpaque(chains).release() }
            }
        )
        invariant(isSet == 1, "out of memory")
    }

    /// Verifies what a client presented, or recognises it.
    ///
    /// - Returns: 1 when its chain stands; 0 when it does not, with the reason in `store`.
    private func verify(_ store: OpaquePointer) -> CInt {
        let key = unsafe Self.key(of: store)
        let seconds = unsafe eig_verification_time(store)
        if let key, let peer = known(key, seconds: seconds) {
            unsafe X509_STORE_CTX_set_error(store, X509_V_OK)
            unsafe peer.share(with: store)
            peer.leaveForCaller()
            return 1
        }
        guard unsafe X509_verify_cert(store) == 1, unsafe X509_STORE_CTX_get_error(store) == X509_V_OK else { return 0 }
        let peer = unsafe VerifiedPeer(verified: store)
        unsafe peer?.share(with: store)
        peer?.leaveForCaller()
        state.withLock { state in
            state.verifiedCount += 1
            if let key, let peer { state.insert(peer, key, entriesMax: entriesMax) }
        }
        return 1
    }

    private func known(_ key: Key, seconds: Int64) -> VerifiedPeer? {
        state.withLock { state in
            guard let peer = state.find(key, entriesMax: entriesMax), peer.dates.contain(seconds: seconds) else {
                return nil
            }
            state.knownCount += 1
            return peer
        }
    }

    private static func key(of store: OpaquePointer) -> Key? {
        unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 4) { words in
            let isWhole = unsafe words.withMemoryRebound(to: UInt8.self) { bytes in
                unsafe eig_presented_sha256(store, bytes.baseAddress)
            }
            guard isWhole == 1 else { return nil }
            return unsafe Key(words: (words[0], words[1], words[2], words[3]))
        }
    }
}
