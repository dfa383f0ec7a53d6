// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Partners
import TestKit
import Testing

/// A configuration folder with tunnels and nothing else of interest, as its files would say it.
struct TunnelFolder {
    struct Tunnel: Hashable {
        var name = "t1"
        var peer = "203.0.113.7"
        var local = ["10.20.0.0/24"]
        var remote: [String]
        /// Default: one of its own.
        var remoteID: String?
        /// Further lines of its `[[tunnel]]`.
        var further: [String] = []
        var auth = "{ psk = \"shared.psk\" }"
    }

    /// By partner.
    var partners: [String: [Tunnel]] = [:]
    /// Lines of `[tunnels]` in `jumpd.toml`.
    var host: [String] = []
    var disabled: Set<String> = []

    static let now = WallInstant(year: 2026, month: 11, day: 21) ?? WallInstant(seconds: 0)

    var source: MemorySource {
        let certificate = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"
        var files: [String: MemorySource.File] = [
            "jumpd.toml": .init(
                JumpdFile.host(
                    addresses: ["198.51.100.10", "2001:db8::10"],
                    managementPorts: [22],
                    inside: "10.20.0.0/16"
                ) + "[tunnels]\n\(host.joined(separator: "\n"))\n"
            ),
            "secrets/shared.psk": .init("Zk7pQ2vXr9sW4mTb8nLc3hYd6gJf1uEa\n"),
            "ca/vpn-ca.pem": .init(certificate, mode: 0o644),
            "identities/edge-vpn.pem": .init(certificate, mode: 0o644),
            "identities/edge-vpn.key": .init("-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"),
        ]
        for (id, tunnels) in partners {
            files["partners.d/\(id).toml"] = .init(text(id, tunnels))
            files["ca/\(id)-ca.pem"] = .init(certificate + id, mode: 0o644)
        }
        return MemorySource(files)
    }

    private func text(_ id: String, _ tunnels: [Tunnel]) -> String {
        let quoted = { (words: [String]) in "[\(words.map { "\"\($0)\"" }.joined(separator: ", "))]" }
        let head = """
            id = "\(id)"
            name = "\(id)"
            enabled = \(!disabled.contains(id))
            roles = ["send"]
            owner = "o"
            ticket = "T"
            [[allow]]
            from = ["100.64.\(id.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 255 }).1"]
            reason = "r"
            [[certificate]]
            ca = "\(id)-ca.pem"
            san = "\(id.replacing("_", with: "-")).example"

            """
        return tunnels.reduce(head) { text, tunnel in
            text + """
                [[tunnel]]
                name = "\(tunnel.name)"
                peer = "\(tunnel.peer)"
                local-id = "@gw.edge.example"
                remote-id = "\(tunnel.remoteID ?? "@\(tunnel.name).\(id.replacing("_", with: "-")).example")"
                local-subnets = \(quoted(tunnel.local))
                remote-subnets = \(quoted(tunnel.remote))
                auth = \(tunnel.auth)
                \(tunnel.further.joined(separator: "\n"))

                """
        }
    }

    func configuration() throws -> Configuration {
        let outcome = Configuration.load(from: source, now: Self.now, requiring: [.host])
        return try #require(outcome.configuration, "\(DiagnosticRenderer().text(outcome.diagnostics))")
    }

    func set(
        existing: [Connection] = [],
        active: [TunnelID: TunnelPeer] = [:],
        certificates: [TunnelID: TunnelCertificate] = [:]
    ) throws -> TunnelSet {
        let configuration = try configuration()
        return try TunnelSet(
            configuration: configuration,
            host: #require(configuration.host),
            existing: existing,
            active: active,
            certificates: certificates
        )
    }
}

extension TunnelID {
    static func make(_ partner: String, _ name: String = "t1") throws -> TunnelID {
        TunnelID(partner: try #require(PartnerID(partner)), name: name)
    }
}
