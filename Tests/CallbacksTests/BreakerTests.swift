// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import TestKit
import Testing

@Suite("Breaker")
struct BreakerTests {
    static let start = ScheduleInstant(milliseconds: 1_000_000)

    private func opened() -> Breaker {
        var breaker = Breaker()
        for _ in 0..<5 { breaker.failed(at: Self.start, jitter: 0) }
        return breaker
    }

    @Test("opens after failures in a row, and lets nothing through until its time")
    func opens() {
        var breaker = Breaker()
        for _ in 0..<4 { breaker.failed(at: Self.start, jitter: 0) }
        #expect(breaker.inFlightMax(at: Self.start, endpointMax: 16) == 16)
        breaker.failed(at: Self.start, jitter: 0)
        #expect(breaker.state == .open(until: Self.start + .milliseconds(500), trips: 0))
        #expect(breaker.inFlightMax(at: Self.start + .milliseconds(499), endpointMax: 16) == 0)
        #expect(breaker.inFlightMax(at: Self.start + .milliseconds(500), endpointMax: 16) == 1)
    }

    @Test("opens on the ratio of a full window, though no five failures stand together")
    func ratio() {
        var breaker = Breaker()
        for index in 0..<20 {
            if index % 4 == 3 {
                _ = breaker.succeeded(endpointMax: 16)
            } else {
                breaker.failed(at: Self.start, jitter: 0)
            }
        }
        #expect(breaker.state == .closed)
        breaker.failed(at: Self.start, jitter: 0)
        guard case .open = breaker.state else {
            Issue.record("15 failures of 20 left it \(breaker.state)")
            return
        }
    }

    @Test("doubles the wait with each failed probe, up to its bound")
    func backsOff() {
        var breaker = opened()
        var waits: [Duration] = []
        var now = Self.start
        for _ in 0..<9 {
            guard let until = breaker.opensAt else { break }
            waits.append(until - now)
            now = until
            breaker.started(at: now)
            breaker.failed(at: now, jitter: 0)
        }
        #expect(waits.map(\.milliseconds) == [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    }

    @Test("comes back slowly: one, then twice as many after each window of acknowledgements")
    func slowStart() {
        var breaker = opened()
        let now = Self.start + .seconds(1)
        breaker.started(at: now)
        #expect(breaker.inFlightMax(at: now, endpointMax: 16) == 1)
        let isBack = breaker.succeeded(endpointMax: 16)
        #expect(isBack)
        var allowed: [Int] = []
        for _ in 0..<16 {
            allowed.append(breaker.inFlightMax(at: now, endpointMax: 16))
            let isBackAgain = breaker.succeeded(endpointMax: 16)
            #expect(!isBackAgain)
        }
        #expect(allowed == [1, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 16])
        #expect(breaker.state == .closed)
    }

    @Test("waits as long as the endpoint asks, within its bound")
    func hint() {
        var breaker = Breaker()
        for _ in 0..<5 { breaker.failed(at: Self.start, hint: .seconds(20), jitter: 0) }
        #expect(breaker.opensAt == Self.start + .seconds(20))
    }

    @Test("probes again at once after a probe that never left")
    func returned() {
        var breaker = opened()
        let now = Self.start + .seconds(1)
        breaker.started(at: now)
        breaker.returned(at: now)
        #expect(breaker.state == .open(until: now, trips: 0))
    }

    @Test("never lets more through than the endpoint takes, and never stays shut for ever", arguments: UInt64(1)...200)
    func simulated(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var breaker = Breaker()
        var now = Self.start
        let endpointMax = Int.random(in: 1...32, using: &random)
        var inFlight = 0
        for _ in 0..<500 {
            now = now + .milliseconds(Int64.random(in: 0...2000, using: &random))
            let allowed = breaker.inFlightMax(at: now, endpointMax: endpointMax)
            #expect((0...endpointMax).contains(allowed))
            while inFlight < allowed {
                breaker.started(at: now)
                inFlight += 1
                if case .probing = breaker.state { break }
            }
            while inFlight > 0, Bool.random(using: &random) {
                inFlight -= 1
                if Int.random(in: 0..<10, using: &random) < 3 {
                    _ = breaker.succeeded(endpointMax: endpointMax)
                } else {
                    breaker.failed(at: now, jitter: Double.random(in: 0..<1, using: &random))
                }
            }
        }
        // The endpoint is well again: it is back to full after enough acknowledgements.
        for _ in 0..<200 where breaker.state != .closed {
            now = now + .seconds(61)
            breaker.started(at: now)
            _ = breaker.succeeded(endpointMax: endpointMax)
        }
        #expect(breaker.state == .closed)
    }
}
