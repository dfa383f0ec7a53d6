// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// What a session was made for: the library resumes it for nothing else (SSL_set_session_id_context(3)).
///
/// Twenty-four random bytes for the generation, and eight that tell the server names apart: RFC 6066 §3 forbids to
/// resume under another one, and in TLS 1.3 the library does not look at it by itself.
struct SessionContext: Hashable, Sendable {
    typealias Generation = (UInt64, UInt64, UInt64)

    private let words: (UInt64, UInt64, UInt64, UInt64)

    static func drawGeneration() -> Generation {
        var random = SystemRandomNumberGenerator()
        return (random.next(), random.next(), random.next())
    }

    /// - Parameter serverName: the whole extension as the client sent it, or nothing.
    init(_ generation: Generation, serverName: UnsafeBufferPointer<UInt8>?) {
        // Keyed by a seed of this process, so that nobody can look for two names that are the same in it.
        var hasher = Hasher()
        unsafe hasher.combine(serverName != nil)
        if let serverName = unsafe serverName { unsafe hasher.combine(bytes: UnsafeRawBufferPointer(serverName)) }
        words = (generation.0, generation.1, generation.2, UInt64(truncatingIfNeeded: hasher.finalize()))
    }

    /// Nothing for a session that has none of ours.
    init?(of session: OpaquePointer) {
        var byteCount: UInt32 = 0
        guard let bytes = unsafe SSL_SESSION_get0_id_context(session, &byteCount), byteCount == 32 else { return nil }
        // SAFETY: all 32 bytes are there.
        words = unsafe UnsafeRawPointer(bytes).loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
    }

    static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    func hash(into hasher: inout Hasher) { hasher.combine(words.3) }

    /// The bytes, for the library.
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        unsafe withUnsafeBytes(of: words) { bytes in
            unsafe bytes.withMemoryRebound(to: UInt8.self) { unsafe body($0) }
        }
    }
}
