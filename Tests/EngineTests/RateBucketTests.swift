// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Synchronization
import TestKit
import Testing

@testable import Engine

@Suite("A rate bucket")
struct RateBucketTests {
    /// Tokens counted in nanoseconds of earning, as the textbook has them.
    private struct Reference {
        let interval: UInt64
        let capacity: UInt64
        var earned: UInt64
        var at: UInt64

        init(_ bucket: RateBucket, burst: Int, at: UInt64) {
            interval = bucket.interval
            capacity = bucket.interval * UInt64(burst)
            earned = capacity
            self.at = at
        }

        /// - Returns: nothing when a token was taken, else how long until there is one.
        mutating func take(now: UInt64) -> UInt64? {
            earned = min(capacity, earned + (now - at))
            at = now
            guard earned >= interval else { return interval - earned }
            earned -= interval
            return nil
        }
    }

    @Test("admits what the textbook's bucket admits, and names the same wait", arguments: UInt64(1)...200)
    func model(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let perSecond = [1, 3, 10, 100, 1000, 99_999].randomElement(using: &random) ?? 1
        let burst = Int.random(in: 1...20, using: &random)
        let bucket = RateBucket(perSecond: perSecond, burst: burst)
        var now = UInt64.random(in: 0...1 << 50, using: &random)
        var reference = Reference(bucket, burst: burst, at: now)
        var arrival: UInt64 = 0
        for _ in 0..<500 {
            let before = arrival
            let wait = bucket.take(&arrival, now: MonotonicInstant(nanoseconds: now))
            let want = reference.take(now: now)
            #expect(wait == want.map { .nanoseconds(Int64($0)) })
            if wait != nil { #expect(arrival == before, "a refusal costs nothing") }
            now += UInt64.random(in: 0...bucket.interval * 2, using: &random)
            if Int.random(in: 0..<50, using: &random) == 0 { now += bucket.interval * 100 }
        }
    }

    @Test("lets a whole burst through at once, then one at a time as it refills")
    func burst() {
        let bucket = RateBucket(perSecond: 10, burst: 5)
        let start = MonotonicInstant(nanoseconds: 1_000_000_000)
        var arrival: UInt64 = 0
        for _ in 0..<5 { #expect(bucket.take(&arrival, now: start) == nil) }
        #expect(bucket.take(&arrival, now: start) == .milliseconds(100))
        #expect(bucket.take(&arrival, now: start + .nanoseconds(99_999_999)) == .nanoseconds(1))
        #expect(bucket.take(&arrival, now: start + .milliseconds(100)) == nil)
        #expect(bucket.take(&arrival, now: start + .milliseconds(100)) == .milliseconds(100))
        // A long pause fills it to the brim and not beyond.
        let later = start + .seconds(3600)
        for _ in 0..<5 { #expect(bucket.take(&arrival, now: later) == nil) }
        #expect(bucket.take(&arrival, now: later) == .milliseconds(100))
    }

    @Test("is admitted to again after exactly the wait it named", arguments: [1, 7, 200, 30_000])
    func honestWait(perSecond: Int) throws {
        let bucket = RateBucket(perSecond: perSecond, burst: 3)
        var now = MonotonicInstant(nanoseconds: 42)
        var arrival: UInt64 = 0
        for _ in 0..<50 {
            guard let wait = bucket.take(&arrival, now: now) else { continue }
            now = now + (wait - .nanoseconds(1))
            #expect(bucket.take(&arrival, now: now) == .nanoseconds(1))
            now = now + .nanoseconds(1)
            #expect(bucket.take(&arrival, now: now) == nil)
        }
    }

    @Test("keeps its burst when it is slowed")
    func slowed() {
        let bucket = RateBucket(perSecond: 1, burst: 10).slowed(by: 60)
        var arrival: UInt64 = 0
        let start = MonotonicInstant(nanoseconds: 1)
        for _ in 0..<10 { #expect(bucket.take(&arrival, now: start) == nil) }
        #expect(bucket.take(&arrival, now: start) == .seconds(60))
    }

    @Test("traps on a rate or a burst of nothing")
    func traps() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = RateBucket(perSecond: 0, burst: 1)
        }
        #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains("needs a rate and a burst"))
    }

    /// Four threads, one bucket, a clock that stands still: exactly one burst.
    final class Race: Sendable {
        let bucket = RateBucket(perSecond: 1000, burst: 5000)
        let shared = SharedRateBucket()
        let admitted = Atomic<Int>(0)
    }

    @Test("shared by threads never admits more than its burst, and never less")
    func shared() throws {
        let race = Race()
        try Threads.run(4) { _ in
            let now = MonotonicInstant(nanoseconds: 1_000_000_000)
            for _ in 0..<5000 where race.shared.take(race.bucket, now: now) == nil {
                race.admitted.add(1, ordering: .relaxed)
            }
        }
        #expect(race.admitted.load(ordering: .relaxed) == 5000)
    }

    @Test("gives a token back as if it had not been taken, whoever takes meanwhile")
    func givesBack() throws {
        let race = Race()
        let now = MonotonicInstant(nanoseconds: 1_000_000_000)
        try Threads.run(4) { _ in
            for _ in 0..<20_000 where race.shared.take(race.bucket, now: now) == nil {
                race.shared.giveBack(race.bucket)
            }
        }
        var count = 0
        while race.shared.take(race.bucket, now: now) == nil { count += 1 }
        #expect((4998...5000).contains(count))
    }

    @Test("shared by threads whose clocks move admits the burst and what was earned")
    func sharedMoving() throws {
        let race = Race()
        let start: UInt64 = 1_000_000_000
        try Threads.run(4) { _ in
            for step in 0..<UInt64(10_000) {
                // 10 µs a step: 100 ms in all, which earn 100 tokens.
                let now = MonotonicInstant(nanoseconds: start + step * 10_000)
                if race.shared.take(race.bucket, now: now) == nil { race.admitted.add(1, ordering: .relaxed) }
            }
        }
        #expect((5000...5100).contains(race.admitted.load(ordering: .relaxed)))
    }
}
