// SPDX-License-Identifier: Apache-2.0
import AuditTrail
import Base
import TLS
import TestKit
import Testing

/// Every line of one small log, and everything that can be done to it.
@Suite("Each line of a small log")
struct EveryTamperingTests {
    /// Fourteen lines in three files, of each kind of place: a first and a last line, checkpoints at the ends of files and
    /// inside one, and one line behind the last checkpoint.
    static let trail: RandomTrail = {
        var trail = RandomTrail()
        var random = SeededGenerator(seed: 11)
        trail.start(after: "nothing")
        for _ in 0..<3 { trail.add(RandomTrail.event(&random)) }
        trail.checkpoint()
        trail.rotate()
        trail.add(RandomTrail.event(&random))
        trail.checkpoint()
        trail.add(RandomTrail.event(&random))
        trail.checkpoint()
        trail.rotate()
        for _ in 0..<2 { trail.add(RandomTrail.event(&random)) }
        trail.checkpoint()
        trail.add(RandomTrail.event(&random))
        return trail
    }()
    static let lines = trail.lines
    static let indices = lines.indices
    static let head = trail.chain.head
    /// Of what a line can be altered in.
    static let fields = [
        "seq", "ts", "boot_id", "prev", "source", "kind", "outcome", "who", "how", "origin", "object", "details", "key",
        "events", "signature",
    ]

    private func first(_ trail: RandomTrail, known: Bool = true) -> TrailFinding? {
        trail.verify(known: known ? [Self.head] : []).findings.first
    }

    /// The place that is named for a line that was altered: the last one may be told only by what is known of it.
    private func expectAltered(_ trail: RandomTrail, _ index: Int, _ what: String) {
        let place = Self.trail.place(of: index)
        guard let finding = first(trail) else {
            Issue.record("\(what) in line \(index + 1) is not found")
            return
        }
        if index < Self.lines.count - 1 {
            #expect(finding.kind == .altered && finding.place == place, "\(what) in line \(index + 1): \(finding)")
        } else {
            let before = Self.trail.place(of: index - 1)
            #expect(finding.place == place || finding.place == before, "\(what) in line \(index + 1): \(finding)")
        }
    }

    @Test("is sound as it is")
    func sound() {
        #expect(Self.lines.count == 14 && first(Self.trail) == nil)
        #expect(Self.trail.verify().notes == [.unsigned(lines: 1)])
    }

    @Test("is named when one byte of any of its fields is another", arguments: indices)
    func fields(_ index: Int) {
        var count = 0
        for field in Self.fields {
            let line = Self.lines[index]
            let name = Array("\"\(field)\":".utf8)
            guard let at = line.indices.first(where: { line[$0...].starts(with: name) }) else { continue }
            count += 1
            for place in [at + 1, at + name.count, at + name.count + 1] where place < line.count {
                for mask: UInt8 in [0x01, 0x80] {
                    var changed = line
                    changed[place] ^= mask
                    var trail = Self.trail
                    trail.replace(index, by: [changed])
                    expectAltered(trail, index, "\(field), byte \(place)")
                }
            }
        }
        #expect(count >= 12)
    }

    @Test("is named when it is no line at all", arguments: indices)
    func noLine(_ index: Int) {
        let line = Self.lines[index]
        let kinds: [(String, [UInt8])] = [
            ("a carriage return", line + [0x0d]),
            ("no UTF-8", line.dropLast() + [0xff, 0xfe] + line.suffix(1)),
            ("nothing", []),
            ("a line that is too long", [UInt8](repeating: UInt8(ascii: "x"), count: TrailLine.bytesMax + 1)),
            ("zeros", [UInt8](repeating: 0, count: line.count)),
            ("half of it", Array(line.prefix(line.count / 2))),
            ("twice of it", line + line),
        ]
        for (what, bytes) in kinds {
            var trail = Self.trail
            trail.replace(index, by: [bytes])
            expectAltered(trail, index, what)
        }
    }

    @Test("is missed when it is removed, and so are all behind it", arguments: indices)
    func removed(_ index: Int) throws {
        var trail = Self.trail
        trail.replace(index, by: [])
        let finding = try #require(first(trail))
        guard index < Self.lines.count - 1 else {
            #expect(finding.kind == .cut && finding.seq == index + 1)
            return
        }
        let (was, next) = (Self.trail.place(of: index), Self.trail.place(of: index + 1))
        let place = was.file == next.file ? was : next
        #expect(finding.kind == .removed && finding.place == place && finding.seq == index + 1, "\(finding)")

        var cut = Self.trail
        for each in (index + 1..<Self.lines.count).reversed() { cut.replace(each, by: []) }
        let end = try #require(first(cut))
        #expect(end.kind == .cut && end.seq == index + 2, "\(end)")
        #expect(first(cut, known: false) == nil, "nothing in the log itself can show it")
    }

    @Test("is named when it changes places with the next", arguments: indices.dropLast())
    func swapped(_ index: Int) throws {
        var trail = Self.trail
        trail.replace(index, by: [Self.lines[index + 1]])
        trail.replace(index + 1, by: [Self.lines[index]])
        #expect(try #require(first(trail)).place == Self.trail.place(of: index))
    }

    @Test("is named when it stands anywhere a second time", arguments: indices)
    func copied(_ index: Int) throws {
        for source in Self.indices {
            var trail = Self.trail
            trail.replace(index, by: [Self.lines[index], Self.lines[source]])
            let finding = try #require(first(trail), "line \(source + 1) behind line \(index + 1)")
            let place = Self.trail.place(of: index)
            let behind = TrailPlace(file: place.file, line: place.line + 1)
            // Of two that are the same one is as good as the other.
            let isNext = source == index + 1 && finding.place.file == Self.trail.place(of: source).file
            let isSame = source == index && finding.place == place
            #expect(finding.place == behind || isNext || isSame, "\(source + 1): \(finding)")
        }
    }

    @Test("is named when somebody without the key wrote another one behind the right hash", arguments: indices)
    func forged(_ index: Int) throws {
        let previous = index == 0 ? TrailHead.empty : TrailHead(seq: index, hash: Digest.sha256(Self.lines[index - 1]))
        let chain = TrailChain(after: previous, unsignedCount: 0, bootID: "7d1c", key: RandomTrail.otherKey)
        let event = AuditEvent.system(.configApply, object: "forged")
        for draft in [
            chain.line(event, from: "test", at: Self.trail.now), chain.checkpoint(from: "test", at: Self.trail.now),
        ] {
            var trail = Self.trail
            trail.replace(index, by: [draft.bytes])
            expectAltered(trail, index, "a forged line")
        }
    }

    /// Every link behind a changed line made to fit again.
    private func rechained(_ index: Int, key: Ed25519.PrivateKey?) -> RandomTrail {
        var trail = Self.trail
        var chain: TrailChain?
        for place in index..<Self.lines.count {
            guard let line = TrailLine(Self.lines[place]) else { continue }
            let before =
                place == 0 ? TrailHead.empty : TrailHead(seq: place, hash: Digest.sha256(trail.lines[place - 1]))
            let link =
                chain ?? TrailChain(after: before, unsignedCount: 0, bootID: "7d1c", key: key ?? RandomTrail.otherKey)
            let event = place == index ? AuditEvent.system(.configApply, object: "forged") : line.event
            // With the key there is.
            let isSigned = line.isCheckpoint && place != index
            var draft = isSigned ? link.checkpoint(from: "test", at: trail.now) : nil
            if !isSigned { draft = link.line(event, from: "test", at: trail.now) }
            guard let draft else { continue }
            trail.replace(place, by: [draft.bytes])
            var next = link
            next.commit(draft)
            chain = next
        }
        return trail
    }

    @Test("and all behind it are named when they are written anew without the key", arguments: indices)
    func rewritten(_ index: Int) throws {
        let finding = try #require(first(rechained(index, key: nil)))
        // Behind the last checkpoint only what is known elsewhere shows it, and only of that line.
        let isSigned = Self.lines[(index + 1)...].contains { TrailLine($0)?.isCheckpoint == true }
        #expect(finding.seq <= (isSigned ? index + 1 : Self.lines.count), "\(finding)")
        // Nothing before the last good checkpoint is called in doubt.
        let good = Self.lines[..<index].lastIndex { TrailLine($0)?.isCheckpoint == true } ?? -1
        #expect(finding.seq > good + 1, "\(finding)")
    }

    @Test("and all behind it written anew with the key are named by what is known elsewhere", arguments: indices)
    func rewrittenWithKey(_ index: Int) throws {
        let trail = rechained(index, key: RandomTrail.key)
        #expect(first(trail, known: false) == nil, "the key's owner can write what he likes")
        let finding = try #require(first(trail))
        #expect([.rewritten, .altered].contains(finding.kind), "\(finding)")
    }

    @Test("is missed with its file, whichever that is", arguments: 0..<3)
    func files(_ index: Int) throws {
        var trail = Self.trail
        let names = trail.files.map(\.name)
        trail.files.remove(at: index)
        let finding = try #require(first(trail))
        if index == 2 {
            #expect(finding.kind == .cut && finding.place.file == names[1])
        } else {
            #expect(finding.kind == .removed && finding.place == TrailPlace(file: names[index + 1], line: 1))
        }
        // In its place another host's, with its own key; or empty; or with the line ends of another system.
        var other = RandomTrail(key: RandomTrail.otherKey)
        other.start(after: "nothing")
        for _ in 0..<4 { other.add(.system(.configApply, object: "elsewhere")) }
        trail = Self.trail
        trail.files[index].lines = other.lines
        #expect(try #require(trail.verify().findings.first).place == TrailPlace(file: names[index], line: 1))
        trail.files[index].lines = []
        #expect(first(trail) != nil)
        trail = Self.trail
        trail.files[index].lines = trail.files[index].lines.map { $0 + [0x0d] }
        #expect(try #require(first(trail)).place == TrailPlace(file: names[index], line: 1))
        // Half a line at its end, with another file behind it.
        var verifier = TrailVerifier(keys: [RandomTrail.key.publicKey], known: [Self.head])
        for (number, file) in Self.trail.files.enumerated() {
            verifier.begin(file: file.name)
            for line in file.lines { verifier.add(line) }
            verifier.end(unfinished: number == index ? 7 : 0, isLast: number == 2)
        }
        let report = verifier.finish()
        #expect(report.isSound == (index == 2), "\(report.findings)")
    }

    @Test("is missed where the log says that it is no longer kept, but does not sign it")
    func retired() throws {
        var trail = Self.trail
        let first = try #require(trail.files.first)
        trail.files.removeFirst()
        trail.add(
            .system(.logRetire, object: first.name, details: [.init("first", 1), .init("last", first.lines.count)])
        )
        let finding = try #require(trail.verify().findings.first)
        #expect(finding.kind == .removed && finding.seq == 1)
        // With a key of his own he does no better, and the log's own key says that it is true.
        var forged = trail
        let chain = TrailChain(after: trail.chain.head, unsignedCount: 2, bootID: "7d1c", key: RandomTrail.otherKey)
        forged.files[1].lines.append(chain.checkpoint(from: "test", at: trail.now).bytes)
        #expect(forged.verify().findings.map(\.kind).contains(.removed))
        trail.checkpoint()
        #expect(trail.verify().isSound)
    }
}
