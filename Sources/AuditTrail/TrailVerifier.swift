// SPDX-License-Identifier: Apache-2.0
internal import Base
package import TLS

/// Reads a log from its first line to its last and says what is wrong with it, and where.
///
/// It holds one line at a time, whatever the size of the log. What one altered line means is known only with the next
/// one: where the next line's hash fits, the altered one was before; where it does not, it is this one. So a judgement
/// is held back for one line.
package struct TrailVerifier: Sendable {
    /// What is not settled of the line before.
    private enum Doubt: Hashable {
        case none
        /// Its `prev` is not what the line before it hashes to: one of the two was altered.
        case hash
        /// Its signature is not good.
        case signature
        /// It is not the line that was known for its number.
        case known
        /// It was found to be altered: its hash says nothing.
        case settled
    }

    private struct Passed {
        var place: TrailPlace
        var seq: Int
        var hash: [UInt8]
        /// Of the line before it, and its place.
        var hashBefore: [UInt8]
        var placeBefore: TrailPlace
        var doubt: Doubt
        var at: String
    }

    private let keys: [Ed25519.PublicKey]
    /// By their numbers, rising; those passed are taken away.
    private var known: [TrailHead]
    private var report = TrailReport()
    private var last: Passed?
    /// Behind the last good checkpoint, and the first of them: what somebody who wrote lines anew may have begun with.
    private var unsignedCount = 0
    private var unsignedSince: (place: TrailPlace, seq: Int)?
    private var isRewritingTold = false
    /// Lines up to here went, as the log itself says: behind a good checkpoint, and so far without one.
    private var retiredThrough = 0
    private var retiredUnsigned = 0
    private var place = TrailPlace(file: "", line: 0)
    private var beginning: TrailPlace?

    /// - Parameters:
    ///   - keys: the public keys the log was ever signed with; without any, no signature is checked.
    ///   - known: lines known from elsewhere: a head that was remembered, checkpoints of the copy that was forwarded.
    package init(keys: [Ed25519.PublicKey], known: [TrailHead] = []) {
        self.keys = keys
        self.known = known.filter { $0.seq > 0 }.sorted { $0.seq < $1.seq }
        if keys.isEmpty { report.notes.append(.noKey) }
    }

    /// The lines that follow are this file's; the files come in the order of their names.
    package mutating func begin(file: String) {
        place = TrailPlace(file: file, line: 0)
        report.fileCount += 1
    }

    /// The next line, its newline apart.
    package mutating func add(_ bytes: [UInt8]) {
        place = TrailPlace(file: place.file, line: place.line + 1)
        report.lineCount += 1
        let hash = Digest.sha256(bytes)
        guard let line = TrailLine(bytes) else { return passUnreadable(hash) }
        judge(line, bytes, hash)
    }

    /// The file has ended.
    ///
    /// - Parameters:
    ///   - unfinished: bytes behind its last newline.
    ///   - isLast: no other file follows.
    package mutating func end(unfinished: Int, isLast: Bool) {
        guard unfinished > 0 else { return }
        let place = TrailPlace(file: place.file, line: place.line + 1)
        if isLast {
            note(.unfinishedLine(place))
        } else {
            find(.altered, place, (last?.seq ?? 0) + 1, "the file ends in the middle of a line")
        }
    }

    /// Everything was added.
    package consuming func finish() -> TrailReport {
        settleEnd()
        report.unsignedCount = unsignedCount
        if unsignedCount > 0 { note(.unsigned(lines: unsignedCount)) }
        if let first = report.firstSeq, first > 1 {
            if max(retiredThrough, keys.isEmpty ? retiredUnsigned : 0) >= first - 1 {
                note(.retired(throughSeq: first - 1))
            } else {
                let place = beginning ?? place
                find(
                    .removed,
                    place,
                    1,
                    "the log begins with line \(first), and nothing signed in it says that older ones went"
                )
            }
        }
        let lastSeq = last?.seq ?? 0
        if let beyond = known.last, beyond.seq > lastSeq {
            let missing = beyond.seq - lastSeq
            find(.cut, last?.place ?? place, lastSeq + 1, "the log went on for at least \(missing) more lines")
        }
        report.findings.sort { ($0.place.file, $0.place.line) < ($1.place.file, $1.place.line) }
        return report
    }

    private mutating func passUnreadable(_ hash: [UInt8]) {
        let seq = (last?.seq ?? 0) + 1
        settle(isFitting: false)
        beginning = beginning ?? place
        find(.altered, place, seq, "not a line that the log writes")
        pass(seq: seq, hash: hash, doubt: .settled, at: last?.at ?? "")
    }

    private mutating func judge(_ line: TrailLine, _ bytes: [UInt8], _ hash: [UInt8]) {
        report.firstSeq = report.firstSeq ?? line.seq
        report.firstAt = report.firstAt ?? line.at
        guard var before = last else {
            beginning = place
            var doubt = Doubt.none
            if line.seq == 1, line.previous != TrailHead.empty.hash {
                find(.altered, place, 1, "the first line does not begin a chain")
                doubt = .settled
            }
            return accept(line, bytes, hash, doubt: doubt)
        }
        let isFitting = line.previous == before.hash
        if !isFitting, line.seq == before.seq, line.previous == before.hashBefore, before.doubt == .none {
            // This line was written behind the one before the last: the last one does not belong there.
            find(
                .inserted,
                before.place,
                before.seq,
                "a line that was not written here: the one after it is line \(line.seq)"
            )
            last?.doubt = .settled
            return accept(line, bytes, hash, doubt: .none)
        }
        if before.place == beginning, !isFitting, before.doubt == .settled || line.seq <= before.seq {
            adoptBeginning(before: line)
            before = last ?? before
        }
        let isExplained = settle(isFitting: isFitting)
        let expected = before.seq + 1
        switch line.seq {
        case expected: accept(line, bytes, hash, doubt: isFitting || isExplained ? .none : .hash)
        case _ where isFitting:
            find(.altered, place, expected, "it says it is line \(line.seq) and stands where line \(expected) was")
            pass(seq: expected, hash: hash, doubt: .settled, at: line.at)
        case ...before.seq:
            find(.inserted, place, expected, "line \(line.seq) stands behind line \(before.seq)")
        default:
            missing(expected, line)
            accept(line, bytes, hash, doubt: .none)
        }
    }

    /// The first line was altered, its number perhaps, too: the second one knows it.
    private mutating func adoptBeginning(before line: TrailLine) {
        guard let first = last else { return }
        if first.doubt != .settled {
            find(.altered, first.place, line.seq - 1, "it is not what the line after it says")
        }
        last?.seq = line.seq - 1
        last?.doubt = .settled
        report.firstSeq = line.seq - 1
    }

    /// Lines are missing before this one.
    private mutating func missing(_ first: Int, _ line: TrailLine) {
        let end = line.seq - 1
        let lines = first == end ? "line \(first) is" : "lines \(first) to \(end) are"
        if line.event.kind == .logStart, line.event.detail("lost") == "\(first)-\(end)" {
            find(.gap, place, first, "\(lines) missing: they were gone when the log was started again")
        } else {
            find(.removed, place, first, "\(lines) missing before it")
        }
    }

    private mutating func accept(_ line: TrailLine, _ bytes: [UInt8], _ hash: [UInt8], doubt: Doubt) {
        var doubt = doubt
        if line.isCheckpoint {
            report.checkpointCount += 1
            doubt = checkpoint(line, bytes, hash, doubt)
        } else {
            countUnsigned(line.seq)
            if unsignedCount > TrailChain.eventsBetweenCheckpoints, !keys.isEmpty {
                findRewritten(
                    "there are more than \(TrailChain.eventsBetweenCheckpoints) lines without a checkpoint",
                    from: (place, line.seq)
                )
            }
        }
        remark(line)
        while let head = known.first, head.seq <= line.seq {
            known.removeFirst()
            if head.seq == line.seq, head.hash != hash, doubt == .none { doubt = .known }
        }
        pass(seq: line.seq, hash: hash, doubt: doubt, at: line.at)
    }
}

extension TrailVerifier {
    /// A checkpoint's signature, and what it settles.
    private mutating func checkpoint(_ line: TrailLine, _ bytes: [UInt8], _ hash: [UInt8], _ doubt: Doubt) -> Doubt {
        guard !keys.isEmpty else {
            forgetUnsigned()
            return doubt
        }
        let isGood = TrailLine.signedBytes(of: bytes).map { message in
            keys.contains { key in
                key.trailID == line.keyID && line.signature.map { key.isValid(signature: $0, for: message) } == true
            }
        }
        if isGood == true {
            if doubt == .hash, let before = last {
                find(.altered, before.place, before.seq, "its bytes are not those the next checkpoint was signed for")
            }
            report.lastCheckpoint = TrailHead(seq: line.seq, hash: hash)
            retiredThrough = max(retiredThrough, retiredUnsigned)
            forgetUnsigned()
            isRewritingTold = false
            return doubt == .hash ? .none : doubt
        }
        countUnsigned(line.seq)
        guard doubt == .none else {
            if doubt == .hash { find(.altered, place, line.seq, "neither its hash nor its signature fits") }
            return .settled
        }
        return .signature
    }

    private mutating func countUnsigned(_ seq: Int) {
        unsignedCount += 1
        unsignedSince = unsignedSince ?? (place, seq)
    }

    private mutating func forgetUnsigned() {
        unsignedCount = 0
        unsignedSince = nil
    }

    /// What the log says of itself.
    private mutating func remark(_ line: TrailLine) {
        switch line.event.kind {
        case .logStart:
            if line.event.detail("after") == "crash" { note(.uncleanStart(place)) }
            if let bytes = line.event.detail("torn_bytes") { note(.tornLine(place, bytes: bytes)) }
            for name in ["trouble", "head"] {
                if let found = line.event.detail(name) { note(.foundAtStart(place, "\(name) \(found)")) }
            }
        case .logRetire:
            if let through = line.event.detail("last").flatMap({ Int($0) }) {
                // Anybody who may write the file can say so behind the last checkpoint.
                retiredUnsigned = max(retiredUnsigned, through)
            }
        case .logRefused: note(.refused(place, events: line.event.detail("events") ?? "some"))
        default: break
        }
        if let last, line.at < last.at { note(.clockWentBack(place)) }
    }

    private mutating func pass(seq: Int, hash: [UInt8], doubt: Doubt, at: String) {
        last = Passed(
            place: place,
            seq: seq,
            hash: hash,
            hashBefore: last?.hash ?? TrailHead.empty.hash,
            placeBefore: last?.place ?? place,
            doubt: doubt,
            at: at
        )
        report.head = TrailHead(seq: seq, hash: hash)
        report.lastAt = at
    }

    /// Judges the line before by the one that follows it.
    ///
    /// - Parameter isFitting: the line that follows was written behind exactly these bytes.
    /// - Returns: whether what was found of it explains that the hash of the line that follows does not fit.
    @discardableResult
    private mutating func settle(isFitting: Bool) -> Bool {
        guard let before = last else { return false }
        switch before.doubt {
        case .none: return false
        case .settled: return true
        case .hash:
            if isFitting {
                find(.altered, before.placeBefore, before.seq - 1, "the line after it was written behind other bytes")
            } else {
                find(.altered, before.place, before.seq, "it fits neither the line before it nor the one after it")
            }
        case .signature, .known:
            if isFitting {
                findRewritten(before)
            } else {
                find(.altered, before.place, before.seq, "the line after it was written behind other bytes")
            }
        }
        last?.doubt = isFitting ? .none : .settled
        return !isFitting
    }

    /// The same where nothing follows.
    private mutating func settleEnd() {
        guard let before = last else { return }
        switch before.doubt {
        case .none, .settled: break
        case .hash:
            let text = "the line after it, the last one, was written behind other bytes"
            find(.altered, before.placeBefore, before.seq - 1, text)
        case .signature: findRewritten(before)
        case .known: find(.altered, before.place, before.seq, "it is not the line that is known for its number")
        }
    }

    private mutating func findRewritten(_ before: Passed) {
        let line = "line \(before.seq)"
        findRewritten(
            before.doubt == .signature
                ? "the checkpoint in \(line) is not signed with a key of this log"
                : "\(line) is not the one that is known for its number",
            from: (before.place, before.seq)
        )
    }

    /// - Parameter why: what shows it.
    private mutating func findRewritten(_ why: String, from line: (place: TrailPlace, seq: Int)) {
        guard !isRewritingTold else { return }
        isRewritingTold = true
        let since = unsignedSince ?? line
        find(.rewritten, since.place, since.seq, "from here on the hashes fit, but \(why)")
    }

    private mutating func find(_ kind: TrailFinding.Kind, _ place: TrailPlace, _ seq: Int, _ text: String) {
        // A checkpoint may be among the lines it is about: what follows is no longer counted from the last one.
        if kind != .rewritten { forgetUnsigned() }
        guard report.findings.count < TrailReport.findingsMax else { return }
        report.findings.append(TrailFinding(kind: kind, place: place, seq: seq, text: text))
    }

    private mutating func note(_ note: TrailReport.Note) {
        guard report.notes.count < TrailReport.notesMax else { return }
        report.notes.append(note)
    }
}
