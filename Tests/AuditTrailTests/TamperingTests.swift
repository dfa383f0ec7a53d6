// SPDX-License-Identifier: Apache-2.0
import AuditTrail
import Base
import TLS
import TestKit
import Testing

/// Every way to change a random log is found, named for what it is, and its first bad line with it.
@Suite("A log that was tampered with")
struct TamperingTests {
    static let seeds: Range<UInt64> = 0..<40

    @Test("is found to be sound when it was not", arguments: seeds)
    func sound(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let trail = RandomTrail.make(&random)
        let report = trail.verify(known: [trail.chain.head])
        #expect(report.findings == [])
        #expect(report.lineCount == trail.lines.count)
        #expect(report.head == trail.chain.head)
        #expect(report.firstSeq == 1)
        #expect(report.notes.allSatisfy { if case .unsigned = $0 { true } else { false } })
    }

    @Test("shows a changed byte", arguments: seeds)
    func altered(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var trail = RandomTrail.make(&random)
        let lines = trail.lines
        let index = Int.random(in: 0..<lines.count, using: &random)
        let place = trail.place(of: index)
        var line = lines[index]
        line[Int.random(in: 0..<line.count, using: &random)] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
        trail.replace(index, by: [line])
        let report = trail.verify()
        let first = try #require(report.findings.first, "\(place)")
        if index < lines.count - 1 {
            #expect(first.kind == .altered && first.place == place, "\(first) instead of \(place)")
            #expect(first.seq == index + 1)
        } else {
            // Nothing follows the last line that would tell it from the one before it, or from a whole new end.
            let before = trail.place(of: max(0, index - 1))
            #expect(first.place == place || first.place == before || first.kind == .rewritten, "\(first)")
        }
    }

    @Test("shows a changed byte in the last line when that is known from elsewhere", arguments: seeds)
    func lastAltered(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var trail = RandomTrail.make(&random)
        let head = trail.chain.head
        var line = try #require(trail.lines.last)
        line[Int.random(in: 0..<line.count, using: &random)] ^= 1
        trail.replace(trail.lines.count - 1, by: [line])
        #expect(!trail.verify(known: [head]).isSound)
    }

    @Test("shows a removed line", arguments: seeds)
    func removed(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var trail = RandomTrail.make(&random)
        let count = trail.lines.count
        let index = Int.random(in: 0..<count - 1, using: &random)
        let next = trail.place(of: index + 1)
        let removedFile = trail.place(of: index).file
        trail.replace(index, by: [])
        let first = try #require(trail.verify().findings.first)
        // Behind it in the same file the lines have moved up by one.
        let place = removedFile == next.file ? TrailPlace(file: next.file, line: next.line - 1) : next
        #expect(first.kind == .removed && first.place == place, "\(first) instead of \(place)")
        #expect(first.seq == index + 1)
    }

    @Test("shows a removed file", arguments: seeds)
    func fileRemoved(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var trail = RandomTrail.make(&random)
        guard trail.files.count > 1, trail.files.last?.lines.isEmpty == false else { return }
        let index = Int.random(in: 0..<trail.files.count - 1, using: &random)
        guard !trail.files[index].lines.isEmpty else { return }
        trail.files.remove(at: index)
        let first = try #require(trail.verify().findings.first)
        #expect(first.kind == .removed)
    }

    @Test("shows that its end was cut, when a later line is known", arguments: seeds)
    func cut(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var trail = RandomTrail.make(&random)
        let head = trail.chain.head
        let count = trail.lines.count
        let keep = Int.random(in: 1..<count, using: &random)
        for index in (keep..<count).reversed() { trail.replace(index, by: []) }
        #expect(trail.verify().isSound)
        let findings = trail.verify(known: [head]).findings
        let first = try #require(findings.first)
        #expect(findings.count == 1 && first.kind == .cut && first.seq == keep + 1)
        #expect(first.text.contains("at least \(count - keep) more"))
        #expect(first.place == trail.place(of: keep - 1))
    }

    @Test("shows that lines were written anew by somebody without the key", arguments: seeds)
    func rewritten(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let trail = RandomTrail.make(&random)
        let lines = trail.lines.compactMap { TrailLine($0) }
        let checkpoints = lines.indices.filter { lines[$0].isCheckpoint }
        let from = Int.random(in: 1..<lines.count, using: &random)
        let lastGood = checkpoints.last { $0 < from } ?? -1
        // The whole end again, by the rules, with a key of their own or the right key's name.
        var forged = RandomTrail(
            after: TrailHead(seq: from, hash: lines[from...].first!.previous),
            key: RandomTrail.otherKey
        )
        forged.rotate()
        forged.add(.system(.configApply, object: "forged"))
        while forged.chain.head.seq < lines.count + 5 {
            if Int.random(in: 0..<20, using: &random) == 0 { forged.checkpoint() }
            forged.add(RandomTrail.event(&random))
        }
        forged.checkpoint()
        forged.add(RandomTrail.event(&random))
        var whole = trail
        for index in (from..<lines.count).reversed() { whole.replace(index, by: []) }
        whole.files += forged.files
        let findings = whole.verify().findings
        let first = try #require(findings.first)
        #expect(findings.count == 1 && first.kind == .rewritten)
        // Nobody vouches for what is behind the last checkpoint that is good.
        #expect(first.seq == lastGood + 2)
        #expect(whole.verify(keys: []).isSound, "without a key only the chain counts")
        // A line known from elsewhere shows it, too, where no key is at hand.
        let known = TrailHead(seq: lines.count, hash: trail.chain.head.hash)
        #expect(whole.verify(keys: [], known: [known]).findings.first?.kind == .rewritten)
    }

    @Test("shows lines written anew without any checkpoint")
    func rewrittenWithoutCheckpoints() throws {
        var random = SeededGenerator(seed: 1)
        var trail = RandomTrail()
        trail.start(after: "nothing")
        var plain = TrailChain(after: trail.chain.head, unsignedCount: 0, bootID: "7d1c", key: RandomTrail.otherKey)
        for index in 0..<250 {
            if index % 100 == 0 {
                plain = TrailChain(after: plain.head, unsignedCount: 0, bootID: "7d1c", key: RandomTrail.otherKey)
            }
            let draft = plain.line(RandomTrail.event(&random), from: "test", at: trail.now)
            trail.files[0].lines.append(draft.bytes)
            plain.commit(draft)
        }
        let findings = trail.verify().findings
        #expect(findings.map(\.kind) == [.rewritten])
        #expect(findings.first?.seq == 3)
    }

    @Test("shows lines that changed places", arguments: seeds)
    func swapped(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var trail = RandomTrail.make(&random)
        let lines = trail.lines
        let index = Int.random(in: 1..<lines.count - 1, using: &random)
        trail.replace(index, by: [lines[index + 1]])
        trail.replace(index + 1, by: [lines[index]])
        let first = try #require(trail.verify().findings.first)
        #expect(first.place == trail.place(of: index), "\(first)")
    }

    @Test("shows a line that was doubled, or put in", arguments: seeds)
    func inserted(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let trail = RandomTrail.make(&random)
        let lines = trail.lines
        let index = Int.random(in: 0..<lines.count - 1, using: &random)
        var doubled = trail
        doubled.replace(index, by: [lines[index], lines[index]])
        let first = try #require(doubled.verify().findings.first)
        #expect(first.kind == .inserted, "\(first)")
        // A line that continues the chain, in front of the one that did so before.
        let before = lines[index...].first.map { TrailHead(seq: index + 1, hash: Digest.sha256($0)) } ?? .empty
        let chain = TrailChain(after: before, unsignedCount: 0, bootID: "7d1c", key: RandomTrail.key)
        let forged = chain.line(RandomTrail.event(&random), from: "test", at: trail.now).bytes
        var longer = trail
        longer.replace(index, by: [lines[index], forged])
        let found = try #require(longer.verify().findings.first)
        let place = trail.place(of: index)
        #expect(
            found.kind == .inserted && found.place == TrailPlace(file: place.file, line: place.line + 1),
            "\(found)"
        )
    }
}
