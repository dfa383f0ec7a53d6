// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Partners
import Testing

@Suite("Secrets for Libreswan")
struct SecretsTests {
    static let emitter = ConfigurationEmitter(version: LibreswanVersion(4, 10))

    static func secret(
        _ tunnel: String,
        _ local: IKEIdentity = .name("gw.edge.example"),
        _ remote: IKEIdentity = .name("vpn.acme.example"),
        key: [UInt8] = Array(0..<32)
    ) -> SharedSecret {
        SharedSecret(
            tunnel: TunnelID(partner: PartnerID("acme")!, name: tunnel),
            local: local,
            remote: remote,
            key: key
        )
    }

    static let several = [
        secret("t1"), secret("t2"),
        secret("t3", .address(IPAddress("198.51.100.10")!), .address(IPAddress("203.0.113.7")!), key: [0]),
        secret(
            "t4",
            .address(IPAddress("2001:db8::10")!),
            .email("vpn-ops@acme.example"),
            key: Array("\"#'`\n: PSK".utf8)
        ),
    ]

    @Test("are two identities and a key in hex, once a pair")
    func golden() throws {
        let text = try Self.emitter.secretsText(Self.several)
        try Golden.expect(text, "secrets")
        #expect(
            try SecretsReader.read(text).map(\.key) == [Self.several[0].key, Self.several[2].key, Self.several[3].key]
        )
    }

    @Test("for nobody are only written where a missing one crashes pluto")
    func catchAll() throws {
        let key = [UInt8](repeating: 0xa5, count: 32)
        try Golden.expect(Self.emitter.catchAllText(key: key), "secrets-of-nobody")
        #expect(try SecretsReader.readCatchAll(Self.emitter.catchAllText(key: key)) == key)
        #expect(Self.emitter.needsCatchAllSecret)
        #expect(!ConfigurationEmitter(version: LibreswanVersion(5, 2)).needsCatchAllSecret)
    }

    @Test("of two keys for one pair are refused, in either order")
    func twoKeys() {
        let other = Self.secret("t2", .name("vpn.acme.example"), .name("gw.edge.example"), key: [9])
        #expect(throws: EmissionFailure.self) { try Self.emitter.secretsText([Self.secret("t1"), other]) }
    }

    static let unwritable = [
        secret("t1", key: []), secret("t1", key: [UInt8](repeating: 1, count: 513)),
        secret("t1", .name("a b")), secret("t1", .name("")), secret("t1", .name("a\n: PSK 0x00")),
        secret("t1", .email("4711")), secret("t1", .email("a@b c")), secret("t1", .distinguishedName("CN=a")),
        secret("t1", .address(.v4(0))), secret("t1", .name(String(repeating: "a", count: 254))),
    ]

    @Test("that would not come out whole are refused", arguments: unwritable)
    func stayUnwritten(secret: SharedSecret) {
        #expect(throws: EmissionFailure.self) { try Self.emitter.secretsText([secret]) }
    }

    @Test("of the longest kind stay below what Libreswan cuts")
    func longest() throws {
        let name = String(repeating: "a", count: 253)
        let key = [UInt8](repeating: 0xff, count: 512)
        let text = try Self.emitter.secretsText([Self.secret("t1", .name(name), .name(name), key: key)])
        #expect(text.split(separator: UInt8(ascii: "\n")).allSatisfy { $0.count < 2047 })
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let reason: ReadFailure.Reason
        var testDescription: String { String(text.prefix(60)) }
    }

    static let record = "LOCAL REMOTE : PSK KEY"
    static let foreign = [
        Case(text: ": PSK 0x00", reason: .foreign("something else than \(record)")),
        Case(text: "@a : PSK 0x00", reason: .foreign("something else than \(record)")),
        Case(text: "@a @b :PSK 0x00", reason: .foreign("something else than \(record)")),
        Case(text: "@a @b : psk 0x00", reason: .foreign("something else than \(record)")),
        Case(text: "@a @b : RSA 0x00", reason: .foreign("something else than \(record)")),
        Case(text: "@a @b @c : PSK 0x00", reason: .foreign("something else than \(record)")),
        Case(text: "@a @b : PSK 0x00 0x01", reason: .foreign("something else than \(record)")),
        Case(text: "@a @b : PSK \"secret\"", reason: .foreign("a quote or a comment in a record")),
        Case(text: "@a @b : PSK 'secret'", reason: .foreign("a quote or a comment in a record")),
        Case(text: "@a @b : PSK `secret`", reason: .foreign("a quote or a comment in a record")),
        Case(text: "@a @b : PSK 0x00 # note", reason: .foreign("a quote or a comment in a record")),
        Case(text: "@a @b : PSK 0tsecret", reason: .value(of: "PSK")),
        Case(text: "@a @b : PSK 0sAAAA", reason: .value(of: "PSK")),
        Case(text: "@a @b : PSK 0x0", reason: .value(of: "PSK")),
        Case(text: "@a @b : PSK 0x", reason: .value(of: "PSK")),
        Case(text: "@a @b : PSK 0xFF", reason: .value(of: "PSK")),
        Case(text: "4711 @b : PSK 0x00", reason: .value(of: "identity")),
        Case(text: "%any @b : PSK 0x00", reason: .value(of: "identity")),
        Case(text: "host.example @b : PSK 0x00", reason: .value(of: "identity")),
        Case(text: "CN=a @b : PSK 0x00", reason: .value(of: "identity")),
        Case(text: "@a @b :\n PSK 0x00", reason: .foreign("an indented line, which carries on the record above")),
        Case(
            text: "@a @b : PSK 0x00\n @c @d : PSK 0x00",
            reason: .foreign("an indented line, which carries on the record above")
        ),
        Case(text: "include /etc/passwd", reason: .foreign("an include")),
        Case(text: "@a @b : PSK 0x00\r", reason: .byte(13)),
        Case(text: "@a\t@b : PSK 0x00", reason: .byte(9)),
        Case(text: "@a @b : PSK 0x00\u{0}", reason: .byte(0)),
        Case(text: "@\u{e9} @b : PSK 0x00", reason: .byte(0xc3)),
        Case(text: "#" + String(repeating: "a", count: 2047), reason: .tooLong(byteCount: 2048)),
        Case(text: "@a @b : PSK 0x00\n@b @a : PSK 0x01", reason: .twice("a pair of identities")),
    ]

    @Test("that are not ours are refused, and where", arguments: foreign)
    func stayUnread(testCase: Case) {
        do throws(ReadFailure) {
            _ = try SecretsReader.read(Array(testCase.text.utf8))
            Issue.record("was read")
        } catch { #expect(error.reason == testCase.reason) }
    }
}
