// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Systemd
import TestKit
import Testing

@testable import Engine

@Suite("A log line, as the journal finds it")
struct LogLineFieldsTests {
    private static func fields(_ text: String) -> [String?] {
        let line = Array(text.utf8)
        let found = LogLineFields(line.span)
        return [found.event, found.partner, found.request, found.reason].map { range in
            range.map { String(decoding: line[$0], as: UTF8.self) }
        }
    }

    @Test(
        "has its event, partner, request and reason",
        arguments: [
            (
                #"{"time":"x","event":"access","request":"01a","partner":"payfast","status":200}"#,
                ["access", "payfast", "01a", nil]
            ),
            (#"{"event":"refusal","reason":"wrong_password","names":"a,b"}"#, ["refusal", nil, nil, "wrong_password"]),
            (
                #"{"event":"delivery","destination":"partner:mobicash","attempt":1}"#,
                ["delivery", "mobicash", nil, nil]
            ),
            (#"{"event":"delivery","destination":"backend:txn"}"#, ["delivery", nil, nil, nil]),
            // What a stranger chose is no field, whatever it looks like.
            (
                #"{"event":"refusal","subject":"\",\"partner\":\"payfast","unsent":true,"partner":"x"}"#,
                ["refusal", "x", nil, nil]
            ),
            (#"{"detail":"\\","partner":"y"}"#, [nil, "y", nil, nil]),
            (#"{"partner":"a\nb"}"#, [nil, nil, nil, nil]),
            (#"{"resumed":true,"count":-1,"partner":"z"}"#, [nil, "z", nil, nil]),
        ]
    )
    func found(_ line: String, _ expected: [String?]) { #expect(Self.fields(line) == expected) }

    @Test("is read to its end and no further, however it is cut")
    func cut() {
        let line = #"{"event":"refusal","detail":"a\"b","count":12,"partner":"payfast"}"#
        for count in 0...line.utf8.count { _ = Self.fields(String(line.prefix(count))) }
        for odd in ["", "{", "{}", "[]", "{\"", "{\"a", "{\"a\"", "{\"a\":", "plain text", "{\"a\":\"\\"] {
            #expect(Self.fields(odd) == [nil, nil, nil, nil])
        }
    }
}

@Suite("The log in the journal")
struct JournalLogTests {
    private static func run(takesAccess: Bool, _ lines: [String]) throws -> (journal: [String], output: [String]) {
        let journal = try FakeJournal()
        guard let socket = JournalSocket(path: journal.path) else { throw Errno.noEntry }
        let pipe = try Pipe()
        let log = try LogWriter(
            try pipe.writer.duplicate(),
            journal: JournalLog(socket, takesAccess: takesAccess)
        )
        let reader = pipe.keepReader()
        log.write((lines.joined(separator: "\n") + "\n").utf8.span)
        log.stop()
        var received = ByteBuffer()
        while case .received = try reader.read(into: &received, byteCountMax: 64 << 10) {}
        var entries: [String] = []
        while let entry = journal.receive() { entries.append(String(decoding: entry, as: UTF8.self)) }
        return (entries, String(received.bytes).split(separator: "\n").map(String.init))
    }

    private static let access = #"{"event":"access","request":"01a","partner":"payfast","status":200}"#
    private static let refusal = #"{"event":"refusal","reason":"wrong_password","request":"01b","partner":"payfast"}"#
    private static let bad = #"{"event":"reload_refused","message":"no"}"#

    @Test("is one entry a line, with its text and the fields to find it by")
    func entries() throws {
        let (entries, output) = try Self.run(takesAccess: true, [Self.access, Self.refusal, Self.bad])
        let end = "SYSLOG_IDENTIFIER=eigd\n"
        #expect(
            entries == [
                "MESSAGE=\(Self.access)\nPRIORITY=6\n\(end)EVENT=access\nPARTNER=payfast\nREQUEST_ID=01a\n",
                "MESSAGE=\(Self.refusal)\nPRIORITY=5\n\(end)EVENT=refusal\nPARTNER=payfast\nREQUEST_ID=01b\n"
                    + "REASON=wrong_password\n",
                "MESSAGE=\(Self.bad)\nPRIORITY=3\n\(end)EVENT=reload_refused\n",
            ]
        )
        #expect(output == [])
    }

    @Test("leaves the lines about requests where standard output goes, when that is elsewhere")
    func mixed() throws {
        let (entries, output) = try Self.run(takesAccess: false, [Self.access, Self.refusal, Self.access, Self.bad])
        #expect(entries.count == 2)
        #expect(output == [Self.access, Self.access])
    }

    @Test("gives a line the journal cannot take to standard output")
    func long() throws {
        let long = #"{"event":"refusal","detail":""# + String(repeating: "x", count: 50_000) + #""}"#
        let (entries, output) = try Self.run(takesAccess: true, [long, Self.bad])
        #expect(entries.count == 1 && output == [long])
    }

    @Test("goes to standard output when the journal is gone")
    func gone() throws {
        let journal = try FakeJournal()
        guard let socket = JournalSocket(path: journal.path) else { throw Errno.noEntry }
        journal.close()
        let pipe = try Pipe()
        let log = try LogWriter(try pipe.writer.duplicate(), journal: JournalLog(socket, takesAccess: true))
        let reader = pipe.keepReader()
        log.write(Self.bad)
        log.stop()
        var received = ByteBuffer()
        while case .received = try reader.read(into: &received, byteCountMax: 64 << 10) {}
        #expect(String(received.bytes) == Self.bad + "\n")
    }

    @Test("waits for a journal that is behind, loses nothing it took, and is not stuck meanwhile")
    func behind() throws {
        let journal = try FakeJournal()
        guard let socket = JournalSocket(path: journal.path) else { throw Errno.noEntry }
        let pipe = try Pipe()
        let log = try LogWriter(try pipe.writer.duplicate(), journal: JournalLog(socket, takesAccess: true))
        let lines = (0..<2000).map { "{\"event\":\"access\",\"request\":\"\($0)\"}" }
        log.write((lines.joined(separator: "\n") + "\n").utf8.span)
        Clock.sleep(.milliseconds(200))
        #expect(log.hasTurned(within: .milliseconds(1500)))
        var entries: [String] = []
        let limit = Clock.monotonic() + .seconds(20)
        while entries.count < lines.count, Clock.monotonic() < limit {
            if let entry = journal.receive() {
                entries.append(String(decoding: entry, as: UTF8.self))
            } else {
                Clock.sleep(.milliseconds(1))
            }
        }
        log.stop()
        #expect(entries.count == 2000)
        #expect(
            entries.first?.contains("REQUEST_ID=0\n") == true && entries.last?.contains("REQUEST_ID=1999\n") == true
        )
        #expect(log.lostCount == 0)
    }
}
