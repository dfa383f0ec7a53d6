// SPDX-License-Identifier: Apache-2.0
import Base
import Testing

@testable import Gate

@Suite("How a PostgreSQL client begins")
struct PostgresOpeningTests {
    private static func message(_ length: UInt32, _ code: UInt32) -> [UInt8] {
        [length, code].flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } }
    }

    @Test(
        "is told from its first eight bytes",
        arguments: [
            (8, 80_877_103, PostgresOpening.tls), (8, 80_877_104, .gssapi), (16, 80_877_102, .cancel),
            (41, 0x3_0000, .startUp(byteCount: 41)), (41, 0x3_0002, .startUp(byteCount: 41)),
            (10_000, 0x3_0000, .startUp(byteCount: 10_000)), (10_001, 0x3_0000, .foreign), (8, 0x3_0000, .foreign),
            (41, 0x2_0000, .foreign), (9, 80_877_103, .foreign), (0, 0, .foreign), (.max, .max, .foreign),
        ] as [(UInt32, UInt32, PostgresOpening)]
    )
    func openings(_ length: UInt32, _ code: UInt32, _ opening: PostgresOpening) {
        let bytes = Self.message(length, code)
        #expect(PostgresOpening(bytes.span) == opening)
        for count in 0..<8 { #expect(PostgresOpening(bytes.span.extracting(0..<count)) == nil) }
    }

    @Test("is refused in the server's own form, its length counted")
    func refusal() {
        var bytes = ByteBuffer()
        GateRefusal(code: "target_denied", message: "access denied for mallory to txn-db", hint: "request a grant")
            .appendPostgres(to: &bytes)
        let all = Array(String(bytes.bytes).utf8)
        #expect(all[0] == UInt8(ascii: "E"))
        let length = all[1..<5].reduce(0) { $0 << 8 | Int($1) }
        #expect(length == all.count - 1)
        let fields = all[5...].split(separator: 0, omittingEmptySubsequences: true).map {
            String(decoding: $0, as: UTF8.self)
        }
        #expect(
            fields == [
                "SFATAL", "VFATAL", "C28000", "Mjumpd: access denied for mallory to txn-db", "Hrequest a grant",
            ]
        )
        #expect(all.suffix(2) == [0, 0])
    }
}
