// SPDX-License-Identifier: Apache-2.0
import Base
import TLS
import TestKit
import Testing

@Suite("The facts of a certificate")
struct PeerFactsTests {
    /// Made by the openssl program; the expected facts below are what that program prints.
    static let foreign = """
        -----BEGIN CERTIFICATE-----
        MIIDczCCAlugAwIBAgIDChssMA0GCSqGSIb3DQEBCwUAMEExCzAJBgNVBAYTAktF
        MRMwEQYDVQQKDApaYcW8w7PFgsSHMR0wGwYDVQQDDBRhcGkubW9iaWNhc2guZXhh
        bXBsZTAeFw0yNjExMjExMjU3NTVaFw0zNjExMTgxMjU3NTVaMEExCzAJBgNVBAYT
        AktFMRMwEQYDVQQKDApaYcW8w7PFgsSHMR0wGwYDVQQDDBRhcGkubW9iaWNhc2gu
        ZXhhbXBsZTCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAKpt8T5QbjfJ
        nV7AXHoKJoGZcFqMagRIIJlTnhEeWehidMnabQ++qxJWHrudPupjfW8+mbN7NSQk
        CA0IyeNUlBcqSkeGdxUJqkICr0Nk5k7mwwTJhpxJw+c++TyuXzHemQqOqhtlUI1C
        Gjt1GwNTXObSd/vsC5715Nt4R7vlkPwNKCzAFyspgFjmEwqyuvODQmjRpOJIumgH
        jehPZqVWtEDUTV3YRRZnmUeugAwAvV5nYp/PzizkmcDc6yXwY/ayHAW1sfZ6KQyd
        kjJ3UkYQIxrz/QGlkUD48d3QBbV3GdfEm2aD2J970W6gXB6y161IsplaDvnnosCO
        9ok1fFjVl70CAwEAAaN0MHIwHQYDVR0OBBYEFMB57JaWHcP6TuOCupMPz37fHdGU
        MB8GA1UdIwQYMBaAFMB57JaWHcP6TuOCupMPz37fHdGUMA8GA1UdEwEB/wQFMAMB
        Af8wHwYDVR0RBBgwFoIUYXBpLm1vYmljYXNoLmV4YW1wbGUwDQYJKoZIhvcNAQEL
        BQADggEBAGSBsPvbHLkpqtgxRwWAdjIcY5YesxOt+GbP+IbOFPtxykZjjZnH18mT
        D5vaQmFRTAMztAjbOVVYH9qt6frBesE6SDEQbsSCHkW+/IgbKexwRS4CBObijywU
        clcrd0xCnljSwegkfbH4hDHxEr99spItPG9+R6uKqracRgCGljwNOK3nhl25VQZa
        KOsM9PLVDLermGDmdHQvGPQXdIBldxIAzm+3sRThsaLpkaP16uhWP+QssLd11EGg
        ilJsKUJNuudjl6Ybu5nsYVixwCABVtKCVygXiUxRYraaVbp1KTGXPo1Jqs68L11W
        KyA3p7qxEQon/EvxWvGgdzPmWegTujc=
        -----END CERTIFICATE-----
        """

    static func facts(_ recipe: Recipe, by issuer: Minted? = World.payfastCA) throws -> PeerCertificate {
        try #require(try PEM.certificates(Minted.make(recipe, by: issuer).certificatePEM).first)
    }

    @Test("purposes are told, and none at all means any")
    func purposes() throws {
        struct Case {
            let purposes: String?
            let isLimited: Bool
            let client: Bool
            let server: Bool
        }
        let cases = [
            Case(purposes: nil, isLimited: false, client: true, server: true),
            Case(purposes: "clientAuth", isLimited: true, client: true, server: false),
            Case(purposes: "serverAuth", isLimited: true, client: false, server: true),
            Case(purposes: "serverAuth,clientAuth", isLimited: true, client: true, server: true),
            Case(purposes: "codeSigning", isLimited: true, client: false, server: false),
        ]
        for testCase in cases {
            let facts = try Self.facts(.leaf("a.example", purposes: testCase.purposes))
            #expect(facts.isPurposeLimited == testCase.isLimited, "\(testCase)")
            #expect(facts.hasClientAuth == testCase.client, "\(testCase)")
            #expect(facts.hasServerAuth == testCase.server, "\(testCase)")
        }
    }

    @Test("a server lets a certificate for other purposes through, for the caller to judge")
    func otherPurpose() throws {
        var wire = try World.wire(client: Minted.make(.leaf("a.example", purposes: "serverAuth"), by: World.payfastCA))
        try wire.shake()
        let peer = wire.server.session.peer
        #expect(wire.server.progress == .established)
        #expect(peer?.hasClientAuth == false)
    }

    @Test("another partner's CA is told apart by its anchor, whatever name it certified")
    func anchors() throws {
        let forged = Minted.make(.leaf("edge.payfast.example", purposes: "clientAuth"), by: World.mobicashCA)
        var wire = try World.wire(client: forged)
        try wire.shake()
        let peer = wire.server.session.peer
        #expect(peer?.dnsNames == ["edge.payfast.example"])
        #expect(peer?.anchorSHA256 == Digest.sha256(World.mobicashCA.der))
        #expect(peer?.anchorSHA256 != Digest.sha256(World.payfastCA.der))
    }

    @Test("the anchor is the end of the chain, not the issuer")
    func anchorAboveIntermediate() throws {
        let issuing = Minted.make(.authority("PayFast Issuing"), by: World.payfastCA)
        var wire = try World.wire(client: Minted.make(.leaf("a.example"), by: issuing))
        try wire.shake()
        let peer = wire.server.session.peer
        #expect(peer?.issuer == "CN=PayFast Issuing,O=Tests")
        #expect(peer?.anchorSHA256 == Digest.sha256(World.payfastCA.der))
    }

    @Test("an intermediate stored with the anchors fills the gap, and is no anchor itself")
    func storedIntermediate() throws {
        let issuing = Minted.make(.authority("PayFast Issuing"), by: World.payfastCA)
        let partner = Minted.make(.leaf("a.example"), by: issuing)
        let settings = World.serverSettings {
            $0.clientAnchorsPEM = [World.payfastCA.certificatePEM + issuing.certificatePEM]
        }
        var wire = Wire(
            server: try ServerContext(settings),
            client: try ClientContext(
                World.clientSettings {
                    $0.identity = TLSIdentity(certificateChainPEM: partner.certificatePEM, keyPEM: partner.keyPEM)
                }
            )
        )
        try wire.shake()
        let peer = wire.server.session.peer
        #expect(wire.server.progress == .established)
        #expect(peer?.anchorSHA256 == Digest.sha256(World.payfastCA.der))
    }

    @Test("names are DNS alternative names in lower case, never the common name")
    func names() throws {
        let several = Recipe.leaf("cn.example").with {
            $0.alternativeNames = "DNS:A.Example,DNS:b.example,URI:spiffe://x/Y,IP:192.0.2.1,email:c@d.example"
        }
        let facts = try Self.facts(several)
        #expect(facts.dnsNames == ["a.example", "b.example"])
        #expect(facts.uris == ["spiffe://x/Y"])
        #expect(facts.subject == "CN=cn.example,O=Tests")
        #expect(facts.weakness == nil)
        let none = try Self.facts(.leaf("cn.example").with { $0.alternativeNames = nil })
        #expect(none.dnsNames.isEmpty)
    }

    @Test(
        "a name with bytes no host name has is no name, and is told",
        arguments: ["edge.payfast.example\0.evil.example", "edge.payfast.example ", "\0", "bücher.example", "a/b"]
    )
    func hostileNames(name: String) throws {
        let recipe = Recipe.leaf("x").with {
            $0.alternativeNames = nil
            $0.alternativeNamesDER = Recipe.dnsNames(["good.example", name])
        }
        let facts = try Self.facts(recipe)
        #expect(facts.dnsNames == ["good.example"])
        #expect(facts.weakness == "it holds a malformed DNS name")
    }

    @Test("alternative names that cannot be read are told")
    func unreadableNames() throws {
        let recipe = Recipe.leaf("x").with {
            $0.alternativeNames = nil
            $0.alternativeNamesDER = [0x30, 0x7f, 0x01]
        }
        let facts = try Self.facts(recipe)
        #expect(facts.dnsNames.isEmpty)
        #expect(facts.weakness == "its alternative names cannot be read")
    }

    static let rsaCA = Minted.make(.authority("RSA CA").with { $0.key = .rsa(bits: 2048) })

    struct KeyCase: Sendable {
        let key: Recipe.Key
        var digest = "SHA256"
        let description: String
        let weakness: String?
    }

    @Test(
        "keys are named and weak ones told",
        arguments: [
            KeyCase(key: .curve("P-256"), description: "EC P-256", weakness: nil),
            KeyCase(key: .curve("P-384"), description: "EC P-384", weakness: nil),
            KeyCase(key: .curve("P-521"), description: "EC P-521", weakness: nil),
            KeyCase(
                key: .curve("secp224r1"),
                description: "EC secp224r1",
                weakness: "EC key of 224 bits, 256 at least"
            ),
            KeyCase(key: .rsa(bits: 2048), description: "RSA 2048", weakness: nil),
            KeyCase(key: .rsa(bits: 1024), description: "RSA 1024", weakness: "RSA key of 1024 bits, 2048 at least"),
            KeyCase(key: .ed25519, description: "Ed25519", weakness: nil),
            KeyCase(key: .ed448, description: "Ed448", weakness: nil),
            KeyCase(key: .x25519, description: "X25519", weakness: "keys of type X25519 are not taken"),
            KeyCase(key: .curve("P-256"), digest: "SHA1", description: "EC P-256", weakness: "signed with SHA-1"),
            KeyCase(key: .curve("P-256"), digest: "MD5", description: "EC P-256", weakness: "signed with MD5"),
        ]
    )
    func keys(_ testCase: KeyCase) throws {
        let recipe = Recipe.leaf("a.example").with {
            $0.key = testCase.key
            $0.digest = testCase.digest
        }
        let facts = try Self.facts(recipe, by: Self.rsaCA)
        #expect(facts.keyDescription == testCase.description)
        #expect(facts.weakness == testCase.weakness)
    }

    @Test("authorities and self-issued certificates are told")
    func authorities() throws {
        let anchor = try Self.facts(.authority("A").with { $0.digest = "SHA1" }, by: nil)
        #expect(anchor.isAuthority && anchor.isSelfIssued)
        #expect(anchor.weakness == nil, "nobody relies on the signature of an anchor")
        let leaf = try Self.facts(.leaf("a.example"))
        #expect(!leaf.isAuthority && !leaf.isSelfIssued)
    }

    @Test("the openssl program says the same")
    func agreesWithTheProgram() throws {
        let facts = try #require(try PEM.certificates(Array(Self.foreign.utf8)).first)
        #expect(facts.serial == "0a1b2c")
        #expect(facts.subject == "CN=api.mobicash.example,O=Zażółć,C=KE")
        #expect(Hex.encode(facts.sha256) == "fe14c39307f531b433240287707ef07067d1f15cdb4112cdf07231df1c4687f6")
        #expect(Hex.encode(facts.spkiSHA256) == "38791a372b5513205c5cc7ddd5a82f742b321114b0c03fb6a87ec5182f463f30")
        #expect(facts.notBefore.rfc3339 == "2026-11-21T12:57:55.000Z")
        #expect(facts.notAfter.rfc3339 == "2036-11-18T12:57:55.000Z")
        #expect(facts.isValid(at: facts.notBefore) && facts.isValid(at: facts.notAfter))
        #expect(!facts.isValid(at: facts.notAfter + .seconds(1)))
        #expect(!facts.isValid(at: facts.notBefore + .seconds(-1)))
    }
}
