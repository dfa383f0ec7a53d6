// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Testing

@testable import Libreswan

/// What Libreswan 4.10 said after one of two connections of a tunnel was replaced, both having been up.
@Suite("A child SA without its IKE SA")
struct OrphanTests {
    static func status(_ states: String...) -> String {
        var lines: [String] = []
        for (number, child) in [(1, 0), (2, 4)] {
            lines.append(
                "000 \"p_acme_t1_s\(number)\": 10.20.0.0/24===198.51.100.10[@gw.edge.example]...203.0.113.7"
                    + "[@vpn.acme.example]===172.16.\(number).0/24; "
                    + (child == 0 ? "unrouted; eroute owner: #0" : "erouted; eroute owner: #\(child)")
            )
            lines.append(
                "000 \"p_acme_t1_s\(number)\":   newest IKE SA: #0; newest IPsec SA: #\(child); conn serial: $\(number);"
            )
        }
        return (lines + states).joined(separator: "\n") + "\n"
    }

    static let child =
        "000 #4: \"p_acme_t1_s2\":500 STATE_V2_ESTABLISHED_CHILD_SA (established Child SA); LIVENESS in 1s; "
        + "REKEY in 2875s; REPLACE in 3598s; newest; eroute owner; IKE SA #1; idle;"
    static let ike =
        "000 #1: \"p_acme_t1_s1\":500 STATE_V2_ESTABLISHED_IKE_SA (established IKE SA); REKEY in 28003s; "
        + "REPLACE in 28796s; newest; idle;"

    static func tunnel(_ name: String) throws -> TunnelID {
        TunnelID(partner: try #require(PartnerID("acme")), name: name)
    }

    @Test("is found where its key exchange went with another connection")
    func orphan() throws {
        let loaded = LoadedTunnels(status: Self.status(Self.child))
        #expect(loaded.orphans([try Self.tunnel("t1")]).map(\.description) == ["p_acme_t1_s2"])
        #expect(loaded.orphans([try Self.tunnel("t2")]).isEmpty, "another tunnel was not asked about")
    }

    @Test("is none while the other connection has its key exchange")
    func shared() throws {
        let loaded = LoadedTunnels(status: Self.status(Self.ike, Self.child))
        #expect(loaded.orphans([try Self.tunnel("t1")]).isEmpty)
    }

    @Test("is none without a child")
    func down() throws {
        #expect(LoadedTunnels(status: Self.status(Self.ike)).orphans([try Self.tunnel("t1")]).isEmpty)
    }
}
