// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Partners
import Testing

@Suite("What must change")
struct ConnectionDeltaTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let want: [String]
        let change: @Sendable (inout Connection) -> Void

        init(_ want: String, _ change: @escaping @Sendable (inout Connection) -> Void) {
            testDescription = want
            self.want = ["acme: ~ tunnel t1: \(want) (RESTARTS t1, about 2 s)"]
            self.change = change
        }
    }

    static let cases: [Case] = [
        Case("ike list") { $0.ike.removeLast() },
        Case("esp list") { $0.esp.removeLast() },
        Case("ike-lifetime") { $0.ikeLifetime = .seconds(3600) },
        Case("esp-lifetime") { $0.espLifetime = .seconds(1800) },
        Case("liveness") { $0.liveness = .seconds(20) },
        Case("retransmit-timeout") { $0.retransmitTimeout = .seconds(20) },
        Case("encapsulation") { $0.encapsulation = .always },
        Case("version") { $0.version = .v1 },
        Case("auth") { $0.authentication = .certificate(nickname: "a", authority: "CN=a") },
        Case("auth") { $0.localKey = .rsa },
        Case("auth") { $0.remoteKey = .rsa },
        Case("local-id") { $0.local.id = .name("a") },
        Case("remote-id") { $0.remote.id = .name("a") },
        Case("local-address") { $0.local.address = .v4(1) },
        Case("peer 203.0.113.7 -> 0.0.0.1") { $0.remote.address = .v4(1) },
        Case("10.20.0.0/24 = 172.16.5.0/24 -> 0.0.0.1 = 172.16.5.0/24") { $0.local.subnet = IPPrefix(.v4(1)) },
        Case("reqid") { $0.reqid = 9 },
    ]

    static func connection(_ name: String = "p_acme_t1_s1", remote: String = "172.16.5.0/24") throws -> Connection {
        let us = try Connection.End(
            address: #require(IPAddress("198.51.100.10")),
            id: .name("gw.edge.example"),
            subnet: #require(IPPrefix("10.20.0.0/24"))
        )
        let them = try Connection.End(
            address: #require(IPAddress("203.0.113.7")),
            id: .name("vpn.acme.example"),
            subnet: #require(IPPrefix(remote))
        )
        return Connection(
            name: try #require(ConnectionName(name)),
            local: us,
            remote: them,
            authentication: .sharedSecret,
            reqid: 1
        )
    }

    @Test("is said in the words of the partner file, with what it interrupts", arguments: cases)
    func words(_ testCase: Case) throws {
        let old = try Self.connection()
        var new = old
        testCase.change(&new)
        let other = try Self.connection("p_other_t1_s1", remote: "172.17.5.0/24")
        let delta = ConnectionDelta(from: [other, old], to: [new, other])
        #expect(delta.words == testCase.want)
        #expect(delta.changed == [.init(old: old, new: new)] && delta.unchangedCount == 1)
        #expect(delta.added.isEmpty && delta.removed.isEmpty && !delta.isEmpty)
    }

    @Test("knows every part of a connection")
    func complete() throws {
        let parts = Mirror(reflecting: try Self.connection()).children.compactMap(\.label)
        // The name tells connections apart; two ends have an address and an identity each, and networks together.
        #expect(Self.cases.count == parts.count - 3 + 5)
    }

    @Test("is nothing when all is the same, in any order")
    func same() throws {
        let all = [try Self.connection("p_acme_t1_s2"), try Self.connection()]
        let delta = ConnectionDelta(from: all, to: all.reversed())
        #expect(delta.isEmpty && delta.words.isEmpty && delta.unchangedCount == 2)
    }

    @Test("tells new, gone, and a pair of a tunnel that stays")
    func tunnels() throws {
        let first = try Self.connection()
        let second = try Self.connection("p_acme_t1_s2", remote: "172.16.7.0/24")
        #expect(
            ConnectionDelta(from: [], to: [first, second]).words == [
                "acme: + tunnel t1: 10.20.0.0/24 = 172.16.5.0/24, 10.20.0.0/24 = 172.16.7.0/24"
            ]
        )
        #expect(
            ConnectionDelta(from: [first, second], to: [], secretsChanged: [try .make("acme")]).words == [
                "acme: - tunnel t1: 10.20.0.0/24 = 172.16.5.0/24, 10.20.0.0/24 = 172.16.7.0/24 (CUTS t1)"
            ]
        )
        #expect(
            ConnectionDelta(from: [first], to: [first, second]).words == [
                "acme: ~ tunnel t1: + 10.20.0.0/24 = 172.16.7.0/24"
            ]
        )
        #expect(
            ConnectionDelta(from: [first, second], to: [first]).words == [
                "acme: ~ tunnel t1: - 10.20.0.0/24 = 172.16.7.0/24 (RESTARTS t1, about 2 s)"
            ]
        )
    }

    @Test("a new secret interrupts nothing")
    func secret() throws {
        let all = [try Self.connection()]
        let delta = ConnectionDelta(from: all, to: all, secretsChanged: [try .make("acme"), try .make("gone")])
        #expect(!delta.isEmpty && delta.secretsChanged.map(\.description) == ["acme/t1"])
        #expect(delta.words == ["acme: ~ tunnel t1: secret (used from the next IKE negotiation on)"])
    }
}
