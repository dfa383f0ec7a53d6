// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Partners
import Testing

/// The whole way: text of a partner file, its checks, connections, text for Libreswan, the independent reader.
@Suite("A partner file somebody tampered with")
struct HostileFileTests {
    /// What became of a file.
    enum Outcome: Hashable { case refused, installed }

    static func text(_ seed: UInt64) -> String {
        var hostile = HostileValue(seed: seed)
        func value(_ good: String) -> String {
            hostile.isTrue(oneIn: 6) ? hostile.toml(hostile.mutation(of: good)) : "\"\(good)\""
        }
        let isCertificate = hostile.isTrue(oneIn: 3)
        let identities = [
            ("@gw.edge.example", "@vpn.acme.example"), ("198.51.100.10", "203.0.113.7"),
            ("gw@edge.example", "vpn-ops@acme.example"),
            ("C=IN, O=Edge, CN=gw.edge.example", "CN=vpn2.acme.example, O=Acme Ltd, C=IN"),
        ]
        let identity = identities[isCertificate ? 3 : hostile.below(3)]
        let auth =
            isCertificate
            ? "{ certificate = \(value("edge-vpn")), ca = \(value("vpn-ca.pem")) }" : "{ psk = \(value("shared.psk")) }"
        var lines = [
            "name = \(value("t1"))", "peer = \(value("203.0.113.7"))", "local-id = \(value(identity.0))",
            "remote-id = \(value(identity.1))", "local-subnets = [\(value("10.20.0.0/24"))]",
            "remote-subnets = [\(value("172.16.5.0/24"))]", "auth = \(auth)",
        ]
        if hostile.isTrue(oneIn: 3) { lines.append("backup-peer = \(value("203.0.113.8"))") }
        if hostile.isTrue(oneIn: 8) { lines.append("\(hostile.piece()) = \(value("x"))") }
        return """
            id = "acme"
            name = "Acme"
            roles = ["send"]
            owner = "o"
            ticket = "T"
            [[allow]]
            from = ["100.64.0.1"]
            reason = "r"
            [[certificate]]
            ca = "acme-ca.pem"
            san = "edge.acme.example"
            [[tunnel]]
            \(lines.joined(separator: "\n"))

            """
    }

    static func outcome(of text: String) throws -> Outcome {
        var source = TunnelFolder().source
        source.files["partners.d/acme.toml"] = .init(text)
        source.files["ca/acme-ca.pem"] = .init(
            "-----BEGIN CERTIFICATE-----\nAQ==\n-----END CERTIFICATE-----\n",
            mode: 0o644
        )
        let outcome = Configuration.load(from: source, now: TunnelFolder.now, requiring: [.host])
        guard let configuration = outcome.configuration else { return .refused }
        let tunnels = configuration.partners.flatMap { partner in
            partner.tunnels.map { TunnelID(partner: partner.id, name: $0.name) }
        }
        let certificate = TunnelCertificate(nickname: "acme-0a1b2c", authoritySubject: "C=IN, CN=Acme VPN CA")
        let set = try TunnelSet(
            configuration: configuration,
            host: #require(configuration.host),
            certificates: Dictionary(uniqueKeysWithValues: tunnels.map { ($0, certificate) })
        )
        #expect(set.connections.count == 1)
        let secrets = set.secrets.map { request in
            SharedSecret(
                tunnel: request.tunnel,
                local: request.local,
                remote: request.remote,
                key: Array("\n: PSK \"".utf8)
            )
        }
        for version in Shape.versions {
            // What the checks let through must be written: an error here is theirs.
            let emitter = ConfigurationEmitter(version: version)
            let text = try emitter.text(set.connections)
            #expect(try ConfigurationReader.read(text) == set.connections)
            let read = try SecretsReader.read(try emitter.secretsText(secrets))
            #expect(read == secrets.map { SecretRecord(local: $0.local, remote: $0.remote, key: $0.key) })
        }
        return .installed
    }

    @Test("is refused, or comes out of Libreswan's reader as it went in: 2,400 of them", arguments: 0..<UInt64(24))
    func hundred(block: UInt64) throws {
        var counts: [Outcome: Int] = [:]
        for seed in block * 100..<(block + 1) * 100 {
            let text = Self.text(seed)
            do { counts[try Self.outcome(of: text), default: 0] += 1 } catch {
                Issue.record("seed \(seed): \(error)\n\(text)")
            }
        }
        // Neither everything is refused nor everything accepted: the generator is worth its name.
        #expect(counts[.refused, default: 0] >= 20 && counts[.installed, default: 0] >= 3, "\(counts)")
    }
}
