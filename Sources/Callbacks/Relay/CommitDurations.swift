// SPDX-License-Identifier: Apache-2.0
internal import Base

/// How long transactions took, from their first statement until they were on the disk (fsync(2) included).
package struct CommitDurations: Hashable, Sendable {
    package static let boundsSeconds: [Double] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]

    /// How many there were up to each bound, not added up; the last are longer than every bound.
    package private(set) var counts = [Int](repeating: 0, count: boundsSeconds.count + 1)
    /// All of them together.
    package private(set) var seconds = 0.0

    mutating func count(_ duration: Duration) {
        let length = Double(duration.nanosecondsClamped) / 1_000_000_000
        counts[Self.boundsSeconds.firstIndex { length <= $0 } ?? Self.boundsSeconds.count] += 1
        seconds += length
    }
}
