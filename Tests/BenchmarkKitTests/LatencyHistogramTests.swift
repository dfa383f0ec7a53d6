// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import TestKit
import Testing

@Suite("A histogram of latencies")
struct LatencyHistogramTests {
    @Test("says 0 of nothing")
    func empty() {
        let histogram = LatencyHistogram()
        #expect(histogram.nanoseconds(atShare: 0.5) == 0 && histogram.max == 0 && histogram.count == 0)
    }

    @Test("gives back every latency within half a percent, from nanoseconds to minutes")
    func precise() {
        var latency: UInt64 = 0
        while latency < 1_000_000_000_000 {
            var histogram = LatencyHistogram()
            histogram.record(nanoseconds: latency)
            histogram.record(nanoseconds: latency * 2)
            let read = Double(histogram.nanoseconds(atShare: 0.5))
            #expect(abs(read - Double(latency)) <= Double(latency) * 0.005, "\(latency)")
            #expect(histogram.max == latency * 2)
            latency += latency / 7 + 1
        }
    }

    @Test("agrees with the sorted list", arguments: [1, 2, 3] as [UInt64])
    func percentiles(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var histogram = LatencyHistogram()
        let latencies = (0..<10_000).map { _ in
            UInt64.random(in: 1...(1 << UInt64.random(in: 1...36)), using: &generator)
        }
        for latency in latencies { histogram.record(nanoseconds: latency) }
        let sorted = latencies.sorted()
        for share in [0.001, 0.5, 0.9, 0.99, 0.999, 1] {
            let wanted = Double(sorted[max(0, Int((share * 10_000).rounded(.up)) - 1)])
            let read = Double(histogram.nanoseconds(atShare: share))
            #expect(abs(read - wanted) <= wanted * 0.005 + 1, "\(share)")
        }
        #expect(histogram.count == 10_000 && histogram.max == sorted.last)
    }

    @Test("takes what is longer than it can tell apart")
    func clamped() {
        var histogram = LatencyHistogram()
        histogram.record(nanoseconds: .max)
        #expect(histogram.max == .max && histogram.nanoseconds(atShare: 0.5) > 1 << 40)
    }
}

@Suite("An open loop's schedule")
struct OpenLoopScheduleTests {
    @Test("is due exactly when it says", arguments: [0.5, 3, 1000, 33_333, 1e6])
    func due(rate: Double) {
        let start = MonotonicInstant(nanoseconds: 123_456_789_012)
        let schedule = OpenLoopSchedule(rate: rate, startAt: start)
        #expect(schedule.dueCount(at: MonotonicInstant(nanoseconds: start.nanoseconds - 1)) == 0)
        #expect(schedule.instant(of: 0) == start)
        for number in [0, 1, 2, 1000, 123_457] {
            let instant = schedule.instant(of: number)
            #expect(schedule.dueCount(at: instant) == number + 1)
            #expect(schedule.dueCount(at: MonotonicInstant(nanoseconds: instant.nanoseconds - 1)) == number)
            let exact = Double(number) / rate * 1e9
            #expect(abs(Double(instant.nanoseconds - start.nanoseconds) - exact) <= 1)
        }
    }
}
