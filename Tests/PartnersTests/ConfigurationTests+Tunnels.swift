// SPDX-License-Identifier: Apache-2.0
import Base
import Partners
import Testing

/// What can be wrong with tunnels that are each right: with those of other partners, with the host, with the day.
extension ConfigurationTests {
    private static let payfast = "partners.d/payfast.toml"
    private static let mobicash = "partners.d/mobicash.toml"

    static let tunnels: [Case] = [
        Case("a tunnel's secret is short", ["\(payfast):113:8 E-SECRET-WEAK"]) {
            $0.files["secrets/payfast-t1.psk"] = .init("hunter2\n")
        },
        Case("a tunnel's secret has two lines", ["\(payfast):113:8 E-SECRET-FORM"]) {
            $0.files["secrets/payfast-t1.psk"] = .init("Zk7pQ2vXr9sW4mTb8nLc3hYd6gJf1uEa\n: PSK \"x\"\n")
        },
        Case("two partners are one pair of identities", ["\(payfast):106:13 E-TUNNEL-IDENTITY"]) {
            $0.addTunnel(mobicash, remoteID: "@vpn.payfast.example")
        },
        Case("a partner is the pair the other way round", ["\(payfast):106:13 E-TUNNEL-IDENTITY"]) {
            $0.addTunnel(mobicash, localID: "@vpn.payfast.example", remoteID: "@gw.edge.example")
        },
        Case("one pair of identities has two secrets", ["\(payfast):144:8 E-TUNNEL-IDENTITY"]) {
            $0.addTunnel(payfast, remoteID: "@vpn.payfast.example", secret: "other.psk")
        },
        Case("one pair of identities has one secret in two tunnels", []) {
            $0.addTunnel(payfast, remoteID: "@vpn.payfast.example")
        },
        Case("a partner's gateway is behind another's tunnel", ["\(payfast):102:8 E-TUNNEL-PEER"]) {
            $0.addTunnel(mobicash, peer: "203.0.113.99", remote: "198.51.100.0/29")
        },
        Case(
            "a partner has behind its gateway what is ours in another tunnel",
            ["\(mobicash):45:19 E-TUNNEL-SELECTORS"]
        ) {
            $0.addTunnel(mobicash, local: "10.21.0.0/24", remote: "10.20.0.0/25")
        },
        Case("a partner has our backends behind its gateway", ["\(mobicash):45:19 E-TUNNEL-SELECTORS"]) {
            $0.addTunnel(mobicash, local: "10.21.0.0/24", remote: "10.20.0.0/20")
        },
        Case("a partner has our administrators behind its gateway", ["\(mobicash):45:19 E-TUNNEL-SELECTORS"]) {
            $0.addTunnel(mobicash, remote: "192.0.2.64/26")
        },
        Case("a partner has this host behind its gateway", ["\(mobicash):45:19 E-TUNNEL-SELECTORS"]) {
            $0.addTunnel(mobicash, remote: "203.0.113.0/28")
        },
        Case("a tunnel begins at an address of another host", ["\(payfast):117:17 E-TUNNEL-ADDRESS"]) {
            $0.edit(payfast, "local-address = \"203.0.113.2\"", "local-address = \"203.0.113.3\"")
        },
        Case("this host has no address of the peer's family", ["\(payfast):102:8 E-TUNNEL-ADDRESS"]) {
            $0.edit(payfast, "local-address = \"203.0.113.2\"", "")
            $0.edit("jumpd.toml", "addresses = [\"203.0.113.2\", \"2001:db8::2\"]", "addresses = [\"2001:db8::2\"]")
        },
        Case("a waiver ends today", ["\(payfast):141:9 W-WAIVER-EXPIRING"]) { $0.waive(until: "2026-07-01") },
        Case("a waiver ended yesterday", ["\(payfast):141:9 E-WAIVER-EXPIRED"]) { $0.waive(until: "2026-06-30") },
        Case("a waiver ended yesterday, of a partner that is not enabled", []) {
            $0.waive(until: "2026-06-30")
            $0.edit(payfast, "enabled = true", "enabled = false")
        },
        Case("a waiver ends in 30 days", ["\(payfast):141:9 W-WAIVER-EXPIRING"]) { $0.waive(until: "2026-07-30") },
        Case("a waiver ends in 31 days", []) { $0.waive(until: "2026-07-31") },
        Case("a waiver ends in 400 days", []) { $0.waive(until: "2027-08-04") },
        Case("a waiver ends in 401 days", ["\(payfast):141:9 E-WAIVER-LONG"]) { $0.waive(until: "2027-08-05") },
    ]

    @Test(
        "lets programs go on after a waiver ended, and refuses every change",
        arguments: [Configuration.Requirement.gateway, .host]
    )
    func lapsed(_ requirement: Configuration.Requirement) throws {
        var source = try Examples.source()
        source.waive(until: "2026-06-30")
        let outcome = Configuration.load(from: source, now: Examples.now, requiring: [requirement])
        #expect(outcome.configuration != nil)
        #expect(outcome.diagnostics.map(\.code) == [.waiverLapsed])
        let check = Configuration.load(from: source, now: Examples.now)
        #expect(check.configuration == nil && check.diagnostics.map(\.code) == [.waiverExpired])
    }

    @Test("is judged quickly with 500 tunnels", .timeLimit(.minutes(1)))
    func manyTunnels() throws {
        var source = try Examples.source()
        for number in 0..<500 {
            let id = "p\(number)"
            source.edited(mobicash: id, from: "\"100.64.\(number / 250).\(number % 250)\"")
            source.addTunnel(
                "partners.d/\(id).toml",
                peer: "100.65.\(number / 250).\(number % 250)",
                remoteID: "@\(id).example",
                remote: "100.\(66 + number / 250).\(number % 250).0/24"
            )
        }
        let start = ContinuousClock.now
        let outcome = Configuration.load(from: source, now: Examples.now)
        #expect(outcome.diagnostics == [])
        #expect(outcome.configuration?.partners.count == 502)
        #expect(ContinuousClock.now - start < .seconds(30), "a debug build on a busy machine")
    }
}

extension MemorySource {
    /// A further tunnel at the end of a partner's file.
    mutating func addTunnel(
        _ path: String,
        peer: String = "198.51.100.41",
        localID: String = "@gw.edge.example",
        remoteID: String = "@vpn.mobicash.example",
        local: String = "10.20.0.0/24",
        remote: String = "172.18.5.0/24",
        secret: String = "payfast-t1.psk"
    ) {
        let tunnel = """

            [[tunnel]]
            name = "x"
            peer = "\(peer)"
            local-id = "\(localID)"
            remote-id = "\(remoteID)"
            local-subnets = ["\(local)"]
            remote-subnets = ["\(remote)"]
            auth = { psk = "\(secret)" }

            """
        var text = String(decoding: files[path]?.bytes ?? [], as: UTF8.self)
        // After the comments at the end, which a waiver would be.
        if let end = text.firstRange(of: "\n# Which weaknesses") { text = String(text[..<end.lowerBound]) }
        files[path] = File(text + tunnel)
        files["secrets/other.psk"] = File("Qw3rTy8uIo2pAs6dFg4hJk9lZx1cVb5n\n")
    }

    /// A weak tunnel of PayFast, and who answers for it until that day.
    mutating func waive(until day: String) {
        let path = "partners.d/payfast.toml"
        edit(path, "esp = [\"aes_gcm256\", \"aes256-sha2_512\"]", "esp = [\"aes256-sha1\"]")
        var text = String(decoding: files[path]?.bytes ?? [], as: UTF8.self)
        if let end = text.firstRange(of: "\n# Which weaknesses") { text = String(text[..<end.lowerBound]) }
        let waiver = "\n[tunnel.waiver]\nallows = [\"sha1\"]\nreason = \"r\"\nticket = \"t\"\nuntil = \(day)\n"
        files[path] = File(text + waiver)
    }
}
