// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Partners
import TestKit
import Testing

@Suite("The set of connections")
struct TunnelSetTests {
    typealias Tunnel = TunnelFolder.Tunnel

    @Test("has one for each pair of networks, with everything the file says and its defaults")
    func pairs() throws {
        let tunnel = Tunnel(local: ["10.20.0.0/24", "10.20.1.0/24"], remote: ["172.16.5.0/24", "172.16.7.0/24"])
        let set = try TunnelFolder(partners: ["acme": [tunnel]]).set()
        #expect(set.connections.map(\.name.description) == (1...4).map { "p_acme_t1_s\($0)" })
        #expect(set.connections.map(\.reqid) == [1, 2, 3, 4])
        let pairs = set.connections.map { "\($0.local.subnet) \($0.remote.subnet)" }
        #expect(
            pairs == [
                "10.20.0.0/24 172.16.5.0/24", "10.20.0.0/24 172.16.7.0/24", "10.20.1.0/24 172.16.5.0/24",
                "10.20.1.0/24 172.16.7.0/24",
            ]
        )
        let first = try #require(set.connections.first)
        #expect(first.local.address.description == "198.51.100.10" && first.remote.address.description == "203.0.113.7")
        #expect(first.local.id == .name("gw.edge.example") && first.remote.id == .name("t1.acme.example"))
        #expect(first.authentication == .sharedSecret && first.version == .v2 && first.ike == IKEProposal.standard)
        let request = SecretRequest(
            tunnel: try .make("acme"),
            local: first.local.id,
            remote: first.remote.id,
            file: "shared.psk"
        )
        #expect(set.secrets == [request])
    }

    @Test("leaves out a partner that is not enabled")
    func disabled() throws {
        var folder = TunnelFolder(partners: ["acme": [Tunnel(remote: ["172.16.5.0/24"])]])
        folder.disabled = ["acme"]
        let set = try folder.set()
        #expect(set.connections.isEmpty && set.secrets.isEmpty)
    }

    @Test("leads to the peer that is active, from the address of its family")
    func peers() throws {
        let six = Tunnel(
            name: "t2",
            peer: "2001:db8:7::1",
            local: ["2001:db8:20::/64"],
            remote: ["2001:db8:70::/64"],
            further: ["backup-peer = \"2001:db8:7::2\""]
        )
        let folder = TunnelFolder(partners: ["acme": [Tunnel(remote: ["172.16.5.0/24"]), six]])
        let id = try TunnelID.make("acme", "t2")
        let primary = try folder.set()
        let backup = try folder.set(
            existing: primary.connections,
            active: [id: .backup, .make("acme", "t1"): .backup]
        )
        #expect(primary.connections.map(\.remote.address.description) == ["203.0.113.7", "2001:db8:7::1"])
        #expect(primary.connections.map(\.local.address.description) == ["198.51.100.10", "2001:db8::10"])
        #expect(backup.connections.map(\.remote.address.description) == ["203.0.113.7", "2001:db8:7::2"])
        let delta = ConnectionDelta(from: primary.connections, to: backup.connections)
        #expect(
            delta.words == ["acme: ~ tunnel t2: peer 2001:db8:7::1 -> 2001:db8:7::2 (RESTARTS t2, about 2 s)"]
        )
    }

    @Test("names the certificates it was given, and wants them")
    func certificates() throws {
        let auth = "{ certificate = \"edge-vpn\", ca = \"vpn-ca.pem\" }"
        let folder = TunnelFolder(partners: ["acme": [Tunnel(remote: ["172.16.5.0/24"], auth: auth)]])
        let id = try TunnelID.make("acme")
        #expect(throws: TunnelSet.Failure.noCertificate(id)) { try folder.set() }
        let certificate = TunnelCertificate(nickname: "acme-1f", authoritySubject: "C=IN, O=Acme, CN=CA")
        let set = try folder.set(certificates: [id: certificate])
        #expect(set.secrets.isEmpty)
        #expect(
            set.connections.map(\.authentication) == [
                .certificate(nickname: "acme-1f", authority: "C=IN, O=Acme, CN=CA")
            ]
        )
    }

    @Test("keeps numbers and reqids while others come and go", arguments: 0..<40)
    func sticky(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var folder = TunnelFolder()
        var connections: [Connection] = []
        var numbers: [String: (ConnectionName, Int)] = [:]
        for _ in 0..<12 {
            Self.change(&folder, &random)
            let set = try folder.set(existing: connections.shuffled(using: &random))
            let names = set.connections.map(\.name)
            #expect(names == names.sorted() && Set(names).count == names.count)
            #expect(Set(set.connections.map(\.reqid)).count == names.count)
            var seen: [String: (ConnectionName, Int)] = [:]
            for connection in set.connections {
                let pair = "\(connection.name.tunnel) \(connection.local.subnet) \(connection.remote.subnet)"
                if let (name, reqid) = numbers[pair] {
                    #expect(connection.name == name && connection.reqid == reqid, "\(pair)")
                } else {
                    // Not of one that goes in the same step: its states may still be there.
                    #expect(!connections.contains { $0.name == connection.name || $0.reqid == connection.reqid })
                }
                seen[pair] = (connection.name, connection.reqid)
            }
            #expect(try folder.set(existing: set.connections) == set, "a fixed point")
            let states = try TunnelSet.states(of: folder.configuration(), existing: connections)
            #expect(
                states
                    == set.connections.sorted { $0.reqid < $1.reqid }.map {
                        TunnelState(tunnel: $0.name.tunnel, remote: $0.remote.subnet, reqid: $0.reqid)
                    }
            )
            #expect(ConnectionDelta(from: connections, to: set.connections).changed.isEmpty, "nothing restarts")
            connections = set.connections
            numbers = seen
        }
    }

    /// Puts in, takes out or alters a tunnel.
    private static func change(_ folder: inout TunnelFolder, _ random: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let number = Int.random(in: 0..<6, using: &random)
            let id = "p\(number)"
            guard Bool.random(using: &random) || folder.partners[id] == nil else {
                folder.partners[id] = nil
                continue
            }
            folder.partners[id] = (0..<Int.random(in: 1...3, using: &random)).map { tunnel in
                let remote = (0..<8).filter { _ in Bool.random(using: &random) }
                let local = (0..<4).filter { _ in Bool.random(using: &random) }
                return Tunnel(
                    name: "t\(tunnel)",
                    peer: "203.0.\(number).\(tunnel + 1)",
                    local: (local.isEmpty ? [0] : local).map { "10.20.\($0).0/24" },
                    remote: (remote.isEmpty ? [0] : remote).map { "172.\(16 + number).\(16 * tunnel + $0).0/24" }
                )
            }
        }
    }

    @Test("takes nothing over that no two connections can have")
    func spoilt() throws {
        let folder = TunnelFolder(partners: ["acme": [Tunnel(remote: ["172.16.5.0/24", "172.16.7.0/24"])]])
        var existing = try folder.set().connections
        existing[0].reqid = 77
        existing[1].reqid = 77
        existing.append(existing[0])
        existing[2].reqid = 99_999
        let set = try folder.set(existing: existing)
        #expect(set.connections.map(\.reqid) == [77, 1])
        #expect(set.connections.map(\.name.number) == [1, 3])
        #expect(try folder.set(existing: set.connections) == set)
    }

    @Test("numbers anew what has no other number left", .timeLimit(.minutes(1)))
    func exhausted() throws {
        let local = (0..<16).map { "10.20.\($0).0/24" }
        let old = TunnelFolder(
            partners: ["acme": [Tunnel(local: local, remote: (0..<16).map { "172.16.\($0).0/24" })]]
        )
        let new = TunnelFolder(
            partners: ["acme": [Tunnel(local: local, remote: (16..<32).map { "172.16.\($0).0/24" })]]
        )
        let set = try new.set(existing: old.set().connections)
        #expect(set.connections.map(\.name.number) == Array(1...256))
        #expect(set.connections.map(\.reqid) == Array(257...512))
        #expect(try new.set(existing: set.connections) == set)
    }

    @Test("is refused beyond the numbers the kernel has", .timeLimit(.minutes(2)))
    func tooMany() throws {
        var folder = TunnelFolder()
        for partner in 0..<65 {
            let local = (0..<16).map { "10.20.\($0).0/24" }
            let remote = (0..<16).map { "172.\(16 + partner / 16).\(partner % 16 * 16 + $0).0/24" }
            folder.partners["p\(partner)"] = [Tunnel(peer: "203.0.\(partner).1", local: local, remote: remote)]
        }
        let outcome = Configuration.load(from: folder.source, now: TunnelFolder.now, requiring: [.host])
        #expect(outcome.diagnostics.map(\.code) == [.count] && outcome.configuration == nil)
        #expect(outcome.diagnostics.first?.file == "partners.d/p8.toml", "the 64th by name")
        folder.partners["p64"] = nil
        folder.partners["p63"]?[0].local.removeLast()
        #expect(try folder.set().connections.count == 64 * 256 - 16)
    }
}
