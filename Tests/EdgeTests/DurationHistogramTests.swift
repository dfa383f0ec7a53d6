// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Edge

@Suite("Durations and answers, counted")
struct DurationHistogramTests {
    @Test("a duration is in the bucket its bound names", arguments: DurationHistogram.boundsSeconds.indices)
    func bounds(_ index: Int) {
        let bound = Int((DurationHistogram.boundsSeconds[index] * 1_000_000).rounded())
        #expect(DurationHistogram.bucket(of: bound) == index)
        #expect(DurationHistogram.bucket(of: bound + 1) == index + 1)
    }

    @Test("everything is counted once, and summed")
    func counts() {
        let histogram = DurationHistogram()
        for microseconds in [0, 1000, 1001, 40_000, 31_000_000] { histogram.count(microseconds: microseconds) }
        let reading = histogram.reading
        #expect(reading.counts.count == DurationHistogram.boundsSeconds.count + 1)
        #expect(reading.counts == [2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1])
        #expect(reading.seconds == 31.042001)
    }

    @Test("a status counts for its class, and what is none for none")
    func classes() {
        let counter = StatusClassCounter()
        for status in [0, 101, 200, 204, 301, 404, 499, 503, 599, 600, -1] { counter.count(status: status) }
        #expect(counter.reading == [3, 1, 2, 1, 2, 2])
        #expect(StatusClassCounter.names.count == 6)
    }
}
