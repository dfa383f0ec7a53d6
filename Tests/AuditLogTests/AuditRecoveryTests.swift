// SPDX-License-Identifier: Apache-2.0
import AuditLog
import AuditTrail
import Base
import LinuxIO
import TLS
import Testing

@Suite("A log that is started again")
struct AuditRecoveryTests {
    /// A folder with one run in it that ended by force, and the events written.
    private func crashed(_ count: Int) throws -> Scratch {
        let scratch = try Scratch()
        let door = try scratch.open()
        let reporter = AuditReporter(path: scratch.socket)
        for index in 0..<count { #expect(reporter.report(Scratch.event("\(index)")) == .written(seq: index + 3)) }
        // What a SIGKILL leaves: no last words, and a head that may be a second old.
        let name = try #require(try scratch.folder.files().first)
        let bytes = try FileStore.read(scratch.folder.path(of: name))
        let head = try FileStore.read(scratch.folder.head)
        door.stop()
        try FileStore.replace(scratch.folder.path(of: name), with: bytes.span, mode: 0o640)
        try FileStore.replace(scratch.folder.head, with: head.span, mode: 0o640)
        return scratch
    }

    private func change(_ scratch: Scratch, _ body: (inout [UInt8]) -> Void) throws {
        let path = scratch.folder.path(of: try #require(try scratch.folder.files().last))
        var bytes = try FileStore.read(path)
        body(&bytes)
        try FileStore.replace(path, with: bytes.span, mode: 0o640)
    }

    private func runAgain(_ scratch: Scratch) throws -> TrailLine {
        let before = try FileStore.names(in: scratch.folder.path)
        #expect(!before.isEmpty)
        let door = try scratch.open()
        #expect(AuditReporter(path: scratch.socket).report(Scratch.event("again")).isFine)
        door.stop()
        return try #require(try scratch.lines().last { $0.event.kind == .logStart })
    }

    @Test("after a kill says so and loses nothing")
    func killed() throws {
        let scratch = try crashed(5)
        let start = try runAgain(scratch)
        #expect(start.event.detail("after") == "crash" && start.event.outcome == .success && start.seq == 8)
        let report = try scratch.report()
        #expect(report.isSound)
        #expect(report.notes.contains { if case .uncleanStart = $0 { true } else { false } })
    }

    @Test("sets half a line aside and says how long it was")
    func torn() throws {
        let scratch = try crashed(3)
        try change(scratch) { $0 += Array("{\"seq\":6,\"ts\":\"20".utf8) }
        let start = try runAgain(scratch)
        #expect(start.seq == 6 && start.event.detail("torn_bytes") == "17")
        let aside = try #require(start.event.detail("torn_file"))
        #expect(try FileStore.read(scratch.folder.path(of: aside)).count == 17)
        let report = try scratch.report()
        #expect(report.isSound)
        #expect(report.notes.contains { if case .tornLine(_, "17") = $0 { true } else { false } })
    }

    @Test("leaves what was altered as it is, says so, and goes on behind it")
    func altered() throws {
        let scratch = try crashed(5)
        try change(scratch) { bytes in
            let place = bytes.firstIndex(of: UInt8(ascii: "7")) ?? 0
            bytes[place] = UInt8(ascii: "8")
        }
        let start = try runAgain(scratch)
        #expect(start.event.outcome == .failure)
        #expect(start.event.detail("trouble")?.contains("altered") == true)
        let findings = try scratch.report().findings
        #expect(findings.first?.kind == .altered && findings.first?.place.line == 1)
    }

    @Test("is not called as it was left without the head beside it, or with a wrong one", arguments: [true, false])
    func headless(_ isGone: Bool) throws {
        let scratch = try crashed(5)
        if isGone {
            try FileStore.remove(scratch.folder.head)
        } else {
            try FileStore.replace(scratch.folder.head, with: Array("7:sha256:\n".utf8).span, mode: 0o640)
        }
        let start = try runAgain(scratch)
        #expect(start.event.outcome == .failure && start.seq == 8)
        let found = isGone ? "head missing" : "head not signed with a key of this log"
        let report = try scratch.report()
        #expect(report.isSound)
        #expect(report.notes.contains { if case .foundAtStart(_, found) = $0 { true } else { false } })
        #expect(try runAgain(scratch).event.outcome == .success)
    }

    @Test("sets aside any length of zeros that a power cut left")
    func zeros() throws {
        let scratch = try crashed(3)
        try change(scratch) { $0 += [UInt8](repeating: 0, count: 3_000_000) }
        let start = try runAgain(scratch)
        #expect(start.seq == 6 && start.event.detail("torn_bytes") == "3000000")
        let aside = try #require(start.event.detail("torn_file"))
        #expect(try FileStore.status(scratch.folder.path(of: aside)).byteCount == 3_000_000)
        #expect(try scratch.report().isSound)
    }

    @Test("knows lines that got lost while it was down by the head beside it, and keeps their numbers")
    func gap() throws {
        let scratch = try Scratch()
        let door = try scratch.open()
        let reporter = AuditReporter(path: scratch.socket)
        for _ in 0..<5 { reporter.report(Scratch.event()) }
        door.stop()
        try change(scratch) { bytes in
            let lines = bytes.split(separator: UInt8(ascii: "\n"))
            bytes = lines.prefix(4).flatMap { Array($0) + [UInt8(ascii: "\n")] }
        }
        let start = try runAgain(scratch)
        #expect(start.seq == 10 && start.event.outcome == .failure && start.event.detail("lost") == "5-9")
        let findings = try scratch.report().findings
        #expect(findings.map(\.kind) == [.gap] && findings.first?.seq == 5)
    }

    @Test("says what is missing wherever its end was cut, and verify agrees", arguments: 0..<24)
    func cutAnywhere(_ step: Int) throws {
        let scratch = try Scratch()
        let door = try scratch.open()
        let reporter = AuditReporter(path: scratch.socket)
        for index in 0..<5 { #expect(reporter.report(Scratch.event("\(index)")).isFine) }
        door.stop()
        let head = try scratch.report().head
        var left: [UInt8] = []
        try change(scratch) { bytes in
            bytes.removeLast(bytes.count * step / 24)
            left = bytes
        }
        let whole = left.count { $0 == UInt8(ascii: "\n") }
        let torn = left.count - (left.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0)
        let start = try runAgain(scratch)
        #expect(start.seq == head.seq + 1, "no number is given twice")
        #expect(start.event.detail("torn_bytes") == (torn > 0 ? "\(torn)" : nil))
        #expect(start.event.detail("lost") == (whole < head.seq ? "\(whole + 1)-\(head.seq)" : nil))
        #expect((start.event.outcome == .success) == (whole == head.seq))
        let findings = try scratch.report(known: [head]).findings
        #expect(findings.first?.kind == (whole == 0 ? .removed : whole < head.seq ? .gap : nil), "\(findings)")
        #expect(findings.allSatisfy { $0.seq == whole + 1 })
    }

    @Test("begins anew with the old numbers when all files are gone")
    func allGone() throws {
        let scratch = try Scratch()
        var door = try scratch.open()
        door.stop()
        for name in try scratch.folder.files() { try FileStore.remove(scratch.folder.path(of: name)) }
        door = try scratch.open()
        door.stop()
        let first = try #require(try scratch.lines().first)
        #expect(first.seq == 5 && first.event.detail("lost") == "1-4")
    }
}

@Suite("The files of a log")
struct AuditFilesTests {
    @Test("follow each other behind a checkpoint, and old ones go when there is too much")
    func rotation() throws {
        let scratch = try Scratch()
        scratch.settings.fileBytesMax = 20_000
        scratch.settings.limits.bytesMax = 60_000
        let door = try scratch.open()
        let reporter = AuditReporter(path: scratch.socket)
        for index in 0..<600 { #expect(reporter.report(Scratch.event("\(index)")).isFine) }
        door.stop()
        let names = try scratch.folder.files()
        #expect((3...5).contains(names.count), "\(names)")
        let report = try scratch.report()
        #expect(report.isSound, "\(report.findings)")
        #expect(report.notes.contains { if case .retired = $0 { true } else { false } })
        for name in names.dropLast() {
            var reader = try LineReader(scratch.folder.path(of: name))
            var last: [UInt8] = []
            while let line = try reader.next() { last = line }
            #expect(TrailLine(last)?.isCheckpoint == true)
        }
    }

    @Test("go when every line in them is too old")
    func retention() throws {
        let scratch = try Scratch()
        scratch.settings.fileBytesMax = 2_000
        scratch.settings.limits.keep = .zero
        scratch.settings.limits.doubt = .zero
        let door = try scratch.open()
        let reporter = AuditReporter(path: scratch.socket)
        for index in 0..<30 { #expect(reporter.report(Scratch.event("\(index)")).isFine) }
        door.stop()
        #expect(try scratch.folder.files().count <= 2)
        #expect(try scratch.report().isSound)
    }

    @Test("but the one that is written stay no longer than limits that a reload brought allow")
    func adopted() throws {
        let scratch = try Scratch()
        scratch.settings.fileBytesMax = 2_000
        let door = try scratch.open()
        let reporter = AuditReporter(path: scratch.socket)
        for index in 0..<30 { #expect(reporter.report(Scratch.event("\(index)")).isFine) }
        #expect(try scratch.folder.files().count > 4)
        scratch.settings.limits.bytesMax = 1
        door.adopt(scratch.settings.limits)
        for index in 0..<30 { #expect(reporter.report(Scratch.event("\(index)")).isFine) }
        #expect(try scratch.folder.files().count == 1)
        door.stop()
        #expect(try scratch.report().isSound)
    }

    @Test("are read in pieces, whatever the pieces are")
    func lines() throws {
        let scratch = try Scratch()
        let path = scratch.folder.path(of: "x")
        let text = (0..<500).map { String(repeating: "x", count: $0 * 37 % 9000) }
        try FileStore.replace(path, with: Array((text.joined(separator: "\n") + "\nrest").utf8).span, mode: 0o600)
        var reader = try LineReader(path)
        var read: [String] = []
        while let line = try reader.next() { read.append(String(decoding: line, as: UTF8.self)) }
        #expect(read == text && reader.unfinished == 4)
        // A line that is longer than it reads at once.
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 10 << 20)
        try FileStore.replace(path, with: (Array("a\n".utf8) + long + Array("\nb\nc".utf8)).span, mode: 0o600)
        var passing = try LineReader(path)
        #expect(try passing.next() == Array("a".utf8))
        #expect(try passing.next() == Array(long.prefix(TrailLine.bytesMax + 1)))
        #expect(try passing.next() == Array("b".utf8) && passing.offset == long.count + 5)
        #expect(try passing.next() == nil && passing.unfinished == 1)
        try FileStore.replace(path, with: Array((text.joined(separator: "\n") + "\nrest").utf8).span, mode: 0o600)
        var limited = try LineReader(path)
        // The first lines have 0, 37 and 74 bytes.
        #expect(try limited.next(limit: 39) == [] && limited.offset == 1)
        #expect(try limited.next(limit: 39)?.count == 37)
        #expect(try limited.next(limit: 39) == nil && limited.unfinished == 0)
    }
}
