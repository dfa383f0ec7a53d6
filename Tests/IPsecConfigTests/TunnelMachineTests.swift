// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Testing

@Suite("A tunnel over time")
struct TunnelMachineTests {
    static let expected = ExpectedTunnel(
        id: PlutoSample.name.tunnel,
        connections: [PlutoSample.name],
        peer: IPAddress("203.0.113.7")!
    )

    private func at(_ seconds: Int64) -> WallInstant { WallInstant(seconds: 1_000_000 + seconds) }

    private func sight(_ status: [UInt8], _ traffic: [UInt8] = []) -> PlutoSight {
        .report(PlutoReport(status: status, traffic: traffic))
    }

    private func machine(_ memory: TunnelMemory? = nil) -> TunnelMachine {
        TunnelMachine(Self.expected, memory: memory, at: at(0))
    }

    @Test("starts, comes up, goes down, and says since when")
    func upAndDown() throws {
        var machine = machine()
        let asking = sight(try PlutoSample.bytes("negotiating.status.txt"))
        #expect(machine.observe(asking, at: at(0)).isEmpty)
        #expect(machine.state == .starting)
        let up = sight(PlutoSample.up(ike: 1, child: 2), PlutoSample.traffic(2, addedAt: 1_000_003, in: 10, out: 20))
        #expect(machine.observe(up, at: at(5)) == [TunnelEvent(machine.id, .up, at: at(3))])
        #expect(machine.memory.since == at(3))
        #expect(machine.observe(up, at: at(10)).isEmpty)
        let events = machine.observe(asking, at: at(15))
        #expect(events.map(\.kind) == [.down])
        #expect(machine.state == .down)
        #expect(machine.memory.since == at(15))
        #expect(machine.memory.lastUpAt == at(10))
        #expect(machine.memory.flaps == 1)
        let usage = machine.takeUsage()
        #expect(usage.watchedMilliseconds == 15_000)
        #expect(usage.upMilliseconds == 10_000)
        #expect(machine.takeUsage().isEmpty)
    }

    @Test("that never comes up is down after a minute")
    func neverUp() throws {
        var machine = machine()
        let asking = sight(try PlutoSample.bytes("negotiating.status.txt"))
        for second in stride(from: Int64(0), through: 55, by: 5) {
            _ = machine.observe(asking, at: at(second))
            #expect(machine.state == .starting)
        }
        #expect(machine.observe(asking, at: at(60)).isEmpty)
        #expect(machine.state == .down)
        #expect(machine.memory.flaps == 0)
    }

    @Test("counts a rekey, not a flap, when one of the two SAs stays")
    func rekeys() {
        var machine = machine()
        _ = machine.observe(sight(PlutoSample.up(ike: 1, child: 2)), at: at(0))
        #expect(machine.observe(sight(PlutoSample.up(ike: 1, child: 3, old: 2)), at: at(5)).isEmpty)
        #expect(machine.memory.rekeys == 1)
        #expect(machine.observe(sight(PlutoSample.up(ike: 4, child: 3)), at: at(10)).isEmpty)
        #expect(machine.memory.rekeys == 2)
        // Both at once, with the old child SA still there.
        #expect(machine.observe(sight(PlutoSample.up(ike: 5, child: 6, old: 3)), at: at(15)).isEmpty)
        #expect(machine.memory.rekeys == 4)
        #expect(machine.memory.flaps == 0)
        #expect(machine.state == .up)
    }

    @Test("that was set up anew between two looks has flapped")
    func restartedUnseen() {
        var machine = machine()
        _ = machine.observe(sight(PlutoSample.up(ike: 1, child: 2)), at: at(0))
        #expect(machine.observe(sight(PlutoSample.up(ike: 3, child: 4)), at: at(5)).map(\.kind) == [.restarted])
        // Another pluto counts from 1 again.
        #expect(machine.observe(sight(PlutoSample.up(ike: 1, child: 2)), at: at(10)).map(\.kind) == [.restarted])
        #expect(machine.memory.flaps == 2)
        #expect(machine.memory.rekeys == 0)
        #expect(machine.memory.since == at(10))
    }

    @Test("adds bytes up across SAs that come and go")
    func bytes() {
        var machine = machine()
        let status = PlutoSample.up(ike: 1, child: 2)
        _ = machine.observe(sight(status, PlutoSample.traffic(2, addedAt: 9, in: 100, out: 10)), at: at(0))
        let old = PlutoSample.traffic(2, addedAt: 9, in: 150, out: 15)
        let both = old + PlutoSample.traffic(3, addedAt: 20, in: 7, out: 1)
        _ = machine.observe(sight(PlutoSample.up(ike: 1, child: 3, old: 2), both), at: at(5))
        #expect(machine.memory.bytesIn == 157 && machine.memory.bytesOut == 16)
        let next = PlutoSample.traffic(3, addedAt: 20, in: 57, out: 2)
        _ = machine.observe(sight(PlutoSample.up(ike: 1, child: 3), next), at: at(10))
        #expect(machine.memory.bytesIn == 207 && machine.memory.bytesOut == 17)
        // The same number with another time is another pluto's.
        let other = PlutoSample.traffic(3, addedAt: 99, in: 60, out: 3)
        _ = machine.observe(sight(PlutoSample.up(ike: 1, child: 3), other), at: at(15))
        #expect(machine.memory.bytesIn == 267 && machine.memory.bytesOut == 20)
        #expect(machine.takeUsage().bytesIn == 267)
    }

    @Test("goes on where the program before it stopped")
    func remembered() {
        var before = machine()
        let up = PlutoSample.up(ike: 1, child: 2)
        let traffic = PlutoSample.traffic(2, addedAt: 900_000, in: 100, out: 10)
        _ = before.observe(sight(up, traffic), at: at(0))
        var after = machine(before.memory)
        #expect(after.observe(sight(up, traffic), at: at(3600)).isEmpty)
        #expect(after.memory.since == before.memory.since)
        #expect(after.memory.bytesIn == 100)
        // Nobody looked meanwhile: nothing is said of that time.
        #expect(after.takeUsage().watchedMilliseconds == 0)
        var later = machine(before.memory)
        #expect(later.observe(.notRunning, at: at(3600)).map(\.kind) == [.down])
    }

    @Test("says what it was once pluto can be asked again")
    func unreadable() {
        var machine = machine()
        let up = sight(PlutoSample.up(ike: 1, child: 2))
        _ = machine.observe(up, at: at(0))
        let since = machine.memory.since
        #expect(machine.observe(.unreadable, at: at(5)).isEmpty)
        #expect(machine.state == .unknown)
        #expect(machine.observe(up, at: at(10)).isEmpty)
        #expect(machine.state == .up)
        #expect(machine.memory.since == since)
        #expect(machine.memory.flaps == 0)
        _ = machine.observe(.unreadable, at: at(15))
        #expect(machine.observe(.notRunning, at: at(20)).map(\.text) == ["Libreswan does not run"])
    }

    @Test("with several pairs of networks is up when all are")
    func pairs() throws {
        var expected = Self.expected
        expected.connections.append(try #require(ConnectionName("p_acme_t1_s2")))
        var machine = TunnelMachine(expected, at: at(0))
        _ = machine.observe(sight(PlutoSample.up(ike: 1, child: 2)), at: at(100))
        #expect(machine.state == .partial)
        #expect(!machine.isLoaded)
        #expect(machine.upCount == 1)
        #expect(machine.isIKEUp)
    }

    @Test("that an administrator took down is no fault")
    func held() throws {
        var machine = machine()
        _ = machine.observe(sight(PlutoSample.up(ike: 1, child: 2)), at: at(0))
        var held = Self.expected
        held.isHeld = true
        #expect(machine.expect(held, at: at(1)).map(\.kind) == [.held])
        let events = machine.observe(sight(try PlutoSample.bytes("routed.status.txt")), at: at(5))
        #expect(events.map(\.text) == ["by an administrator"])
        #expect(machine.state == .held)
        #expect(machine.memory.flaps == 0)
        #expect(machine.expect(Self.expected, at: at(50)).map(\.kind) == [.released])
        _ = machine.observe(sight(try PlutoSample.bytes("routed.status.txt")), at: at(55))
        #expect(machine.state == .starting)
    }

    @Test("tells a failure once, and the latest time of it")
    func failures() throws {
        var machine = machine()
        let lines = try PlutoSample.lines("no-proposal-ike.we-initiate.log")
        var events: [TunnelEvent] = []
        for (index, line) in lines.enumerated() { events += machine.hear(line, at: at(Int64(index))) }
        // It ends with "no response", which says less.
        #expect(events.map(\.kind) == [.failed])
        #expect(machine.memory.failure?.failure.reason == .ikeProposal)
        #expect(events.first?.text == TunnelFailure.Reason.ikeProposal.words)
        for line in try PlutoSample.lines("no-answer.we-initiate.log") { events += machine.hear(line, at: at(500)) }
        #expect(events.map(\.text).last == TunnelFailure.Reason.noAnswer.words)
        #expect(machine.memory.failure?.at == at(500))
        let other = try #require(PlutoLogLine("\"p_acme_t2_s1\" #1: TS_UNACCEPTABLE"))
        #expect(machine.hear(other, at: at(501)).isEmpty)
    }
}
