// SPDX-License-Identifier: Apache-2.0
import Base
import Glibc
import Systemd
import TestKit
import Testing

@Suite("The journal")
struct JournalTests {
    static func entry(_ message: String) -> JournalEntry {
        var entry = JournalEntry()
        entry.append("MESSAGE", message)
        return entry
    }

    @Test("gets fields as its protocol has them")
    func fields() throws {
        let journal = try FakeJournal()
        let socket = try #require(JournalSocket(path: journal.path))
        var entry = Self.entry("hello")
        entry.append(.notice)
        entry.append("PARTNER", "payfast")
        #expect(socket.send(entry) == .sent)
        let received = try #require(journal.receive())
        #expect(String(decoding: received, as: UTF8.self) == "MESSAGE=hello\nPRIORITY=5\nPARTNER=payfast\n")
    }

    @Test("gets a value of several lines by its length, so that no line of it becomes a field")
    func newlines() throws {
        let journal = try FakeJournal()
        let socket = try #require(JournalSocket(path: journal.path))
        #expect(socket.send(Self.entry("one\nPRIORITY=0")) == .sent)
        let expected = Array("MESSAGE\n".utf8) + [14, 0, 0, 0, 0, 0, 0, 0] + Array("one\nPRIORITY=0\n".utf8)
        #expect(journal.receive() == expected)
    }

    @Test("that is not there is said at once")
    func absent() throws {
        #expect(JournalSocket(path: "/tmp/eig-no-journal-\(getpid())") == nil)
        #expect(JournalSocket(path: "/" + String(repeating: "x", count: 200)) == nil)
    }

    @Test("that was started anew is found again, and until then is not reachable")
    func restarted() throws {
        let first = try FakeJournal()
        let socket = try #require(JournalSocket(path: first.path))
        first.close()
        _ = unsafe unlink(first.path)
        #expect(socket.send(Self.entry("lost")) == .unreachable)
        let second = try FakeJournal(first.path)
        #expect(socket.send(Self.entry("found")) == .sent)
        #expect(second.receive() == Array("MESSAGE=found\n".utf8))
    }

    @Test("that is behind holds nobody up")
    func full() throws {
        let journal = try FakeJournal()
        let socket = try #require(JournalSocket(path: journal.path))
        var sentCount = 0
        while socket.send(Self.entry(String(repeating: "x", count: 1000))) == .sent, sentCount < 1_000_000 {
            sentCount += 1
        }
        #expect(sentCount < 1_000_000, "the kernel bounds what waits")
        #expect(!socket.waitForRoom(milliseconds: 1))
        while journal.receive() != nil {}
        #expect(socket.waitForRoom(milliseconds: 1000))
        #expect(socket.send(Self.entry("on")) == .sent)
    }

    @Test("is not asked to take more than a datagram holds")
    func long() throws {
        let journal = try FakeJournal()
        let socket = try #require(JournalSocket(path: journal.path))
        #expect(socket.send(Self.entry(String(repeating: "x", count: 64 << 20))) == .tooLong)
        #expect(socket.send(Self.entry("on")) == .sent)
    }
}
