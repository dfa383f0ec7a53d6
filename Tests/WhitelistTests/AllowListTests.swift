// SPDX-License-Identifier: Apache-2.0
import Base
import Netfilter
import TestKit
import Testing
import Whitelist

@Suite("The allow-list")
struct AllowListTests {
    @Test("answers every address as the files do, or refuses them", arguments: UInt64(1)...100)
    func agrees(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let policy = try SmallWorld.policy(&random, entryCountMax: seed < 50 ? 2 : 6)
        let now = WallInstant(seconds: .random(in: 0...3, using: &random))

        // The model: who claims each address now.
        let claims = SmallWorld.addresses.map { address in
            Set(
                policy.partners.filter { partner in
                    partner.allow.contains { entry in
                        entry.from.contains(address) && (entry.until.map { now < $0 } ?? true)
                    }
                }.map(\.id)
            )
        }
        do throws(AllowList.Conflict) {
            let list = try AllowList(policy, at: now)
            let elements = ElementSet.Family.allCases.flatMap { list.elements(in: .partners, $0) }
            let wrong = zip(SmallWorld.addresses, claims).filter { address, claim in
                policy.partnerPorts.contains { port in
                    let found = elements.filter {
                        $0.first <= address && address <= $0.last && $0.companion.contains(port)
                    }
                    return found.map(\.mark) != claim.map(\.mark)
                }
            }
            #expect(wrong.isEmpty)
            for family in ElementSet.Family.allCases {
                #expect(list.elements(in: .partners, family).allSatisfy { $0.family == family })
            }
            #expect(claims.allSatisfy { $0.count <= 1 }, "a conflict was missed")
            let ends = policy.partners.flatMap(\.allow).compactMap(\.until).filter { now < $0 }
            #expect(list.changesAt == ends.min())
        } catch {
            #expect(claims.contains { $0.count > 1 }, "no conflict in \(error)")
            #expect(error.partners.count == 2)
        }
    }

    static func partner(
        _ id: String,
        _ allow: [PartnerPolicy.Allow],
        reach: [EdgePolicy.Reach] = [],
        tunnels: [PartnerPolicy.Tunnel] = []
    ) throws -> PartnerPolicy {
        PartnerPolicy(id: try #require(PartnerID(id)), allow: allow, reach: reach, tunnels: tunnels)
    }

    static func prefix(_ text: String) throws -> IPPrefix { try #require(IPPrefix(text)) }

    @Test("refuses an address that is one partner's in clear text and another's in a tunnel")
    func tunnelAndClear() throws {
        let inside = try Self.prefix("172.16.5.10")
        let policy = EdgePolicy(
            partners: [
                try Self.partner("ada", [.init(from: inside, via: "t1")]),
                try Self.partner("bo", [.init(from: try Self.prefix("172.16.0.0/16"))]),
            ],
            partnerPorts: [8443]
        )
        #expect(throws: AllowList.Conflict.self) { try AllowList(policy, at: WallInstant(seconds: 0)) }
    }

    @Test("refuses two partners at one egress address and port, and takes two ports")
    func egress() throws {
        let to = try Self.prefix("198.51.100.40")
        let policy = { (port: UInt16) throws in
            EdgePolicy(
                partners: [
                    try Self.partner("ada", [], reach: [.init(to, port: 443)]),
                    try Self.partner("bo", [], reach: [.init(to, port: port)]),
                ],
                partnerPorts: [8443]
            )
        }
        #expect(throws: AllowList.Conflict.self) { try AllowList(policy(443), at: WallInstant(seconds: 0)) }
        let list = try AllowList(policy(8443), at: WallInstant(seconds: 0))
        #expect(list.elements(in: .egress, .v4).count == 2)
    }

    @Test("leaves entries of tunnels out, by name, where the kernel cannot tell a tunnel from clear text")
    func omissions() throws {
        let policy = EdgePolicy(
            partners: [
                try Self.partner(
                    "ada",
                    [
                        .init(from: try Self.prefix("172.16.5.10"), via: "t1"),
                        .init(from: try Self.prefix("203.0.113.10")),
                    ],
                    tunnels: [
                        .init(
                            peers: [try #require(IPAddress("198.51.100.7"))],
                            remoteSubnets: [try Self.prefix("172.16.5.0/24")],
                            states: [
                                .init(remote: try Self.prefix("172.16.5.0/24"), reqid: 1),
                                .init(remote: try Self.prefix("172.16.5.0/24"), reqid: 16383),
                            ]
                        )
                    ]
                )
            ],
            partnerPorts: [8443]
        )
        let able = try AllowList(policy, at: WallInstant(seconds: 0))
        #expect(able.omissions.isEmpty && able.elements(in: .tunnelled, .v4).count == 1)
        #expect(able.elements(in: .partners, .v4).count == 1)
        #expect(able.elements(in: .tunnelPeers, .v4).map(\.companion.lowerBound).sorted() == [17, 50])
        #expect(able.elements(in: .tunnelNetworks, .v4).map(\.prefix) == [try Self.prefix("172.16.5.0/24")])
        let states = able.elements(in: .tunnelStates, .v4).sorted()
        #expect(states.map(\.description) == [1, 16383].map { "172.16.5.0-172.16.5.255 . \($0)" })
        let unable = try AllowList(policy, at: WallInstant(seconds: 0), canTellTunnels: false)
        #expect(unable.omissions == ["ada: 172.16.5.10 via t1"])
        #expect(unable.elements(in: .tunnelled, .v4).isEmpty && unable.elements(in: .partners, .v4).count == 1)
    }

    @Test("permits a connection exactly as its sets do")
    func permits() throws {
        let policy = EdgePolicy(
            partners: [
                try Self.partner(
                    "ada",
                    [.init(from: try Self.prefix("203.0.113.0/28"))],
                    reach: [.init(try Self.prefix("198.51.100.40"), port: 443)]
                )
            ],
            partnerPorts: [8443],
            management: .init(from: [try Self.prefix("192.0.2.0/24")], ports: [22]),
            internalNetwork: .init(from: [try Self.prefix("10.20.0.0/24")], ports: [8080]),
            backends: [try #require(IPEndpoint("10.20.0.5:9000"))]
        )
        let list = try AllowList(policy, at: WallInstant(seconds: 0))
        let ada = try #require(PartnerID("ada")).mark
        let here = "10.0.0.1"
        let cases: [(String, String, UInt16, UInt32, Bool)] = [
            ("203.0.113.3", here, 8443, ada, true),
            ("203.0.113.3", here, 8443, ada ^ 1, false),
            ("203.0.113.16", here, 8443, ada, false),
            ("203.0.113.3", here, 8080, ada, false),
            (here, "198.51.100.40", 443, ada, true),
            (here, "198.51.100.41", 443, ada, false),
            ("192.0.2.9", here, 22, ReservedMark.management.rawValue, true),
            ("192.0.3.9", here, 22, ReservedMark.management.rawValue, false),
            ("10.20.0.7", here, 8080, ReservedMark.internalNetwork.rawValue, true),
            (here, "10.20.0.5", 9000, ReservedMark.internalNetwork.rawValue, true),
            (here, "10.20.0.5", 9001, ReservedMark.internalNetwork.rawValue, false),
            (here, "9.9.9.9", 53, ReservedMark.host.rawValue, true),
        ]
        for (source, destination, port, mark, isPermitted) in cases {
            let flow = Flow(
                source: try #require(IPAddress(source)),
                destination: try #require(IPAddress(destination)),
                transport: 6,
                sourcePort: 40000,
                destinationPort: port,
                mark: mark
            )
            #expect(list.permits(flow) == isPermitted, "\(flow) mark \(mark)")
        }
    }
}
