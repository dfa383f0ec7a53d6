// SPDX-License-Identifier: Apache-2.0

/// Guesses what somebody meant to write.
package enum Spelling {
    /// The candidate with the fewest edits, if they are few enough for a slip: a third of the length, at least 1.
    ///
    /// `-` and `_` and letter case count as equal. The first of equally near candidates wins.
    package static func nearest(to word: String, among candidates: [String]) -> String? {
        let word = folded(word)
        guard word.count <= 64 else { return nil }
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let distance = distance(word, folded(candidate))
            let isSlip = distance <= max(1, max(word.count, candidate.utf8.count) / 3)
            if isSlip, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate
    }

    private static func folded(_ word: String) -> [UInt8] {
        word.lowercased().utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            for column in 0..<right.count {
                let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
                var cost = min(last[column + 1] + 1, current[column] + 1, replaced)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
