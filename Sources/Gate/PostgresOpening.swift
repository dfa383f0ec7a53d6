// SPDX-License-Identifier: Apache-2.0
internal import Base

/// How a PostgreSQL client begins (PostgreSQL 15 documentation, 55.2.1, 55.7): a length of four bytes, a code of four.
enum PostgresOpening: Hashable, Sendable {
    /// It asks for TLS: answer `S` and begin it.
    case tls
    /// It asks for GSSAPI encryption: answer `N`, and it goes on with the next best.
    case gssapi
    /// It wants a query cancelled, and has said no more of itself.
    case cancel
    /// A start-up message of this many bytes, length included.
    case startUp(byteCount: Int)
    /// Nothing of PostgreSQL's protocol 3.
    case foreign

    /// What a client may say of itself at most; the server's own limit (MAX_STARTUP_PACKET_LENGTH).
    static let startUpBytesMax = 10_000
    static let byteCount = 8

    /// - Returns: nothing while there are fewer than eight bytes.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= Self.byteCount else { return nil }
        let length = Self.word(bytes, at: 0)
        switch (length, Self.word(bytes, at: 4)) {
        case (8, 80_877_103): self = .tls
        case (8, 80_877_104): self = .gssapi
        case (16, 80_877_102): self = .cancel
        // Protocol 3 with any minor version.
        case (9...Self.startUpBytesMax, 0x3_0000...0x3_ffff): self = .startUp(byteCount: length)
        default: self = .foreign
        }
    }

    private static func word(_ bytes: Span<UInt8>, at start: Int) -> Int {
        (start..<start + 4).reduce(0) { $0 << 8 | Int(bytes[$1]) }
    }
}

/// A refusal as a PostgreSQL server says it: ErrorResponse (55.7), severity FATAL, after which the connection ends.
enum PostgresRefusal {
    /// - Parameters:
    ///   - sqlState: such as `28000`, invalid_authorization_specification (appendix A).
    ///   - hint: what to do about it; psql shows it on a line of its own.
    static func append(to output: inout ByteBuffer, sqlState: String, message: String, hint: String?) {
        var fields: [(UInt8, String)] = [
            (UInt8(ascii: "S"), "FATAL"), (UInt8(ascii: "V"), "FATAL"), (UInt8(ascii: "C"), sqlState),
            (UInt8(ascii: "M"), message),
        ]
        if let hint { fields.append((UInt8(ascii: "H"), hint)) }
        let byteCount = fields.reduce(5) { $0 + 2 + $1.1.utf8.count }
        output.append(UInt8(ascii: "E"))
        for shift in [24, 16, 8, 0] { output.append(UInt8(truncatingIfNeeded: byteCount >> shift)) }
        for (kind, text) in fields {
            output.append(kind)
            output.append(text)
            output.append(0 as UInt8)
        }
        output.append(0 as UInt8)
    }
}
