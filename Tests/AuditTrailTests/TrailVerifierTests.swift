// SPDX-License-Identifier: Apache-2.0
import AuditTrail
import Base
import TLS
import TestKit
import Testing

@Suite("Checking a log")
struct TrailVerifierTests {
    @Test("calls lines that got lost while nobody wrote a gap")
    func gap() throws {
        var trail = RandomTrail()
        trail.start(after: "nothing")
        for _ in 0..<10 { trail.add(.system(.configApply, object: "a")) }
        // Lines 13 to 15 are lost; the head beside the log knows of them.
        let kept = trail
        for _ in 0..<3 { trail.add(.system(.configApply, object: "b")) }
        var after = RandomTrail(after: trail.chain.head)
        after.start(after: "crash", details: [.init("lost", "13-15")])
        var whole = kept
        whole.files += after.files
        let report = whole.verify()
        #expect(report.findings.map(\.kind) == [.gap])
        #expect(report.findings.first?.seq == 13)
        #expect(report.findings.first?.place == TrailPlace(file: "audit-000000000016.jsonl", line: 1))
        #expect(report.notes.contains(.uncleanStart(TrailPlace(file: "audit-000000000016.jsonl", line: 1))))
    }

    @Test("calls lines removed before a start that knew them removed")
    func removedBeforeStart() throws {
        var trail = RandomTrail()
        trail.start(after: "nothing")
        for _ in 0..<10 { trail.add(.system(.configApply, object: "a")) }
        trail.start(after: "crash")
        trail.replace(11, by: [])
        #expect(trail.verify().findings.map(\.kind) == [.removed])
    }

    @Test("takes old lines to be gone for good where the log says so, and only then")
    func retired() {
        var trail = RandomTrail()
        trail.start(after: "nothing")
        for _ in 0..<10 { trail.add(.system(.configApply, object: "a")) }
        trail.rotate()
        let silent = trail
        trail.add(.system(.logRetire, object: trail.files[0].name, details: [.init("first", 1), .init("last", 12)]))
        trail.checkpoint()
        trail.add(.system(.configApply, object: "b"))
        trail.files.removeFirst()
        let report = trail.verify()
        #expect(report.isSound && report.notes.contains(.retired(throughSeq: 12)) && report.firstSeq == 13)
        var other = silent
        other.add(.system(.configApply, object: "b"))
        other.files.removeFirst()
        #expect(other.verify().findings.map(\.kind) == [.removed])
        #expect(other.verify().findings.first?.place.line == 1)
    }

    @Test("takes several keys, and says when there is none")
    func keys() {
        var trail = RandomTrail()
        trail.start(after: "nothing")
        let head = trail.chain.head
        var later = RandomTrail(after: head, key: RandomTrail.otherKey)
        later.start(after: "stop")
        trail.files += later.files
        let keys = [RandomTrail.key.publicKey, RandomTrail.otherKey.publicKey]
        #expect(trail.verify(keys: keys).isSound)
        #expect(trail.verify().findings.map(\.kind) == [.rewritten])
        #expect(trail.verify(keys: []).notes.contains(.noKey))
    }

    @Test("says what is behind the last checkpoint")
    func unsigned() {
        var trail = RandomTrail()
        trail.start(after: "nothing")
        #expect(trail.verify().notes == [])
        #expect(trail.verify().lastCheckpoint == trail.chain.head)
        for _ in 0..<3 { trail.add(.system(.configApply, object: "a")) }
        #expect(trail.verify().notes == [.unsigned(lines: 3)])
    }

    @Test("tells half a line at the end of the log from one inside it")
    func unfinished() {
        var trail = RandomTrail()
        trail.start(after: "nothing")
        let lines = trail.lines
        var verifier = TrailVerifier(keys: [])
        verifier.begin(file: "a")
        for line in lines { verifier.add(line) }
        var inside = verifier
        verifier.end(unfinished: 10, isLast: true)
        let report = verifier.finish()
        #expect(report.isSound && report.notes.contains(.unfinishedLine(TrailPlace(file: "a", line: 3))))
        inside.end(unfinished: 10, isLast: false)
        #expect(inside.finish().findings.map(\.kind) == [.altered])
    }

    @Test("finds nothing in nothing, but a line that was known")
    func empty() {
        #expect(TrailVerifier(keys: []).finish().isSound)
        let head = TrailHead(seq: 3, hash: [UInt8](repeating: 1, count: 32))
        #expect(TrailVerifier(keys: [], known: [head]).finish().findings.map(\.kind) == [.cut])
    }

    @Test("tells a clock that went back and events that were refused")
    func notes() {
        var trail = RandomTrail()
        trail.start(after: "nothing")
        trail.add(.system(.logRefused, .failure, object: "audit log", details: [.init("events", 4)]))
        trail.now = trail.now + .seconds(-60)
        trail.add(.system(.configApply, object: "a"))
        let report = trail.verify()
        let file = trail.files[0].name
        #expect(report.isSound)
        #expect(report.notes.contains(.refused(TrailPlace(file: file, line: 3), events: "4")))
        #expect(report.notes.contains(.clockWentBack(TrailPlace(file: file, line: 4))))
    }
}

@Suite("A line of the audit log")
struct TrailLineTests {
    @Test("has every field of PCI DSS 10.2.2, and its place in the chain")
    func golden() throws {
        let bytes = RandomTrail(after: .empty).chain
            .line(
                AuditEventTests.event,
                from: "jumpd gate (uid 990, pid 77)",
                at: WallInstant(seconds: 1_795_305_600, nanoseconds: 42)
            )
            .bytes
        let zeros = String(repeating: "0", count: 64)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"seq":1,"ts":"2026-11-22T00:00:00.000000042Z","boot_id":"7d1c","prev":"\#(zeros)","#
                + #""source":"jumpd gate (uid 990, pid 77)","kind":"session.begin","outcome":"success","who":"anna","#
                + #""how":"certificate 4A:01 sha256:beef","origin":"192.0.2.7:51234","object":"eig-01:22","#
                + #""details":{"grant":"g-17","bytes_in":"0"}}"#
        )
        let line = try #require(TrailLine(bytes))
        #expect(line.event == AuditEventTests.event && line.seq == 1 && line.signature == nil)
    }

    @Test("is no longer than its bound, whatever is in it")
    func bound() throws {
        let long = String(repeating: "\u{1}", count: 10_000)
        let event = AuditEvent(
            .configApply,
            who: long,
            how: long,
            origin: long,
            object: long,
            details: (0..<40).map { .init("d\($0)", long) }
        )
        let chain = TrailChain(after: .empty, unsignedCount: 0, bootID: long, key: RandomTrail.key)
        let bytes = chain.line(event, from: long, at: WallInstant(seconds: 0)).bytes
        #expect(bytes.count <= TrailLine.bytesMax)
        #expect(TrailLine(bytes)?.event == event)
    }

    @Test("is signed on a checkpoint, which names its key")
    func checkpoint() throws {
        let chain = TrailChain(after: .empty, unsignedCount: 5, bootID: "b", key: RandomTrail.key)
        let line = try #require(TrailLine(chain.checkpoint(from: "s", at: WallInstant(seconds: 0)).bytes))
        #expect(line.isCheckpoint && line.signature?.count == 64)
        #expect(line.keyID == RandomTrail.key.publicKey.trailID)
        #expect(line.event.detail("events") == "5")
    }

    @Test("of which there are a hundred at most between two checkpoints")
    func due() {
        var chain = TrailChain(after: .empty, unsignedCount: 0, bootID: "b", key: RandomTrail.key)
        for _ in 0..<100 {
            #expect(!chain.isCheckpointDue)
            chain.commit(chain.line(AuditEventTests.event, from: "s", at: WallInstant(seconds: 0)))
        }
        #expect(chain.isCheckpointDue)
        chain.commit(chain.checkpoint(from: "s", at: WallInstant(seconds: 0)))
        #expect(!chain.isCheckpointDue)
    }
}

@Suite("The head of a log")
struct TrailHeadTests {
    @Test("is read back from its text, and from nothing else")
    func text() throws {
        let head = TrailHead(seq: 4711, hash: [UInt8](0..<32))
        #expect(TrailHead(head.description) == head)
        for bad in [
            "", "1:sha256:", "01:sha256:\(Hex.encode(head.hash))", "-1:sha256:\(Hex.encode(head.hash))",
            "1:sha1:\(Hex.encode(head.hash))", "\(head) ",
        ] {
            #expect(TrailHead(bad) == nil, "\(bad)")
        }
    }

    @Test("counts only with a signature of the log's key")
    func signature() throws {
        let signed = SignedHead(TrailHead(seq: 3, hash: [UInt8](0..<32)), by: RandomTrail.key)
        let read = try #require(SignedHead(text: signed.text))
        #expect(read == signed && read.isValid(for: [RandomTrail.key.publicKey]))
        #expect(!read.isValid(for: [RandomTrail.otherKey.publicKey]))
        let moved = try #require(SignedHead(text: "2" + signed.text.dropFirst()))
        #expect(!moved.isValid(for: [RandomTrail.key.publicKey]))
        #expect(SignedHead(text: signed.text + "x") == nil)
    }
}
