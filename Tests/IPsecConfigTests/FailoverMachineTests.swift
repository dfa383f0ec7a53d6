// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import TestKit
import Testing

@Suite("The backup gateway")
struct FailoverMachineTests {
    static let primary = IPAddress("203.0.113.7")!
    static let backup = IPAddress("203.0.113.8")!

    private func at(_ seconds: Int64) -> WallInstant { WallInstant(seconds: 1_000_000 + seconds) }

    /// A partner with two gateways, as far as one tunnel sees them.
    private struct World {
        var tunnel: TunnelMachine
        var failover: FailoverMachine
        var alive: Set<IPAddress>
        var refuses = false
        var log = true
        var switches: [(at: WallInstant, peer: IPAddress)] = []

        init(at now: WallInstant) throws {
            asking = PlutoReport(status: try PlutoSample.bytes("negotiating.status.txt"), traffic: [])
            lines = (
                try PlutoSample.lines("bad-psk.we-initiate.log"), try PlutoSample.lines("no-answer.we-initiate.log")
            )
            let expected = ExpectedTunnel(
                id: PlutoSample.name.tunnel,
                connections: [PlutoSample.name],
                peer: FailoverMachineTests.primary,
                backup: FailoverMachineTests.backup
            )
            tunnel = TunnelMachine(expected, at: now)
            failover = try #require(FailoverMachine(expected))
            alive = [FailoverMachineTests.primary, FailoverMachineTests.backup]
        }

        private let up = PlutoReport(status: PlutoSample.up(ike: 1, child: 2), traffic: [])
        private let asking: PlutoReport
        private let lines: (refusal: [PlutoLogLine], silence: [PlutoLogLine])

        mutating func look(at now: WallInstant) throws {
            let isUp = alive.contains(failover.peer) && !refuses
            _ = tunnel.observe(.report(isUp ? up : asking), at: now)
            if tunnel.state != .up, log {
                // pluto gives up asking every half minute or so.
                if now.seconds % 35 == 0 {
                    for line in refuses ? lines.refusal : lines.silence { _ = tunnel.hear(line, at: now) }
                }
            }
            take(failover.observe(tunnel, at: now), at: now)
        }

        mutating func take(_ change: FailoverMachine.Change?, at now: WallInstant) {
            guard let change else { return }
            switches.append((now, change.peer))
            var expected = tunnel.expected
            expected.peer = change.peer
            _ = tunnel.expect(expected, at: now)
        }

        mutating func run(_ seconds: ClosedRange<Int64>) throws {
            for second in stride(from: seconds.lowerBound, through: seconds.upperBound, by: 5) {
                try look(at: WallInstant(seconds: 1_000_000 + second))
            }
        }
    }

    @Test("takes over when the first one is silent, with and without a log", arguments: [true, false])
    func over(_ log: Bool) throws {
        var world = try World(at: at(0))
        world.log = log
        try world.run(0...100)
        #expect(world.switches.isEmpty)
        world.alive = [Self.backup]
        try world.run(105...200)
        #expect(world.switches.map(\.peer) == [Self.backup])
        let waited = try #require(world.switches.first).at - at(105)
        #expect(waited <= .seconds(40))
        #expect(world.tunnel.state == .up)
        #expect(world.tunnel.expected.isOnBackup)
    }

    @Test("keeps the tunnel while it works, and gives it back when it is silent itself, not before the hold is over")
    func back() throws {
        var world = try World(at: at(0))
        world.alive = [Self.backup]
        try world.run(0...100)
        world.alive = [Self.primary, Self.backup]
        try world.run(105...800)
        #expect(world.switches.map(\.peer) == [Self.backup])
        world.alive = [Self.primary]
        try world.run(805...900)
        #expect(world.switches.map(\.peer) == [Self.backup, Self.primary])
        world.alive = []
        try world.run(905...2000)
        for (one, next) in zip(world.switches, world.switches.dropFirst()) {
            #expect(next.at - one.at >= FailoverMachine.holdMin)
        }
        #expect(world.switches.count == 5)
    }

    @Test("is not asked while the first one answers and refuses")
    func refused() throws {
        var world = try World(at: at(0))
        world.refuses = true
        try world.run(0...25)
        // The refusal is heard before half a minute of silence is over.
        for line in try PlutoSample.lines("bad-psk.we-initiate.log") { _ = world.tunnel.hear(line, at: at(26)) }
        try world.run(30...1000)
        #expect(world.switches.isEmpty)
    }

    @Test("is not asked while pluto does not run or the tunnel is not loaded")
    func notThePeersFault() throws {
        var world = try World(at: at(0))
        for second in stride(from: Int64(0), through: 600, by: 5) {
            let sight: PlutoSight = second < 300 ? .notRunning : .report(PlutoReport(status: [], traffic: []))
            _ = world.tunnel.observe(sight, at: at(second))
            #expect(world.failover.observe(world.tunnel, at: at(second)) == nil)
        }
    }

    @Test("does not exist for a tunnel with one gateway")
    func single() {
        let tunnel = ExpectedTunnel(id: PlutoSample.name.tunnel, connections: [], peer: Self.primary)
        #expect(FailoverMachine(tunnel) == nil)
    }

    @Test("never changes by itself sooner than the hold allows", arguments: 0..<30)
    func hold(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var world = try World(at: at(0))
        for second in stride(from: Int64(0), through: 7200, by: 5) {
            if Int.random(in: 0..<12, using: &random) == 0 {
                world.alive = [[], [Self.primary], [Self.backup], [Self.primary, Self.backup]].randomElement(
                    using: &random
                )!
            }
            try world.look(at: at(second))
        }
        for (one, next) in zip(world.switches, world.switches.dropFirst()) {
            #expect(next.at - one.at >= FailoverMachine.holdMin)
            #expect(next.peer != one.peer)
        }
        // With one gateway alive for good, the tunnel ends on it.
        world.alive = [Self.backup]
        try world.run(7205...8500)
        #expect(world.tunnel.state == .up)
        #expect(world.failover.peer == Self.backup)
    }
}
