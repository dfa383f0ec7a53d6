// SPDX-License-Identifier: Apache-2.0
import Base
import Partners
import TLS
import Testing

@testable import Edge

@Suite("Who a certificate stands for")
struct PartnerDirectoryTests {
    /// What was decided: an admitted partner's id, or a reason and the partner it was about.
    struct Want: Hashable, Sendable {
        var reason: DenialReason?
        var partner: String?

        static func admitted(_ id: String = "payfast") -> Want { Want(reason: nil, partner: id) }
        static func denied(_ reason: DenialReason, _ id: String? = "payfast") -> Want {
            Want(reason: reason, partner: id)
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let sentence: String
        let certificate: PeerCertificate
        let want: Want
        var head = ""
        var rest: String?
        var source = "192.0.2.7"
        var testDescription: String { sentence }

        init(
            _ sentence: String,
            _ certificate: PeerCertificate,
            _ want: Want,
            head: String = "",
            rest: String? = nil,
            source: String = "192.0.2.7"
        ) {
            self.sentence = sentence
            self.certificate = certificate
            self.want = want
            self.head = head
            self.rest = rest
            self.source = source
        }

        init(_ sentence: String, _ want: Want, head: String = "", rest: String? = nil, source: String = "192.0.2.7") {
            self.init(sentence, Fixture.certificate(), want, head: head, rest: rest, source: source)
        }
    }

    private static func rules(_ certificates: String..., allow: String = #"from = ["192.0.2.0/24"]"#) -> String {
        "[[allow]]\n\(allow)\nreason = \"r\"\n"
            + certificates.map { "[[certificate]]\nca = \"payfast-ca.pem\"\n\($0)\n" }.joined()
    }

    private static let name = #"san = "edge.payfast.example""#

    static let cases: [Case] = [
        Case("the right certificate from the right place", .admitted()),
        Case("an address of the other family on the list", .admitted(), source: "2001:db8:5:1::9"),
        Case("the name in capitals", Fixture.certificate(names: ["EDGE.PayFast.Example"]), .admitted()),
        Case(
            "one of several names",
            Fixture.certificate(names: ["old.payfast.example", "edge.payfast.example"]),
            .admitted()
        ),
        Case("no verified chain", Fixture.certificate(anchor: nil), .denied(.identityUnknown, nil)),
        Case("no name at all", Fixture.certificate(names: []), .denied(.identityUnknown, nil)),
        Case(
            "a name nobody has",
            Fixture.certificate(names: ["www.payfast.example"]),
            .denied(.identityUnknown, nil)
        ),
        Case(
            "a name below ours",
            Fixture.certificate(names: ["x.edge.payfast.example"]),
            .denied(.identityUnknown, nil)
        ),
        Case(
            "a wildcard above ours",
            Fixture.certificate(names: ["*.payfast.example"]),
            .denied(.identityUnknown, nil)
        ),
        Case(
            "our name from another partner's authority",
            Fixture.certificate(anchor: Array("mobicash".utf8)),
            .denied(.identityUnknown, nil)
        ),
        Case(
            "our name from an authority of nobody's",
            Fixture.certificate(anchor: Array("stranger".utf8)),
            .denied(.identityUnknown, nil)
        ),
        Case(
            "another partner's certificate",
            Fixture.certificate(names: ["edge.mobicash.example"], anchor: Array("mobicash".utf8)),
            .admitted("mobicash")
        ),
        Case(
            "names of two partners of one authority",
            Fixture.certificate(names: ["edge.payfast.example", "edge.twin.example"]),
            .denied(.identityAmbiguous, nil)
        ),
        Case("the pinned key", .admitted(), rest: rules("\(name)\npin = \"\(Fixture.pin)\"")),
        Case(
            "another key than the pinned one",
            .denied(.certificatePin),
            rest: rules("\(name)\npin = \"\(Fixture.otherPin)\"")
        ),
        Case(
            "one of two pinned keys, as in a rotation",
            .admitted(),
            rest: rules("\(name)\npin = \"\(Fixture.otherPin)\"", "\(name)\npin = \"\(Fixture.pin)\"")
        ),
        Case("a disabled partner", .denied(.partnerDisabled), head: "enabled = false"),
        Case("a certificate that has ended", Fixture.certificate(notAfter: -1), .denied(.certificateExpired)),
        Case("a certificate in its last second", Fixture.certificate(notAfter: 0), .admitted()),
        Case("a certificate in its first second", Fixture.certificate(notBefore: 0), .admitted()),
        Case("a certificate that has not begun", Fixture.certificate(notBefore: 1), .denied(.certificateExpired)),
        Case("a weak key", Fixture.certificate(weakness: "RSA 1024"), .denied(.certificateWeak)),
        Case("a revoked serial number", .denied(.certificateRevoked), head: #"revoked = ["A1:B2"]"#),
        Case("a revoked key", .denied(.certificateRevoked), head: "revoked = [\"\(Fixture.pin)\"]"),
        Case("others revoked", .admitted(), head: "revoked = [\"a1b3\", \"\(Fixture.otherPin)\"]"),
        Case("a certificate not for clients", Fixture.certificate(hasClientAuth: false), .denied(.certificatePurpose)),
        Case(
            "a certificate not for clients, where any will do",
            Fixture.certificate(hasClientAuth: false),
            .admitted(),
            rest: rules("\(name)\neku = \"any\"")
        ),
        Case(
            "a purpose that is waived for another key only",
            Fixture.certificate(hasClientAuth: false),
            .denied(.certificatePurpose),
            rest: rules(
                "\(name)\npin = \"\(Fixture.pin)\"",
                "\(name)\npin = \"\(Fixture.otherPin)\"\neku = \"any\""
            )
        ),
        Case("an address beside the list", .denied(.addressNotAllowed), source: "192.0.3.1"),
        Case("an address of the other family", .denied(.addressNotAllowed), source: "2001:db8:6::1"),
        Case(
            "an entry that has ended",
            .denied(.addressNotAllowed),
            rest: rules(name, allow: "from = [\"192.0.2.0/24\"]\nuntil = 2027-01-15T07:59:59Z")
        ),
        Case(
            "an entry that ends now",
            .denied(.addressNotAllowed),
            rest: rules(name, allow: "from = [\"192.0.2.0/24\"]\nuntil = 2027-01-15T08:00:00Z")
        ),
        Case(
            "an entry that ends in a second",
            .admitted(),
            rest: rules(name, allow: "from = [\"192.0.2.0/24\"]\nuntil = 2027-01-15T08:00:01Z")
        ),
        // The kernel checks the tunnel; here the address counts.
        Case(
            "an address that must come through a tunnel",
            .admitted(),
            rest: rules(name, allow: "from = [\"192.0.2.0/24\"]\nvia = \"t1\"") + tunnel
        ),
    ]

    private static let tunnel = """
        [[tunnel]]
        name = "t1"
        peer = "198.51.100.7"
        local-id = "@gw.example"
        remote-id = "@vpn.example"
        local-subnets = ["10.20.0.0/24"]
        remote-subnets = ["192.0.2.0/24"]
        auth = { psk = "t1.psk" }
        """

    /// Three partners: the one under test, one of the same authority, one of another.
    private static func directory(_ testCase: Case) throws -> PartnerDirectory {
        let twin = """
            [[allow]]
            from = ["198.51.100.0/24"]
            reason = "r"
            [[certificate]]
            ca = "payfast-ca.pem"
            san = "edge.twin.example"
            """
        let mobicash = try Fixture.partner("mobicash")
        return PartnerDirectory(
            [
                Fixture.record(try Fixture.partner(head: testCase.head, rest: testCase.rest)),
                Fixture.record(try Fixture.partner("twin", rest: twin)), Fixture.record(mobicash),
            ],
            anchors: [
                "payfast-ca.pem": [Array("old root".utf8), Array("payfast".utf8)],
                "mobicash-ca.pem": [Array("mobicash".utf8)],
            ]
        )
    }

    @Test("is decided by authority, name, pin, dates, revocation, purpose and place", arguments: cases)
    func decides(_ testCase: Case) throws {
        let directory = try Self.directory(testCase)
        let source = try #require(IPAddress(testCase.source))
        let got =
            switch directory.decide(testCase.certificate, source: source, now: Fixture.now) {
            case .admitted(let record): Want(reason: nil, partner: record.id.rawValue)
            case .denied(let reason, let record): Want(reason: reason, partner: record?.id.rawValue)
            }
        #expect(got == testCase.want)
    }

    @Test("is proved for every reason a certificate can be denied for")
    func complete() {
        let proved = Set(Self.cases.compactMap(\.want.reason))
        #expect(
            proved == [
                .identityUnknown, .identityAmbiguous, .certificatePin, .partnerDisabled, .certificateExpired,
                .certificateWeak, .certificateRevoked, .certificatePurpose, .addressNotAllowed,
            ]
        )
    }

    @Test("is found by id, and listed in order")
    func lookUp() throws {
        let directory = try Self.directory(Self.cases[0])
        #expect(directory.records.map(\.id.rawValue) == ["mobicash", "payfast", "twin"])
        #expect(directory[try #require(PartnerID("twin"))]?.id.rawValue == "twin")
        #expect(directory[try #require(PartnerID("nobody"))] == nil)
    }
}
