// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Partners
import Testing

/// Each advisory by what is written because of it.
@Suite("Advisories")
struct AdvisoryTests {
    static func advisory(
        _ id: String,
        _ version: LibreswanVersion = LibreswanVersion(4, 10),
        _ connections: [Connection] = [.sample()]
    ) -> Advisory? {
        Advisory.known(for: version, connections: connections).first { $0.id == id }
    }

    static func text(_ version: LibreswanVersion, _ connections: [Connection] = [.sample()]) throws -> String {
        String(decoding: try ConfigurationEmitter(version: version).text(connections), as: UTF8.self)
    }

    static func ids(_ version: LibreswanVersion) -> [String] { Advisory.known(for: version).map(\.id) }

    @Test("are those of the version, and each says how it is met")
    func table() {
        let ofDebian = [
            "CVE-2023-30570", "CVE-2023-38710", "CVE-2023-38711", "CVE-2023-38712", "CVE-2024-2357", "CVE-2024-3652",
            "CVE-2026-12413", "CVE-2026-50721", "CVE-2026-50722", "CVE-2026-14957",
        ]
        #expect(Self.ids(LibreswanVersion(4, 10)) == ofDebian)
        #expect(Self.ids(LibreswanVersion(4, 9)) == ["CVE-2023-23009"] + ofDebian)
        #expect(Self.ids(LibreswanVersion(4, 12)) == Array(ofDebian.dropFirst(4)))
        #expect(Self.ids(LibreswanVersion(4, 15)) == Array(ofDebian.dropFirst(6)))
        #expect(Self.ids(LibreswanVersion(5, 3)) == Array(ofDebian.dropFirst(6)))
        #expect(Self.ids(LibreswanVersion(5, 3, 1)) == ["CVE-2026-14957"])
        #expect(Self.ids(LibreswanVersion(5, 3, 2)) == [])
        for advisory in Advisory.known(for: LibreswanVersion(4, 9)) {
            #expect(!advisory.summary.isEmpty && !advisory.how.isEmpty, "\(advisory.id)")
        }
    }

    @Test("CVE-2023-23009 and CVE-2023-38710: nothing that could be written prevents them")
    func noWorkaround() throws {
        for id in ["CVE-2023-23009", "CVE-2023-38710"] {
            let advisory = try #require(Self.advisory(id, LibreswanVersion(4, 9)))
            #expect(!advisory.isWorkedAround && advisory.how.contains("upgrade to 4.1"))
        }
    }

    @Test(
        "CVE-2023-30570, CVE-2023-38711, CVE-2023-38712: IKEv1 is shut out, unless a waiver lets it in",
        arguments: ["CVE-2023-30570", "CVE-2023-38711", "CVE-2023-38712"]
    )
    func ikev1(id: String) throws {
        let emitter = ConfigurationEmitter(version: LibreswanVersion(4, 10))
        #expect(String(decoding: emitter.setupText([.sample()]), as: UTF8.self).contains("ikev1-policy=\"drop\""))
        #expect(try #require(Self.advisory(id)).isWorkedAround)
        let waived = [Connection.sample(), Shape.ikev1]
        #expect(String(decoding: emitter.setupText(waived), as: UTF8.self).contains("ikev1-policy=\"accept\""))
        let exposed = try #require(Self.advisory(id, LibreswanVersion(4, 10), waived))
        #expect(!exposed.isWorkedAround && exposed.how.contains("oldbank/t1"))
    }

    @Test("CVE-2024-2357: every pair of identities has a secret")
    func missingSecret() throws {
        let emitter = ConfigurationEmitter(version: LibreswanVersion(4, 12))
        #expect(try #require(Self.advisory("CVE-2024-2357")).isWorkedAround && emitter.needsCatchAllSecret)
        let text = emitter.catchAllText(key: [UInt8](repeating: 7, count: 32))
        #expect(String(decoding: text, as: UTF8.self).contains("\n: PSK 0x0707"))
        #expect(!ConfigurationEmitter(version: LibreswanVersion(4, 13)).needsCatchAllSecret)
    }

    @Test("CVE-2024-3652: every connection names its esp, IKEv1 first of all")
    func esp() throws {
        #expect(try #require(Self.advisory("CVE-2024-3652")).isWorkedAround)
        #expect(try Self.text(LibreswanVersion(4, 10), [Shape.ikev1]).contains("    esp=\"3des-sha1\"\n"))
    }

    @Test("CVE-2026-12413: no fragments with a pre-shared key; with certificates it stays open, and says so")
    func fragments() throws {
        for version in [LibreswanVersion(4, 6), LibreswanVersion(4, 10), LibreswanVersion(5, 3)] {
            #expect(try Self.text(version).contains("    fragmentation=\"no\"\n"))
            #expect(try #require(Self.advisory("CVE-2026-12413", version)).isWorkedAround)
            let certificate = [Shape.certificate(.ecdsa, .ecdsa)]
            #expect(try Self.text(version, certificate).contains("    fragmentation=\"yes\"\n"))
            let advisory = try #require(Self.advisory("CVE-2026-12413", version, certificate))
            #expect(!advisory.isWorkedAround && advisory.how.contains("acme/t1"))
        }
        #expect(try Self.text(LibreswanVersion(5, 3, 1)).contains("    fragmentation=\"yes\"\n"))
    }

    @Test("CVE-2026-50721: no certificate is written with IKEv1")
    func rawSignature() throws {
        #expect(try #require(Self.advisory("CVE-2026-50721")).isWorkedAround)
        var connection = Shape.certificate(.rsa, .rsa)
        connection.version = .v1
        #expect(throws: EmissionFailure.self) { try Self.text(LibreswanVersion(4, 10), [connection]) }
    }

    @Test(
        "CVE-2026-50722: no kind of signature is named that may be PKCS #1 v1.5, but for a partner's RSA beside our ECDSA"
    )
    func pkcs1() throws {
        for (ours, theirs, isOpen) in [
            (KeyKind.ecdsa, KeyKind.ecdsa, false), (.rsa, .rsa, false), (.rsa, .ecdsa, false), (.ecdsa, .rsa, true),
        ] {
            let connections = [Shape.certificate(ours, theirs)]
            let text = try Self.text(LibreswanVersion(4, 10), connections)
            #expect(text.contains("authby=\"rsasig") == false && text.contains("rightauth=\"rsasig\"") == isOpen)
            let advisory = try #require(Self.advisory("CVE-2026-50722", LibreswanVersion(4, 10), connections))
            #expect(advisory.isWorkedAround != isOpen)
        }
    }

    @Test("CVE-2026-14957: only certificates open it")
    func fips() throws {
        #expect(try #require(Self.advisory("CVE-2026-14957")).isWorkedAround)
        let certificate = [Shape.certificate(.ecdsa, .ecdsa)]
        #expect(
            try #require(Self.advisory("CVE-2026-14957", LibreswanVersion(5, 3, 1), certificate)).isWorkedAround
                == false
        )
    }

    @Test("name five tunnels and count the rest")
    func many() throws {
        let connections = (1...7).map { number in
            var connection = Shape.certificate(.ecdsa, .ecdsa)
            connection.name = ConnectionName("p_acme_t\(number)_s1")!
            return connection
        }
        let advisory = try #require(Self.advisory("CVE-2026-12413", LibreswanVersion(4, 10), connections))
        #expect(advisory.how.contains("acme/t5 and 2 more"))
    }
}
