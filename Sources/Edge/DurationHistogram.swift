// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Durations, counted by how long they were: any thread counts, any thread reads, nobody waits.
///
/// The bounds are those of one request: from what a fast backend needs to where everybody has given up.
final class DurationHistogram: Sendable {
    /// How many there were of each length, the last of more than ``boundsSeconds`` says; and all of them together.
    struct Reading: Hashable, Sendable {
        var counts: [Int]
        var seconds: Double
    }

    static let boundsSeconds: [Double] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    private let counts: InlineArray<14, Atomic<Int>> = InlineArray { _ in Atomic(0) }
    private let microseconds = Atomic<Int>(0)

    func count(microseconds duration: Int) {
        counts[Self.bucket(of: duration)].wrappingAdd(1, ordering: .relaxed)
        microseconds.wrappingAdd(duration, ordering: .relaxed)
    }

    /// A duration equal to a bound is within it.
    static func bucket(of microseconds: Int) -> Int {
        switch microseconds {
        case ...1000: 0
        case ...5000: 1
        case ...10_000: 2
        case ...25_000: 3
        case ...50_000: 4
        case ...100_000: 5
        case ...250_000: 6
        case ...500_000: 7
        case ...1_000_000: 8
        case ...2_500_000: 9
        case ...5_000_000: 10
        case ...10_000_000: 11
        case ...30_000_000: 12
        default: 13
        }
    }

    /// Not of one instant: what is counted meanwhile may be in one part and not yet in the other.
    var reading: Reading {
        Reading(
            counts: (0..<14).map { counts[$0].load(ordering: .relaxed) },
            seconds: Double(microseconds.load(ordering: .relaxed)) / 1_000_000
        )
    }
}
