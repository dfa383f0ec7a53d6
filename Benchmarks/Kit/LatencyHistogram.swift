// SPDX-License-Identifier: Apache-2.0

/// Counts of latencies in 36 kB whatever is recorded: 128 buckets to each power of two, so that what is read back is
/// within 0.4 % of what went in.
package struct LatencyHistogram: Sendable {
    private static let bucketBits = 7
    private static let bucketsPerPower = 1 << bucketBits
    /// 36 minutes; what is longer counts as this.
    private static let nanosecondsMax: UInt64 = 1 << 41 - 1

    private var counts: [UInt64]
    package private(set) var count: UInt64 = 0
    /// Exact.
    package private(set) var max: UInt64 = 0

    package init() { counts = Array(repeating: 0, count: Self.index(of: Self.nanosecondsMax) + 1) }

    package mutating func record(nanoseconds: UInt64) {
        counts[Self.index(of: min(nanoseconds, Self.nanosecondsMax))] += 1
        count += 1
        if nanoseconds > max { max = nanoseconds }
    }

    /// What `share` of the latencies do not exceed; 0 when nothing was recorded.
    ///
    /// - Parameter share: 0.99 is the 99th percentile.
    package func nanoseconds(atShare share: Double) -> UInt64 {
        guard count > 0 else { return 0 }
        let rank = Swift.max(1, UInt64((share * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for index in counts.indices {
            seen += counts[index]
            if seen >= rank { return min(Self.middle(of: index), max) }
        }
        return max
    }

    private static func index(of nanoseconds: UInt64) -> Int {
        guard nanoseconds >= bucketsPerPower else { return Int(nanoseconds) }
        let shift = 63 - nanoseconds.leadingZeroBitCount - bucketBits
        return shift * bucketsPerPower + Int(nanoseconds >> UInt64(shift))
    }

    private static func middle(of index: Int) -> UInt64 {
        guard index >= 2 * bucketsPerPower else { return UInt64(index) }
        let shift = UInt64(index / bucketsPerPower - 1)
        let low = UInt64(index % bucketsPerPower + bucketsPerPower) << shift
        return low + (1 << shift) / 2
    }
}
