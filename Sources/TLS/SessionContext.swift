// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// What a session was made for: the library resumes it for nothing else (SSL_set_session_id_context(3)).
///
/// Twenty-four random bytes for the generation, and eight that tell the server names apart (RFC 6066 §3 forbids to
/// resume under another one; in TLS 1.3 the library does not look at it by itself).
enum SessionContext {
    private static let generationByteCount = 24

    static func drawGeneration() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<generationByteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// - Parameter serverName: the whole extension as the client sent it, or nothing.
    static func make(generation: [UInt8], serverName: UnsafeBufferPointer<UInt8>?) -> [UInt8] {
        // Keyed by a seed of this process, so that nobody can look for two names that are the same in it.
        var hasher = Hasher()
        unsafe hasher.combine(serverName != nil)
        if let serverName = unsafe serverName { unsafe hasher.combine(bytes: UnsafeRawBufferPointer(serverName)) }
        let digest = UInt64(bitPattern: Int64(hasher.finalize()))
        return generation + (0..<8).map { UInt8(truncatingIfNeeded: digest >> (8 * $0)) }
    }

    static func of(_ session: OpaquePointer) -> [UInt8] {
        var byteCount: UInt32 = 0
        guard let bytes = unsafe SSL_SESSION_get0_id_context(session, &byteCount) else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(byteCount)))
    }
}
