// SPDX-License-Identifier: Apache-2.0
import AuditLog
import AuditTrail
import Base
import LinuxIO
import TLS
import Testing

@Suite("The audit log behind its door")
struct AuditDoorTests {
    @Test("writes what is reported and says under which number")
    func report() throws {
        let scratch = try Scratch()
        let door = try scratch.open()
        let reporter = AuditReporter(path: scratch.socket)
        // The start and its checkpoint come first.
        #expect(reporter.report(Scratch.event("a")) == .written(seq: 3))
        #expect(reporter.report(Scratch.event("b")) == .written(seq: 4))
        door.stop()
        let lines = try scratch.lines()
        #expect(
            lines.map(\.event.kind) == [
                .logStart, .logCheckpoint, .sessionBegin, .sessionBegin, .logStop, .logCheckpoint,
            ]
        )
        #expect(lines[2].source.contains("uid \(Limits.userID), pid \(Limits.processID)"))
        let report = try scratch.report()
        #expect(report.isSound && report.notes == [])
        #expect(lines[0].event.detail("after") == "nothing")
    }

    @Test("answers many events of many callers in order, a hundred at most between two checkpoints")
    func many() throws {
        let scratch = try Scratch()
        let door = try scratch.open()
        var lines = try (0..<20).map { _ in Held(try AuditLine(path: scratch.socket)) }
        for round in 0..<50 {
            for line in lines {
                while try !line.line.send(Scratch.event("\(round)")) { try line.settle() }
            }
        }
        for line in lines { while line.line.pendingCount > 0 { try line.settle() } }
        for line in lines { #expect(line.seqs == line.seqs.sorted() && line.seqs.count == 50) }
        #expect(Set(lines.flatMap(\.seqs)).count == 1000)
        lines = []
        door.stop()
        let report = try scratch.report()
        #expect(report.isSound && report.checkpointCount >= 11 && report.lineCount == 1000 + report.checkpointCount + 2)
    }

    /// A line in a class, to have several.
    final class Held {
        var line: AuditLine
        var seqs: [Int] = []
        init(_ line: consuming AuditLine) { self.line = line }

        func settle() throws {
            try line.descriptor.wait(for: .readable, timeout: .seconds(5))
            while let reply = try line.receive() {
                if case .written(let seq) = reply { seqs.append(seq) }
            }
        }
    }

    @Test("refuses what is no event, too long, or the log's own to say; and goes on")
    func refused() throws {
        let scratch = try Scratch()
        let door = try scratch.open()
        let socket = try UnixSockets.connectForMessages(scratch.socket)
        func ask(_ message: [UInt8]) throws -> String {
            guard case .sent = try socket.send(message.span) else { return "" }
            try socket.wait(for: .readable, timeout: .seconds(5))
            var answer = ByteBuffer()
            _ = try socket.read(into: &answer, byteCountMax: 1024)
            return String(answer.bytes)
        }
        #expect(try ask(Array("hello".utf8)) == "error not an event, at byte 0")
        #expect(try ask([UInt8](repeating: 0x20, count: 9000)).hasPrefix("error an event of more than 8192"))
        #expect(try ask(AuditEvent.system(.logStop, object: "x").json).hasPrefix("error log.stop is for the log"))
        #expect(try ask(Scratch.event().json) == "ok 3")
        door.stop()
        #expect(try scratch.report().isSound)
    }

    @Test("is told apart: no log, nobody there, no answer")
    func outcomes() throws {
        let scratch = try Scratch()
        #expect(AuditReporter(path: scratch.socket).report(Scratch.event()) == .noLog)
        do { _ = try UnixSockets.listenForMessages(scratch.socket, mode: 0o600) }
        #expect(
            AuditReporter(path: scratch.socket).report(Scratch.event())
                == .refused(why: "\(scratch.socket): nobody listens")
        )
        try FileStore.remove(scratch.socket)
        let listener = try UnixSockets.listenForMessages(scratch.socket, mode: 0o600)
        let reporter = AuditReporter(path: scratch.socket, timeout: .milliseconds(50))
        #expect(reporter.report(Scratch.event()) == .refused(why: "\(scratch.socket): no answer within 50ms"))
        _ = try UnixSockets.accept(listener)
    }

    @Test("is found again by a reporter after it was started anew")
    func restart() throws {
        let scratch = try Scratch()
        var door = try scratch.open()
        let reporter = AuditReporter(path: scratch.socket)
        #expect(reporter.report(Scratch.event()) == .written(seq: 3))
        door.stop()
        door = try scratch.open()
        #expect(reporter.report(Scratch.event()) == .written(seq: 8))
        door.stop()
        let lines = try scratch.lines()
        #expect(lines[5].event.kind == .logStart && lines[5].event.detail("after") == "stop")
        #expect(try scratch.report().isSound)
    }
}
