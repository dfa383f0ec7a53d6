// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Netfilter
import Testing
import Whitelist

@Suite("The lock-down", .enabled(if: Host.isPossible, Host.why))
struct LockdownTests {
    static func policy() throws -> EdgePolicy {
        EdgePolicy(
            partners: try EdgeWorld.everybody().partners,
            partnerPorts: [8443],
            management: .init(from: [try #require(IPPrefix("10.2.0.0/24"))], ports: [22])
        )
    }

    static func lockDown(_ world: EdgeWorld) throws -> [String] {
        let zone = try policy().management
        return try world.edge.run {
            var socket = try NetfilterSocket()
            return try LockdownTable.apply(management: zone, to: &socket)
        }
    }

    @Test("lets administrators in and nobody else, and is applied once")
    func alone() throws {
        let world = try EdgeWorld()
        #expect(try !Self.lockDown(world).isEmpty)
        #expect(try Self.lockDown(world).isEmpty)
        let listeners = [
            try Line.listen(on: world.edge, "0.0.0.0:8443"), try Line.listen(on: world.edge, "0.0.0.0:22"),
        ]
        _ = try Line.open(from: world.mobicash, to: "10.2.0.1:22").get()
        for (host, endpoint) in [
            (world.payfast, "10.1.0.1:8443"), (world.stranger, "10.3.0.1:8443"), (world.payfast, "10.1.0.1:22"),
        ] {
            let line = try Line.open(from: host, to: endpoint, within: .milliseconds(150))
            #expect(throws: Errno.timedOut, "\(endpoint)") { try line.get() }
        }
        withExtendedLifetime(listeners) {}
    }

    /// On kernels before 6.9 the table goes with its owner; asked for here on any kernel.
    @Test("keeps connections and lets no new ones in while the enforcer is gone")
    func enforcerGone() throws {
        let world = try EdgeWorld(features: Set(KernelFeature.allCases).subtracting([.persistentOwner]))
        try world.apply(try Self.policy())
        let listener = try Line.listen(on: world.edge, "0.0.0.0:8443")
        let line = try Line.open(from: world.payfast, to: "10.1.0.1:8443").get()
        let served = try #require(try listener.accept())
        world.stopEnforcer()
        for _ in 0..<200 where try world.nft("list", "tables").contains("table inet eig\n") {
            Clock.sleep(.milliseconds(10))
        }
        #expect(try world.nft("list", "tables") == "table inet eig_lockdown\n")
        try line.send("still here")
        #expect(try served.receive() == "still here")
        try served.send("and here")
        #expect(try line.receive() == "and here")
        let fresh = try Line.open(from: world.payfast, to: "10.1.0.1:8443", within: .milliseconds(150))
        #expect(throws: Errno.timedOut) { try fresh.get() }
        let stranger = try Line.open(from: world.stranger, to: "10.3.0.1:8443", within: .milliseconds(150))
        #expect(throws: Errno.timedOut) { try stranger.get() }
    }

    @Test("holds clear text to networks behind tunnels back on its own, and lets everything else go")
    func clearText() throws {
        let world = try EdgeWorld()
        let networks = [try #require(IPPrefix("10.1.0.2/32"))]
        _ = try world.edge.run {
            var socket = try NetfilterSocket()
            return try LockdownTable.apply(management: .init(), tunnelNetworks: networks, to: &socket)
        }
        let listeners = [
            try Line.listen(on: world.payfast, "0.0.0.0:9443"), try Line.listen(on: world.mobicash, "0.0.0.0:9443"),
        ]
        let held = try Line.open(from: world.edge, to: "10.1.0.2:9443", within: .milliseconds(150))
        #expect(throws: Errno.self) { try held.get() }
        _ = try Line.open(from: world.edge, to: "10.2.0.2:9443").get()
        withExtendedLifetime(listeners) {}
    }

    @Test("comes back after a foreign flush, and the host was closed meanwhile")
    func flushed() throws {
        let world = try EdgeWorld()
        try world.apply(try Self.policy())
        _ = try world.nft("flush", "ruleset")
        #expect(try !world.nft("list", "tables").contains("eig_lockdown"))
        let listener = try Line.listen(on: world.edge, "0.0.0.0:8443")
        let stranger = try Line.open(from: world.stranger, to: "10.3.0.1:8443", within: .milliseconds(150))
        #expect(throws: Errno.timedOut) { try stranger.get() }
        _ = try Line.open(from: world.payfast, to: "10.1.0.1:8443").get()
        let report = try world.apply(try Self.policy())
        #expect(report.structural == ["table inet eig_lockdown is missing"])
        #expect(try world.nft("list", "tables").contains("eig_lockdown"))
        withExtendedLifetime(listener) {}
    }

    @Test("takes over where the last enforcer stopped, without an open moment or a new count")
    func takesOver() throws {
        let world = try EdgeWorld()
        try world.apply(try Self.policy())
        let listener = try Line.listen(on: world.edge, "0.0.0.0:8443")
        let line = try Line.open(from: world.payfast, to: "10.1.0.1:8443").get()
        let served = try #require(try listener.accept())
        let features = try world.withEnforcer { enforcer throws(EnforceFailure) in enforcer.features }
        try world.restartEnforcer()
        let report = try world.apply(try Self.policy())
        #expect(report.added.isEmpty == features.contains(.persistentOwner))
        #expect(report.flowsCut.isEmpty)
        try line.send("still here")
        #expect(try served.receive() == "still here")
    }
}
