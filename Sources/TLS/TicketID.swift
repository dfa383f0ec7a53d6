// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The name of one ticket: 32 random bytes, and all that a client or the network ever sees of it.
struct TicketID: Hashable, Sendable {
    static let byteCount = 32

    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// Nothing for what cannot be one of ours.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        // SAFETY: all 32 bytes are there.
        words = unsafe bytes.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
    }

    /// Nothing for a session that has no ticket.
    init?(of session: OpaquePointer) {
        var byteCount: UInt32 = 0
        let bytes = unsafe SSL_SESSION_get_id(session, &byteCount)
        unsafe self.init(UnsafeRawBufferPointer(start: bytes, count: Int(byteCount)))
    }

    static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    /// Only names that we drew ourselves are ever put into a table, so a part of one is as good as all of it.
    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

    /// The bytes again, for the library.
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        unsafe withUnsafeBytes(of: words) { bytes in
            unsafe bytes.withMemoryRebound(to: UInt8.self) { unsafe body($0) }
        }
    }
}
