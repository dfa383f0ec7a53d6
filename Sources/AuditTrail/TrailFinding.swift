// SPDX-License-Identifier: Apache-2.0

/// A place in the files of a log.
package struct TrailPlace: Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// From 1.
    package let line: Int

    package init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    package var description: String { "\(file):\(line)" }
}

/// Something in a log that its writer did not write so.
package struct TrailFinding: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A line has other bytes than when it was written.
        case altered
        /// Lines are missing between two that are there, or before the first one.
        case removed
        /// A line does not belong where it is.
        case inserted
        /// Lines are missing behind the last one.
        case cut
        /// The hashes fit and the signatures do not: somebody without the key wrote the lines anew.
        case rewritten
        /// Lines got lost while nobody wrote: the next start of the log knew that there had been more.
        case gap
    }

    package let kind: Kind
    /// The first bad line; for lines that are missing, the one behind them or, for ``Kind/cut``, the last one there is.
    package let place: TrailPlace
    /// Of that line as it should be numbered; of the first missing line, where lines are missing.
    package let seq: Int
    /// In plain words, without the place.
    package let text: String
}
