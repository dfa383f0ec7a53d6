// SPDX-License-Identifier: Apache-2.0

/// What became of checking a whole log.
package struct TrailReport: Hashable, Sendable {
    /// Worth knowing, and not somebody else's hand.
    package enum Note: Hashable, Sendable {
        /// Behind the last checkpoint: nothing but the chain vouches for them yet.
        case unsigned(lines: Int)
        /// Signatures were not checked, as no public key was given.
        case noKey
        /// The last line has no end: it is being written, or the writer died in the middle of it.
        case unfinishedLine(TrailPlace)
        /// A start without a stop before it: the writer was killed, or the host lost its power.
        case uncleanStart(TrailPlace)
        /// Half a line that a crash left behind was set aside.
        case tornLine(TrailPlace, bytes: String)
        /// What a start found that should not be, in its own words.
        case foundAtStart(TrailPlace, String)
        /// Older lines are gone because they are no longer kept; so the log says itself.
        case retired(throughSeq: Int)
        /// The writer could not write for a time, and says how many events it refused.
        case refused(TrailPlace, events: String)
        /// The clock went back.
        case clockWentBack(TrailPlace)
    }

    /// More are not collected.
    package static let findingsMax = 100
    static let notesMax = 100

    package internal(set) var fileCount = 0
    package internal(set) var lineCount = 0
    package internal(set) var checkpointCount = 0
    /// Lines behind the last good checkpoint.
    package internal(set) var unsignedCount = 0
    /// Nothing for an empty log.
    package internal(set) var firstSeq: Int?
    package internal(set) var firstAt: String?
    package internal(set) var lastAt: String?
    /// The last line that is there.
    package internal(set) var head = TrailHead.empty
    /// The last checkpoint whose signature is good.
    package internal(set) var lastCheckpoint: TrailHead?
    /// In the order of the log; the first one names the first bad line.
    package internal(set) var findings: [TrailFinding] = []
    package internal(set) var notes: [Note] = []

    package var isSound: Bool { findings.isEmpty }
}
