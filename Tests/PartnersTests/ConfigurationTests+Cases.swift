// SPDX-License-Identifier: Apache-2.0
import Base
import Partners
import Testing

/// What can be wrong with a folder whose files are each right: changes of the examples.
extension ConfigurationTests {
    static let cases = files + references + partners + agreement + tunnels

    private static let payfast = "partners.d/payfast.toml"
    private static let mobicash = "partners.d/mobicash.toml"

    static let files: [Case] = [
        Case("a required file is missing", ["eigd.toml:1:1 E-FILE-MISSING"]) { $0.files["eigd.toml"] = nil },
        Case("a file may not be read", ["jumpd.toml:1:1 E-FILE-UNREADABLE"]) {
            $0.files["jumpd.toml"]?.isForbidden = true
        },
        Case("a file is too long", ["\(mobicash):1:1 E-FILE-UNREADABLE"]) {
            $0.files[mobicash]?.bytes += Array(repeating: 10, count: 1 << 20)
        },
        Case("a file is not UTF-8", ["\(mobicash):1:1 E-SYNTAX"]) { $0.files[mobicash]?.bytes[0] = 0xff },
        Case("there is no partner", ["partners.d:1:1 W-NO-PARTNERS"]) {
            $0.files = $0.files.filter { !$0.key.hasPrefix("partners.d/") }
        },
        Case("other files in the folder are left alone", []) {
            $0.files["partners.d/README"] = .init("hello")
            $0.files["partners.d/.payfast.toml.swp"] = .init("hello")
            $0.files["partners.d/.payfast.toml"] = .init("hello")
        },
        Case("a partner's file is called otherwise", ["partners.d/pay.toml:7:6 E-ID-FILE"]) {
            $0.files["partners.d/pay.toml"] = $0.files.removeValue(forKey: payfast)
        },
    ]

    static let references: [Case] = [
        Case(
            "an authority is missing",
            ["\(mobicash):14:6 E-FILE-MISSING", "\(mobicash):35:6 E-FILE-MISSING"]
        ) { $0.files["ca/mobicash-ca.pem"] = nil },
        Case(
            "an authority is not PEM",
            ["\(mobicash):14:6 E-NOT-PEM", "\(mobicash):35:6 E-NOT-PEM"]
        ) { $0.files["ca/mobicash-ca.pem"] = .init("hello") },
        Case(
            "an authority may not be read",
            ["\(mobicash):14:6 W-FILE-UNCHECKED", "\(mobicash):35:6 W-FILE-UNCHECKED"]
        ) { $0.files["ca/mobicash-ca.pem"]?.isForbidden = true },
        Case("a credential is missing", ["\(payfast):65:8 E-FILE-MISSING"]) {
            $0.files["credentials/payfast.credential"] = nil
        },
        Case("a credential is open to everybody", ["\(payfast):65:8 E-FILE-MODE"]) {
            $0.files["credentials/payfast.credential"]?.mode = 0o644
        },
        Case("a credential is a password", ["\(payfast):65:8 E-CREDENTIAL-PLAIN"]) {
            $0.files["credentials/payfast.credential"] = .init("payfast:hunter2\n")
        },
        Case("a credential is nonsense", ["\(payfast):65:8 E-CREDENTIAL"]) {
            $0.files["credentials/payfast.credential"] = .init("payfast:$5$x$y\n")
        },
        Case("a secret file cannot be checked by this user", ["\(payfast):65:8 W-FILE-UNCHECKED"]) {
            $0.files["credentials/payfast.credential"]?.isForbidden = true
        },
        Case("our certificate for a partner is missing", ["\(payfast):87:12 E-FILE-MISSING"]) {
            $0.files["identities/payfast-out.pem"] = nil
        },
        Case("our key for a partner is missing", ["\(payfast):87:12 E-FILE-MISSING"]) {
            $0.files["identities/payfast-out.key"] = nil
        },
        Case("our key for a partner is encrypted", ["\(payfast):87:12 E-NOT-PEM"]) {
            let pem = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n"
            $0.files["identities/payfast-out.key"] = .init(pem)
        },
        Case("our server key is open to everybody", ["eigd.toml:20:7 E-FILE-MODE"]) {
            $0.files["identities/edge.key"]?.mode = 0o604
        },
        Case("our server certificate is missing", ["eigd.toml:18:15 E-FILE-MISSING"]) {
            $0.files["identities/edge.pem"] = nil
        },
        Case("a tunnel's secret is empty", ["\(payfast):113:8 E-SECRET-FORM"]) {
            $0.files["secrets/payfast-t1.psk"] = .init(" \n")
        },
        Case("a tunnel's secret is missing", ["\(payfast):113:8 E-FILE-MISSING"]) {
            $0.files["secrets/payfast-t1.psk"] = nil
        },
    ]

    static let partners: [Case] = [
        Case("an entry has ended", ["\(payfast):36:9 W-ALLOW-EXPIRED"]) {
            $0.edit(payfast, "until = 2099-06-30", "until = 2026-06-30")
        },
        Case("an entry ends today", []) { $0.edit(payfast, "until = 2099-06-30", "until = 2026-07-01") },
        Case("two partners share an address", ["\(payfast):32:9 E-ALLOW-OVERLAP"]) {
            $0.edit(payfast, "[\"203.0.113.10\", ", "[\"198.51.100.40\", ")
        },
        Case("one partner's network holds another's address", ["\(payfast):32:9 E-ALLOW-OVERLAP"]) {
            $0.edit(payfast, "[\"203.0.113.10\", ", "[\"198.51.100.0/24\", ")
        },
        Case("a partner's address is behind another's tunnel only", ["\(payfast):39:9 E-ALLOW-OVERLAP"]) {
            $0.edit(mobicash, "198.51.100.40/31\"]", "198.51.100.40/31\", \"172.16.5.0/28\"]")
        },
        Case("two tunnels lead to the same network", ["\(payfast):110:19 E-TUNNEL-OVERLAP"]) {
            let tunnel = """

                [[tunnel]]
                name = "t1"
                peer = "198.51.100.41"
                local-id = "@gw.edge.example"
                remote-id = "@vpn.mobicash.example"
                local-subnets = ["10.20.0.0/24"]
                remote-subnets = ["172.16.0.0/16"]
                auth = { certificate = "mobicash-out", ca = "mobicash-ca.pem" }
                """
            $0.files[mobicash]?.bytes += Array(tunnel.utf8)
        },
        Case("two partners have one number", ["partners.d/pmfbaa.toml:3:6 E-MARK-COLLISION"]) { source in
            for (number, id) in Self.collision.enumerated() {
                source.edited(
                    mobicash,
                    as: "partners.d/\(id).toml",
                    [
                        ("id = \"mobicash\"", "id = \"\(id)\""), ("198.51.100.40/31", "192.0.2.\(number)"),
                        ("gateway.mobicash", "\(id).mobicash"),
                    ]
                )
            }
        },
        Case("one certificate would stand for two partners", ["\(payfast):50:7 E-IDENTITY-SHARED"]) {
            $0.edit(payfast, "ca = \"payfast-ca.pem\"\n# Required. The DNS", "ca = \"mobicash-ca.pem\"\n# The DNS")
            $0.edit(payfast, "san = \"edge.payfast.example\"", "san = \"gateway.mobicash.example\"")
        },
        Case("the same authority under another name is the same authority", ["\(payfast):50:7 E-IDENTITY-SHARED"]) {
            $0.files["ca/payfast-ca.pem"] = $0.files["ca/mobicash-ca.pem"]
            $0.edit(payfast, "san = \"edge.payfast.example\"", "san = \"gateway.mobicash.example\"")
        },
        Case("one key would stand for two partners", ["\(payfast):53:7 E-IDENTITY-SHARED"]) {
            let pin = "sha256:6a94f87eb40d8dd4f5dde3bca6d6ae4bf0e4a2c2a6a9bbc0db6b4cf06e09a4a2"
            $0.edit(mobicash, "san = \"gateway.mobicash.example\"", "san = \"g.example\"\npin = \"\(pin)\"")
        },
        Case("a partner may send more than the relay takes", ["\(mobicash):19:14 W-BODY-LIMIT"]) {
            $0.edit(mobicash, "concurrent = 32", "body-bytes = 262145")
        },
    ]

    static let agreement: [Case] = [
        Case(
            "the partner ports differ",
            [
                "eigd.toml:8:12 E-PORT-DISAGREES", "eigd.toml:8:13 E-PORT-DISAGREES",
                "eigd.toml:8:29 E-PORT-DISAGREES",
            ]
        ) { $0.edit("jumpd.toml", "ports = [8443]", "ports = [8444]") },
        Case("the inside ports differ", ["eigd.toml:10:13 E-PORT-DISAGREES"]) {
            $0.edit("jumpd.toml", "ports = [8080]", "ports = [8081]")
        },
        Case("the inside networks differ", ["eigd.toml:36:9 E-NETWORK-DISAGREES"]) {
            $0.edit("jumpd.toml", "from = [\"10.20.0.0/24\"]", "from = [\"10.20.0.0/25\"]")
        },
        Case("the metrics are where administrators do not get", ["eigd.toml:153:10 E-PORT-DISAGREES"]) {
            let metrics = "listen = \"192.0.2.5:9464\"\nfrom = [\"192.0.2.7\"]"
            $0.edit("eigd.toml", "listen = \"127.0.0.1:9464\"", metrics)
        },
        Case("the metrics are for others than administrators", ["eigd.toml:154:9 E-NETWORK-DISAGREES"]) {
            let metrics = "listen = \"192.0.2.5:9443\"\nfrom = [\"192.0.3.7\"]"
            $0.edit("eigd.toml", "listen = \"127.0.0.1:9464\"", metrics)
        },
    ]

    /// Two names whose marks are equal, found by search.
    static let collision = ["paoaim", "pmfbaa"]
}

extension MemorySource {
    /// Replaces a text that must occur exactly once.
    mutating func edit(_ path: String, _ old: String, _ new: String) {
        edited(path, as: path, [(old, new)])
    }

    mutating func edited(_ path: String, as other: String, _ edits: [(String, String)]) {
        var text = String(decoding: files[path]?.bytes ?? [], as: UTF8.self)
        for (old, new) in edits {
            let parts = text.components(separatedBy: old)
            #expect(parts.count == 2, "\(old.debugDescription) must occur once in \(path)")
            text = parts.joined(separator: new)
        }
        files[other] = File(text)
    }

    /// A partner like MobiCash with its own name, host name and networks.
    mutating func edited(mobicash id: String, from: String) {
        edited(
            "partners.d/mobicash.toml",
            as: "partners.d/\(id).toml",
            [
                ("id = \"mobicash\"", "id = \"\(id)\""), ("\"198.51.100.40/31\"", from),
                ("san = \"gateway", "san = \"\(id)"),
            ]
        )
    }
}
