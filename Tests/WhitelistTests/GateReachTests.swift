// SPDX-License-Identifier: Apache-2.0
import Base
import Netfilter
import Partners
import TestKit
import Testing
import Whitelist

@Suite("A host with a gate")
struct GateReachTests {
    static let host =
        JumpdFile.host() + JumpdFile.egress(to: "192.0.2.128/25", port: 6514)
        + JumpdFile.gate(audit: [
            "forward = { to = \"192.0.2.140:6514\", name = \"logs.edge.example\", ca = \"logs-ca.pem\" }"
        ])
        + JumpdFile.target("eig-01", "10.20.0.11", ports: [22, 8443], reason: "the gateway")
        + JumpdFile.target("vpn-01", "2001:db8:20::7", ports: [22], reason: "the tunnels")

    @Test("gets out to its targets and to its log server, and nowhere else")
    func reach() throws {
        let certificate = MemorySource.File("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n")
        let key = MemorySource.File("-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n")
        let source = MemorySource([
            "jumpd.toml": .init(Self.host), "identities/jump.pem": certificate, "identities/jump.key": key,
            "identities/audit.key": key, "ca/logs-ca.pem": certificate,
        ])
        let outcome = Configuration.load(from: source, now: WallInstant(seconds: 0), requiring: [.host])
        #expect(outcome.diagnostics.map(\.code) == [.partnersNone])
        let configuration = try #require(outcome.configuration)
        let policy = EdgePolicy(configuration, host: try #require(configuration.host))
        #expect(
            policy.hostReach.map { "\($0.to) \($0.port)" } == [
                "192.0.2.128/25 6514", "10.20.0.11 22", "10.20.0.11 8443", "2001:db8:20::7 22", "192.0.2.140 6514",
            ]
        )
        // An address of an [[egress]] network is no element of its own.
        let list = try AllowList(policy, at: WallInstant(seconds: 0))
        #expect(list.elements(in: .hostReach, .v4).count == 3)
        #expect(list.elements(in: .hostReach, .v6).count == 1)
    }
}
