// SPDX-License-Identifier: Apache-2.0
import Base
import Glibc
import LinuxIO
import Netfilter
import Testing
import Whitelist

@Suite("Real packets", .enabled(if: Host.isPossible, Host.why))
struct PacketTests {
    @Test("of partners get in, a stranger's do not and are counted", arguments: ["10.%.0.1", "[fd0%::1]"])
    func admits(_ pattern: String) throws {
        let world = try EdgeWorld()
        try world.apply(try EdgeWorld.everybody())
        let any = pattern.hasPrefix("[") ? "[::]" : "0.0.0.0"
        let listener = try Line.listen(on: world.edge, "\(any):\(EdgeWorld.port)")
        let endpoint = { (number: Int) in
            pattern.replacing("%", with: "\(number)") + ":\(EdgeWorld.port)"
        }
        for (number, host) in [(1, world.payfast), (2, world.mobicash)] {
            let line = try Line.open(from: host, to: endpoint(number)).get()
            try line.send("hello")
            let accepted = try #require(try listener.accept())
            #expect(try accepted.receive() == "hello")
            try accepted.send("welcome")
            #expect(try line.receive() == "welcome")
        }
        #expect(try world.drops(.strangers).packets == 0)
        let refused = try Line.open(from: world.stranger, to: endpoint(3))
        #expect(throws: Errno.timedOut) { try refused.get() }
        #expect(try world.drops(.strangers).packets >= 1)
        #expect(throws: Errno.timedOut, "the listener never hears of it") {
            try listener.accept(within: .milliseconds(50))
        }
    }

    @Test("of one partner to the other's wire are its own: the mark follows the address")
    func marks() throws {
        let world = try EdgeWorld()
        try world.apply(try EdgeWorld.everybody())
        let listener = try Line.listen(on: world.edge, "0.0.0.0:\(EdgeWorld.port)")
        let line = try Line.open(from: world.payfast, to: "10.1.0.1:\(EdgeWorld.port)").get()
        let accepted = try listener.accept()
        let flows = try world.withEnforcer { enforcer throws(EnforceFailure) in try enforcer.flows() }
        let payfast = try #require(PartnerID("payfast"))
        #expect(flows.map(\.mark) == [payfast.mark])
        #expect(flows.first?.source == IPAddress("10.1.0.2"))
        withExtendedLifetime((line, accepted)) {}
    }

    @Test("of a removed partner earn a reset at once, and nobody else's do", arguments: ["v4", "v6"])
    func cuts(_ family: String) throws {
        let world = try EdgeWorld()
        try world.apply(try EdgeWorld.everybody())
        let isV4 = family == "v4"
        let listener = try Line.listen(on: world.edge, (isV4 ? "0.0.0.0" : "[::]") + ":\(EdgeWorld.port)")
        let pay = try Line.open(from: world.payfast, to: isV4 ? "10.1.0.1:8443" : "[fd01::1]:8443").get()
        let payServed = try #require(try listener.accept())
        let mob = try Line.open(from: world.mobicash, to: isV4 ? "10.2.0.1:8443" : "[fd02::1]:8443").get()
        let mobServed = try #require(try listener.accept())

        let report = try world.apply(
            EdgeWorld.policy([try EdgeWorld.partner("mobicash", ["10.2.0.0/24", "fd02::/64"])])
        )
        let payfast = try #require(PartnerID("payfast"))
        #expect(report.removed.map(\.partner) == [payfast, payfast])
        #expect(report.flowsCut.map(\.mark) == [payfast.mark])

        // Neither side has said anything, and both hear of it.
        #expect(throws: Errno(rawValue: ECONNRESET)) { try pay.receive() }
        #expect(throws: Errno(rawValue: ECONNABORTED)) { try payServed.receive() }
        // The neighbour.
        try mob.send("hello")
        #expect(try mobServed.receive() == "hello")

        let forgotten = try world.withEnforcer { enforcer throws(EnforceFailure) in try enforcer.forgetCondemned() }
        #expect(forgotten == 1)
        let flows = try world.withEnforcer { enforcer throws(EnforceFailure) in try enforcer.flows() }
        #expect(flows.allSatisfy { $0.mark != payfast.mark })
        let again = try Line.open(from: world.payfast, to: isV4 ? "10.1.0.1:8443" : "[fd01::1]:8443")
        #expect(throws: Errno.timedOut) { try again.get() }
    }

    @Test("without an entry, of a connection that has one's mark, are answered with a reset in both directions")
    func resets() throws {
        let world = try EdgeWorld()
        try world.apply(try EdgeWorld.everybody())
        let listener = try Line.listen(on: world.edge, "0.0.0.0:\(EdgeWorld.port)")
        let (one, two) = (
            try Line.open(from: world.payfast, to: "10.1.0.1:8443").get(),
            try Line.open(from: world.payfast, to: "10.1.0.1:8443").get()
        )
        let served = try #require(try listener.accept())
        let alsoServed = try #require(try listener.accept())
        // The element alone goes, as in the moment between the transaction and the abort.
        try world.withEnforcer { enforcer throws(EnforceFailure) in
            let payfast = PartnerID("payfast").map { $0.mark }
            let seen = try enforcer.observe()
            let element = seen.tallies(of: .partners).keys.first { $0.mark == payfast && $0.family == .v4 }
            let change = element.map { Change.remove($0, set: EdgeSet.partners.set(.v4), table: EdgeTable.name) }
            do throws(NetfilterFailure) {
                try enforcer.filter.commit(change.map { [$0] } ?? [], generation: nil)
            } catch {
                throw .kernel(error)
            }
        }
        try one.send("still here")
        #expect(throws: Errno(rawValue: ECONNRESET)) { try one.receive() }
        try alsoServed.send("still here")
        #expect(throws: Errno(rawValue: ECONNRESET)) { try alsoServed.receive() }
        #expect(try world.drops(.cut).packets >= 2)
        withExtendedLifetime((two, served)) {}
    }

    @Test("are counted by entry, and an unrelated change keeps the count")
    func counters() throws {
        let world = try EdgeWorld()
        try world.apply(try EdgeWorld.everybody())
        let listener = try Line.listen(on: world.edge, "0.0.0.0:\(EdgeWorld.port)")
        let line = try Line.open(from: world.payfast, to: "10.1.0.1:8443").get()
        let accepted = try listener.accept()
        let before = try tally(world, "10.1.0.2")
        #expect(before.packets >= 3)
        let more = EdgeWorld.policy([
            try EdgeWorld.partner("payfast", ["10.1.0.2", "10.1.0.3", "fd01::2"]),
            try EdgeWorld.partner("zed", ["10.9.0.0/16"]),
        ])
        let report = try world.apply(more)
        #expect(report.added.count == 2 && report.removed.count == 2 && report.structural.isEmpty)
        #expect(try tally(world, "10.1.0.2").packets >= before.packets)
        #expect(try tally(world, "10.1.0.3") == Tally())
        withExtendedLifetime((line, accepted)) {}
    }

    private func tally(_ world: EdgeWorld, _ address: String) throws -> Tally {
        let seen = try world.withEnforcer { enforcer throws(EnforceFailure) in try enforcer.observe() }
        let prefix = IPPrefix(try #require(IPAddress(address)))
        return try #require(seen.tallies(of: .partners).first { $0.key.prefix == prefix }).value
    }
}
