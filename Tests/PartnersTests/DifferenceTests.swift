// SPDX-License-Identifier: Apache-2.0
import Base
import Partners
import Testing

@Suite("The difference between two configurations")
struct DifferenceTests {
    static let partner = """
        id     = "acme"
        name   = "Acme"
        roles  = ["send"]
        owner  = "o"
        ticket = "T-1"

        [[allow]]
        from   = ["203.0.113.10"]
        reason = "r"

        [[certificate]]
        ca  = "acme-ca.pem"
        san = "edge.acme.example"

        """

    static func parse(_ text: String) throws -> Partner {
        let outcome = PartnerFile.parse(text, fileName: "acme.toml")
        return try #require(outcome.partner, "\(DiagnosticRenderer().text(outcome.diagnostics))")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let from: String
        let to: String
        let names: [String]
        var testDescription: String { "\(names)" }
    }

    static let callbacks = """
        [callbacks]
        url = "https://c.acme.example/x"
        to = ["203.0.113.20"]
        identity = "acme-out"
        profile = "gsma"

        """

    static let cases = [
        Case(from: "# nothing", to: "# still nothing", names: []),
        Case(from: "name   = \"Acme\"", to: "name   = \"Acme Ltd\"", names: ["name"]),
        Case(from: "[\"send\"]", to: "[\"send\", \"receive\"]", names: ["roles"]),
        Case(from: "owner  = \"o\"", to: "owner = \"p\"\nenabled = false", names: ["enabled", "owner"]),
        Case(from: "T-1", to: "T-2", names: ["ticket"]),
        Case(from: "ticket = \"T-1\"", to: "ticket = \"T-1\"\nrevoked = [\"0a\"]", names: ["revoked"]),
        Case(from: "203.0.113.10", to: "203.0.113.11", names: ["[[allow]]"]),
        Case(from: "edge.acme", to: "gw.acme", names: ["[[certificate]]"]),
        Case(from: "\n[[allow]]", to: "\n[limits]\nburst = 7\n[[allow]]", names: ["[limits]"]),
        Case(from: "\n[[allow]]", to: "\n\(callbacks)[[allow]]", names: ["[callbacks]", "[inbound]"]),
        Case(from: "\n[[allow]]", to: "\n[inbound]\nprofile = \"gsma\"\n[[allow]]", names: ["[inbound]"]),
        Case(
            from: "\n[[allow]]",
            to: "\n[credential]\nscheme = \"basic\"\nfile = \"a.credential\"\n[[allow]]",
            names: ["[credential]"]
        ),
    ]

    @Test("names what a partner file says anew", arguments: cases)
    func partners(_ testCase: Case) throws {
        let old = try Self.parse(Self.partner)
        let new = try Self.parse(Self.partner.replacing(testCase.from, with: testCase.to))
        #expect(new.differences(from: old) == testCase.names)
        #expect(old.differences(from: new) == testCase.names)
    }

    static let gateway = """
        [listen]
        partners = ["0.0.0.0:8443"]
        internal = ["10.20.0.1:8080"]
        [server]
        names = ["edge.example.net"]
        certificate = "edge.pem"
        key = "edge.key"
        [internal]
        from = ["10.20.0.0/24"]
        [[backend]]
        name = "txn"
        address = "10.20.0.10:8080"
        [[route]]
        path = "/a/"
        role = "send"
        to = "txn"

        """

    static let sections = [
        Case(from: "0.0.0.0:8443", to: "0.0.0.0:9443", names: ["[listen]"]),
        Case(from: "edge.key", to: "other.key", names: ["[server]"]),
        Case(from: "10.20.0.0/24", to: "10.20.0.0/25", names: ["[internal]"]),
        Case(from: "10.20.0.10:8080", to: "10.20.0.11:8080", names: ["[[backend]]"]),
        Case(from: "\"/a/\"", to: "\"/b/\"", names: ["[[route]]"]),
        Case(from: "[[backend]]", to: "[workers]\ncount = 3\n[[backend]]", names: ["[workers]"]),
        Case(from: "[[backend]]", to: "[timeouts]\nidle = \"9s\"\n[[backend]]", names: ["[timeouts]"]),
        Case(from: "[[backend]]", to: "[limits]\nconnections = 9\n[[backend]]", names: ["[limits]"]),
        Case(from: "[[backend]]", to: "[store]\nbacklog-max = 9\n[[backend]]", names: ["[store]"]),
        Case(from: "[[backend]]", to: "[relay]\non-dead = \"skip\"\n[[backend]]", names: ["[relay]"]),
        Case(from: "[[backend]]", to: "[log]\naccess = false\n[[backend]]", names: ["[log]"]),
    ]

    @Test("names what eigd.toml says anew", arguments: sections)
    func gateways(_ testCase: Case) throws {
        let old = try #require(GatewayFile.parse(Self.gateway).file)
        let new = try #require(GatewayFile.parse(Self.gateway.replacing(testCase.from, with: testCase.to)).file)
        #expect(new.differences(from: old) == testCase.names)
        #expect(old.differences(from: old).isEmpty)
    }
}
