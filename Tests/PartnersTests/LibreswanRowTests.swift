// SPDX-License-Identifier: Apache-2.0
import Base
import Partners
import Testing

/// What Libreswan 4.10 takes, ignores or stumbles over in a configuration of its own, as it was measured, and what
/// becomes of the same mistake in a partner's file: refused before Libreswan sees anything.
@Suite("What Libreswan would let pass")
struct LibreswanRowTests {
    struct Row: Sendable, CustomTestStringConvertible {
        /// In its own configuration.
        let input: String
        /// What it makes of it.
        let consequence: String
        let code: DiagnosticCode
        let edit: @Sendable (String) -> String
        var testDescription: String { "\(input): \(code.rawValue)" }

        init(_ input: String, _ consequence: String, _ code: DiagnosticCode, _ old: String, _ new: String) {
            self.input = input
            self.consequence = consequence
            self.code = code
            edit = { $0.replacing(old, with: new, maxReplacements: 1) }
        }
    }

    private static let every = "every connection of every partner fails (exit 3)"
    private static let remote = "[\"172.16.5.0/24\"]"
    private static let local = "[\"10.20.0.0/24\"]"
    private static let last = "encapsulation = \"auto\""
    private static let ike =
        "ike = [\"aes_gcm256-sha2_512-dh20\", \"aes_gcm256-sha2_512-dh19\", \"aes256-sha2_512-dh20\", "
        + "\"aes256-sha2_256-dh19\"]"

    static let rows: [Row] = [
        Row("unknown keyword", every, .unknownKey, last, "encapsulated = true"),
        Row("bad bool", every, .type, "enabled = true", "enabled = \"ja\""),
        Row("missing indent", every, .unknownKey, "\n[[tunnel]]", "\nencapsulation = \"auto\"\n[[tunnel]]"),
        Row("stray word", every, .syntax, last, "conn"),
        Row("auto=banana", "exit 1, the same", .unknownKey, last, "auto = \"banana\""),
        Row("encapsulation=banana", "exit 1, the same", .choice, last, "encapsulation = \"banana\""),
        Row(
            "rightsubnet=172.16.5.0/99",
            "another tunnel, without the selector",
            .prefix,
            remote,
            "[\"172.16.5.0/99\"]"
        ),
        Row("rightsubnet=172.16.5.7/24", "accepted in silence", .prefixHostBits, remote, "[\"172.16.5.7/24\"]"),
        Row(
            "ike=rot13-sha999;dh99",
            "refused only when it is added",
            .tunnelProposal,
            ike,
            "ike = [\"rot13-sha999-dh99\"]"
        ),
        Row("ike=3des-md5;modp1024", "the same", .tunnelProposal, ike, "ike = [\"3des-md5-modp1024\"]"),
        Row("ike=3des-md5;modp1536", "accepted in silence", .tunnelWeak, ike, "ike = [\"3des-md5-dh5\"]"),
        Row(
            "esp=null-sha1",
            "accepted in silence",
            .tunnelProposal,
            "esp = [\"aes_gcm256\", ",
            "esp = [\"null-sha1\", "
        ),
        Row("leftsubnets=banana", "nothing loads, exit 0", .prefix, local, "[\"banana\"]"),
        Row("no right", "nothing loads, exit 0", .missingKey, "\npeer = \"198.51.100.7\"", "\n"),
        Row("no rightsubnet", "another tunnel", .missingKey, "remote-subnets = [\"172.16.5.0/24\"]", ""),
        Row("IPv6 networks, IPv4 endpoints", "nothing loads, exit 0", .tunnelFamily, "# Required. Our networks", "#")
            .then(local, "[\"2001:db8:20::/64\"]").then(remote, "[\"2001:db8:5::/64\"]"),
        Row("leftid=4711", "the identity is lost, exit 0", .tunnelID, "\"@gw.edge.example\"", "\"4711\""),
        Row("conn 4711", every, .tunnelName, "name = \"t1\"", "name = \"4711\""),
        Row(
            "a key twice",
            "loads, with a message",
            .duplicateKey,
            last,
            "encapsulation = \"auto\"\nencapsulation = \"auto\""
        ),
        Row("also=", "loads, with a message", .unknownKey, last, "also = \"t2\""),
        Row(
            "a conn twice",
            "booting takes the last, adding the first",
            .repeated,
            last,
            """
            [[tunnel]]
            name = "t1"
            peer = "198.51.100.9"
            local-id = "@gw.edge.example"
            remote-id = "@vpn2.payfast.example"
            local-subnets = ["10.20.0.0/24"]
            remote-subnets = ["172.18.5.0/24"]
            auth = { psk = "payfast-t1.psk" }
            """
        ),
        Row("authby=secrets", "the default instead, exit 0", .unknownKey, "auth = { psk = ", "auth = { secrets = "),
        Row("authby=never", "no authentication", .unknownKey, last, "authby = \"never\""),
        Row("reqid=99999", "ignored", .unknownKey, last, "reqid = 99999"),
        Row("dpddelay=abc", "accepted in silence", .duration, "liveness = \"10s\"", "liveness = \"abc\""),
        Row("mark=zzz", "accepted in silence", .unknownKey, last, "mark = \"zzz\""),
        Row(
            "networks of mixed families",
            "accepted in silence",
            .tunnelFamily,
            local,
            "[\"10.20.0.0/24\", \"2001:db8::/64\"]"
        ),
        Row("include /etc/passwd", "prints its first line", .syntax, last, "include /etc/passwd"),
        Row("include=/etc/passwd", "prints its first line", .unknownKey, last, "include = \"/etc/passwd\""),
        Row("dns-match-id=yes", every, .unknownKey, last, "dns-match-id = true"),
        // The injections that were measured beside them.
        Row(
            "a quote and a semicolon in the conn's name",
            "runs as root",
            .tunnelName,
            "name = \"t1\"",
            "name = \"t';id;'\""
        ),
        Row(
            "a newline in a value",
            "adds a keyword",
            .tunnelID,
            "\"@gw.edge.example\"",
            "\"@gw\\n  leftupdown=/tmp/x\""
        ),
        Row("leftupdown=", "runs as root", .unknownKey, last, "leftupdown = \"/tmp/x\""),
        Row("vti-interface=", "runs as root", .unknownKey, last, "vti-interface = \"x;id\""),
        Row("%fromcert", "another meaning", .tunnelID, "\"@vpn.payfast.example\"", "\"%fromcert\""),
        Row("an id that is a host name", "asks DNS", .tunnelID, "\"@vpn.payfast.example\"", "\"vpn.payfast.example\""),
        Row("a DN with ,,", "is rewritten", .tunnelID, "\"@vpn.payfast.example\"", "\"CN=a,,O=b\""),
    ]

    @Test("is refused in a partner's file", arguments: rows)
    func refused(_ row: Row) throws {
        let text = try Examples.text("partners.d/payfast.toml.example")
        let edited = row.edit(text)
        #expect(edited != text)
        let outcome = PartnerFile.parse(edited, fileName: "payfast.toml")
        #expect(outcome.partner == nil)
        #expect(outcome.diagnostics.contains { $0.code == row.code }, "\(outcome.diagnostics)")
        #expect(outcome.diagnostics.allSatisfy { !$0.hint.isEmpty && !$0.message.contains("root:") })
    }

    /// What cannot be said at all: a partner's file has no such thing.
    static let unsayable = [
        "CRLF (exit 1): the lines of a partner's file may end in it; no value can, and ours end in LF",
        "config setup, conn %default: what is common to all partners is written by nobody but us",
        "auto=start, auto=add (packets leave in clear text): always ondemand",
        "leftupdown= left out: always %disabled",
    ]

    @Test("and lines that end in CRLF mean the same")
    func lineEnds() throws {
        let text = try Examples.text("partners.d/payfast.toml.example")
        let plain = PartnerFile.parse(text, fileName: "payfast.toml")
        let other = PartnerFile.parse(text.replacing("\n", with: "\r\n"), fileName: "payfast.toml")
        #expect(plain.partner != nil && plain.partner == other.partner)
    }
}

extension LibreswanRowTests.Row {
    /// A further edit.
    func then(_ old: String, _ new: String) -> Self {
        let (input, consequence, code, first) = (input, consequence, code, edit)
        return Self(input: input, consequence: consequence, code: code) {
            first($0).replacing(old, with: new, maxReplacements: 1)
        }
    }

    private init(
        input: String,
        consequence: String,
        code: DiagnosticCode,
        edit: @escaping @Sendable (String) -> String
    ) {
        self.input = input
        self.consequence = consequence
        self.code = code
        self.edit = edit
    }
}
