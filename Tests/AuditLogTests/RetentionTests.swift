// SPDX-License-Identifier: Apache-2.0
import AuditLog
import AuditTrail
import Base
import LinuxIO
import TLS
import Testing

@Suite("What the log server has not got")
struct RetentionTests {
    /// A log of small files, of which 20,000 bytes are kept.
    private func scratch() throws -> (Scratch, AuditProgress) {
        let scratch = try Scratch()
        scratch.settings.fileBytesMax = 2_000
        scratch.settings.limits.bytesMax = 20_000
        let progress = try AuditProgress()
        progress.awaitCopy(of: scratch.folder)
        return (scratch, progress)
    }

    private func report(_ count: Int, _ scratch: Scratch) {
        let reporter = AuditReporter(path: scratch.socket)
        for index in 0..<count { #expect(reporter.report(Scratch.event("\(index)")).isFine) }
    }

    private func bytes(_ scratch: Scratch) throws -> Int {
        try scratch.folder.files().reduce(0) { try $0 + FileStore.status(scratch.folder.path(of: $1)).byteCount }
    }

    /// As the copier notes how far it has come.
    private func copy(through seq: Int, _ scratch: Scratch, _ progress: AuditProgress) throws {
        let file = try #require(try scratch.folder.files().first)
        try FileStore.replace(scratch.folder.position, with: Array("\(file) 0 \(seq) \n".utf8).span, mode: 0o640)
        progress.awaitCopy(of: scratch.folder)
    }

    @Test("stays when there is too much, and goes once it has it")
    func held() throws {
        let (scratch, progress) = try scratch()
        let door = try scratch.open(progress)
        report(80, scratch)
        #expect(try bytes(scratch) > 20_000 && scratch.report().firstSeq == 1)
        #expect(progress.current.heldCount > 0 && progress.current.uncopiedTotal == 0)
        try copy(through: progress.current.head.seq, scratch, progress)
        report(10, scratch)
        #expect(try bytes(scratch) < 22_500)
        #expect(progress.current.heldCount == 0 && progress.current.uncopiedTotal == 0)
        door.stop()
        #expect(try scratch.report().isSound)
        let retired = try scratch.lines().filter { $0.event.kind == .logRetire }
        #expect(!retired.isEmpty && retired.allSatisfy { $0.event.outcome == .success })
    }

    @Test("goes only up to the first file that it has not got all of")
    func partly() throws {
        let (scratch, progress) = try scratch()
        let door = try scratch.open(progress)
        report(80, scratch)
        let names = try scratch.folder.files()
        let third = try #require(AuditFolder.firstSeq(of: names[2]))
        try copy(through: third, scratch, progress)
        report(10, scratch)
        door.stop()
        #expect(try scratch.folder.files().first == names[2])
        #expect(try scratch.report().isSound)
    }

    @Test("stays when it is too old")
    func tooOld() throws {
        let (scratch, progress) = try scratch()
        scratch.settings.limits.keep = .zero
        scratch.settings.limits.doubt = .zero
        let door = try scratch.open(progress)
        report(20, scratch)
        #expect(try scratch.report().firstSeq == 1 && progress.current.heldCount > 0)
        progress.awaitCopy(of: nil)
        report(10, scratch)
        #expect(try scratch.folder.files().count <= 2, "no copy is wanted any more")
        door.stop()
    }

    @Test("goes when there is twice too much, as a failure that names the lines")
    func lost() throws {
        let (scratch, progress) = try scratch()
        let door = try scratch.open(progress)
        report(200, scratch)
        #expect(try bytes(scratch) < 43_000)
        let now = progress.current
        door.stop()
        #expect(try scratch.report().isSound)
        let retired = try scratch.lines().filter { $0.event.kind == .logRetire }
        #expect(!retired.isEmpty && retired.allSatisfy { $0.event.outcome == .failure })
        let last = try #require(now.uncopied)
        #expect(retired.contains { $0.event.detail("not_copied") == "\(last.lowerBound)-\(last.upperBound)" })
        #expect(try now.uncopiedTotal == #require(scratch.report().firstSeq) - 1)
    }
}

@Suite("Old files of a log")
struct OldFilesTests {
    @Test("go only once the clock has said so for a while, whatever it says at once")
    func clock() throws {
        let scratch = try Scratch()
        scratch.settings.fileBytesMax = 2_000
        scratch.settings.limits.keep = .zero
        scratch.settings.limits.doubt = .milliseconds(300)
        let door = try scratch.open()
        let reporter = AuditReporter(path: scratch.socket)
        for index in 0..<40 { #expect(reporter.report(Scratch.event("\(index)")).isFine) }
        let names = try scratch.folder.files()
        #expect(names.count > 4)
        Clock.sleep(.milliseconds(400))
        for index in 0..<10 { #expect(reporter.report(Scratch.event("\(index)")).isFine) }
        #expect(try !scratch.folder.files().contains(names[0]))
        door.stop()
        #expect(try scratch.report().isSound)
    }

    @Test("take half a line that was set aside beside them along")
    func torn() throws {
        let scratch = try Scratch()
        scratch.settings.fileBytesMax = 2_000
        scratch.settings.limits.bytesMax = 1
        try FileStore.replace(scratch.folder.path(of: "audit-000000000001-0badcafe.torn"), with: [1].span, mode: 0o640)
        try FileStore.replace(scratch.folder.path(of: "audit-000000000099-0badcafe.torn"), with: [1].span, mode: 0o640)
        let door = try scratch.open()
        let reporter = AuditReporter(path: scratch.socket)
        for index in 0..<20 { #expect(reporter.report(Scratch.event("\(index)")).isFine) }
        door.stop()
        let torn = try FileStore.names(in: scratch.folder.path).filter { $0.hasSuffix(".torn") }
        #expect(torn == ["audit-000000000099-0badcafe.torn"])
    }
}
