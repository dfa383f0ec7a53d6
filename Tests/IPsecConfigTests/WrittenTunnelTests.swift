// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Partners
import TestKit
import Testing

/// What partner files may say, and what is written for Libreswan, are judged in two places: they must not part.
@Suite("A tunnel that is accepted")
struct WrittenTunnelTests {
    private static let names = [
        "@\(String(repeating: "a", count: 253))", "@4711", "@_", "203.0.113.9", "vpn@acme.example",
        "v-1.p_n+x@a.example",
    ]
    private static let subjects = [
        "CN=vpn", "C=IN, O=Acme Ltd, OU=Net & Ops (2), CN=vpn2.acme.example", "DC=example,DC=acme,CN=a",
        "UID=vpn@acme.example, CN=acme:1", "ST=a_b, L=c-d, CN=\(String(repeating: "a", count: 64))",
    ]
    private static let waiver = [
        "[tunnel.waiver]", "allows = [\"ikev1\", \"sha1\"]", "reason = \"r\"", "ticket = \"t\"", "until = 2027-03-31",
    ]

    @Test("can be written for every Libreswan, and is read back as itself", arguments: 0..<300)
    func written(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let hasCertificate = Bool.random(using: &random)
        var tunnel = TunnelFolder.Tunnel(remote: ["172.16.5.0/24", "172.16.7.4"])
        tunnel.remoteID = ((hasCertificate ? Self.subjects : []) + Self.names).randomElement(using: &random)
        if hasCertificate { tunnel.auth = "{ certificate = \"edge-vpn\", ca = \"vpn-ca.pem\" }" }
        if Bool.random(using: &random) { tunnel.further = Self.proposals(&random) }
        if !hasCertificate, Int.random(in: 0..<4, using: &random) == 0 {
            tunnel.further = ["version = 1", "ike = [\"aes256-sha1-dh14\"]"] + Self.waiver
        }
        let folder = TunnelFolder(partners: ["acme": [tunnel]])
        let certificate = TunnelCertificate(nickname: "acme-1f", authoritySubject: "C=IN, O=Acme, CN=CA")
        let set = try folder.set(certificates: [.make("acme"): certificate])
        #expect(set.connections.count == 2)
        for version in [LibreswanVersion(4, 10), LibreswanVersion(5, 1)] {
            let emitter = ConfigurationEmitter(version: version)
            #expect(try ConfigurationReader.read(emitter.text(set.connections)) == set.connections)
            let key = try PreSharedKey("Zk7pQ2vXr9sW4mTb8nLc3hYd6gJf1uEa\n".utf8).bytes
            let secrets = set.secrets.map {
                SharedSecret(tunnel: $0.tunnel, local: $0.local, remote: $0.remote, key: key)
            }
            #expect(try SecretsReader.read(emitter.secretsText(secrets)).map(\.key) == secrets.map(\.key))
        }
    }

    private static func proposals(_ random: inout SeededGenerator) -> [String] {
        let groups = TunnelGroup.allCases.filter { $0 != .dh5 }
        let group = Bool.random(using: &random) ? groups.randomElement(using: &random) : nil
        var lists: [[String]] = [[], []]
        for cipher in TunnelCipher.allCases where cipher != .tripleDES {
            for hash in [TunnelHash.sha512, .sha384, .sha256] where Bool.random(using: &random) {
                let ike = groups.randomElement(using: &random).map { IKEProposal(cipher, hash, $0).description }
                lists[0] += [ike].compactMap(\.self)
                lists[1].append(ESPProposal(cipher, cipher.isAuthenticated ? nil : hash, group: group).description)
            }
        }
        return zip(["ike", "esp"], lists).compactMap { key, words in
            var seen: Set<String> = []
            let once = words.filter { seen.insert($0).inserted }.prefix(8)
            return once.isEmpty ? nil : "\(key) = [\(once.map { "\"\($0)\"" }.joined(separator: ", "))]"
        } + ["ike-lifetime = \"\(Int.random(in: 5...1440, using: &random))m\"", "liveness = \"5s\""]
    }
}
