// SPDX-License-Identifier: Apache-2.0
import Base
import TestKit
import Testing

@testable import Engine

@Suite("The timer wheel")
struct TimerWheelTests {
    static let tick = TimerWheel.tickNanoseconds
    /// The longest wait that fires in one turn of the wheel.
    static let turn = tick * 1022

    /// What was armed and has not fired, in a list: the wheel's behaviour without the wheel.
    private struct Model {
        struct Entry {
            let firing: TimerWheel.Firing
            let deadline: UInt64
        }

        var entries: [Entry] = []

        var nextTick: UInt64? { entries.map(\.firing.tick).min() }

        mutating func take(upTo now: MonotonicInstant) -> [Entry] {
            let due = entries.filter { $0.firing.tick <= now.nanoseconds / TimerWheelTests.tick }
            entries.removeAll { $0.firing.tick <= now.nanoseconds / TimerWheelTests.tick }
            return due.sorted { $0.firing.tick < $1.firing.tick }
        }
    }

    @Test("fires as a sorted list does: never early, at most a tick late", arguments: UInt64(1)...150)
    func model(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var now = MonotonicInstant(nanoseconds: UInt64.random(in: 0...1 << 40, using: &random))
        var wheel = TimerWheel(now: now)
        var model = Model()
        for step in 0..<400 {
            if Bool.random(using: &random) {
                let wait = UInt64.random(in: 0...Self.wait(using: &random), using: &random)
                let deadline = now.nanoseconds + wait
                let token = UInt64(step)
                let tick = wheel.arm(token, at: MonotonicInstant(nanoseconds: deadline))
                model.entries.append(
                    Model.Entry(firing: TimerWheel.Firing(token: token, tick: tick), deadline: deadline)
                )
                if wait < Self.turn {
                    #expect(tick * Self.tick > deadline, "early")
                    #expect(tick * Self.tick <= deadline + Self.tick, "late")
                } else {
                    #expect(tick * Self.tick <= deadline + Self.tick, "late")
                }
            } else {
                Self.expectDue(wheel, model)
                now = now + .nanoseconds(Int64(UInt64.random(in: 0...Self.wait(using: &random), using: &random)))
                var firings: [TimerWheel.Firing] = []
                wheel.advance(to: now, into: &firings)
                let due = model.take(upTo: now)
                #expect(firings.map(\.tick) == due.map(\.firing.tick))
                #expect(Set(firings) == Set(due.map(\.firing)))
                #expect(!model.entries.contains { $0.deadline + Self.tick <= now.nanoseconds }, "forgotten")
            }
        }
    }

    /// Mostly around a tick, sometimes around the wheel's turn and beyond.
    private static func wait(using random: inout SeededGenerator) -> UInt64 {
        [tick * 3, tick / 2, tick * 100, tick * 1023, tick * 3000].randomElement(using: &random) ?? tick
    }

    private static func expectDue(_ wheel: TimerWheel, _ model: Model) {
        guard let next = model.nextTick else {
            #expect(wheel.dueAt == .distantFuture)
            return
        }
        // Exactly the next firing: later would oversleep, sooner would spin.
        #expect(wheel.dueAt == MonotonicInstant(nanoseconds: next * tick))
    }

    @Test("wakes in time when the loop sleeps exactly as long as it is told", arguments: UInt64(1)...50)
    func sleeping(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var now = MonotonicInstant(nanoseconds: UInt64.random(in: 0...1 << 40, using: &random))
        var wheel = TimerWheel(now: now)
        var deadlines: [UInt64: UInt64] = [:]
        for token in 0..<UInt64(100) {
            let deadline = now.nanoseconds + UInt64.random(in: 0...Self.turn, using: &random)
            deadlines[token] = deadline
            _ = wheel.arm(token, at: MonotonicInstant(nanoseconds: deadline))
        }
        while wheel.dueAt != .distantFuture {
            now = max(now, wheel.dueAt)
            var firings: [TimerWheel.Firing] = []
            wheel.advance(to: now, into: &firings)
            #expect(!firings.isEmpty, "woken for nothing")
            for firing in firings {
                let known = deadlines.removeValue(forKey: firing.token)
                let deadline = try #require(known)
                #expect(now.nanoseconds > deadline && now.nanoseconds - deadline <= Self.tick)
            }
        }
        #expect(deadlines.isEmpty)
    }

    @Test("fires a deadline past its turn early, for its owner to arm again, until it is due")
    func longDeadline() throws {
        var now = MonotonicInstant(nanoseconds: 12_345_678_901)
        var wheel = TimerWheel(now: now)
        let deadline = now + .seconds(600)
        var tick = wheel.arm(7, at: deadline)
        var turns = 0
        while now < deadline {
            now = max(now, wheel.dueAt)
            var firings: [TimerWheel.Firing] = []
            wheel.advance(to: now, into: &firings)
            #expect(firings == [TimerWheel.Firing(token: 7, tick: tick)])
            if now < deadline { tick = wheel.arm(7, at: deadline) }
            turns += 1
        }
        #expect(now - deadline <= .nanoseconds(Int64(Self.tick)))
        #expect((18...20).contains(turns))
    }

    @Test("fires what is already past at the next tick")
    func past() {
        var now = MonotonicInstant(nanoseconds: Self.tick * 5000)
        var wheel = TimerWheel(now: now)
        let tick = wheel.arm(1, at: MonotonicInstant(nanoseconds: 0))
        #expect(tick == 5001)
        var firings: [TimerWheel.Firing] = []
        wheel.advance(to: now, into: &firings)
        #expect(firings.isEmpty)
        now = MonotonicInstant(nanoseconds: Self.tick * 5001)
        wheel.advance(to: now, into: &firings)
        #expect(firings.count == 1)
        #expect(wheel.dueAt == .distantFuture)
    }

    @Test("fires everything, once, after a sleep of many turns")
    func longSleep() {
        let now = MonotonicInstant(nanoseconds: Self.tick * 77)
        var wheel = TimerWheel(now: now)
        for token in 0..<UInt64(2000) {
            _ = wheel.arm(token, at: now + .nanoseconds(Int64(token * Self.tick / 2)))
        }
        var firings: [TimerWheel.Firing] = []
        wheel.advance(to: now + .seconds(3600), into: &firings)
        #expect(Set(firings.map(\.token)).count == 2000)
        #expect(firings.count == 2000)
        #expect(firings.map(\.tick) == firings.map(\.tick).sorted())
        wheel.advance(to: now + .seconds(7200), into: &firings)
        #expect(firings.count == 2000)
    }
}
