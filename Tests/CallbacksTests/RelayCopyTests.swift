// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import LinuxIO
import SQLite
import TestKit
import Testing

@Suite("A copy of the store for a backup")
struct RelayCopyTests {
    private func status(_ bench: inout RelayBench, _ query: RelayQuery = .copyStatus) throws -> StoreCopyStatus {
        guard case .copy(let status) = bench.ask(query) else {
            Issue.record("no status")
            return try #require(nil)
        }
        return status
    }

    /// One turn of the relay's loop without anything to do.
    private func turn(_ bench: inout RelayBench) {
        _ = bench.run()
        let fatal = bench.engine.maintain(isIdle: true, at: RelayBench.time(bench.now))
        #expect(fatal == nil)
    }

    /// Several steps long.
    private func filled(_ count: Int = 12) throws -> RelayBench {
        var bench = try RelayBench()
        for number in 0..<count {
            _ = bench.submit(
                RelayBench.submission(number, key: "k\(number)", body: String(repeating: "x", count: 100_000))
            )
        }
        return bench
    }

    @Test("is whole although callbacks come in between its steps, and holds them, too")
    func whole() throws {
        var bench = try filled()
        #expect(try status(&bench, .copy).state == .running)
        let isBegun = bench.engine.isCopying
        #expect(isBegun)
        var turns = 0
        while bench.engine.isCopying {
            turns += 1
            _ = bench.submit(RelayBench.submission(1000 + turns, key: "later\(turns)"))
            turn(&bench)
            try #require(turns < 1000)
        }
        #expect(turns > 2, "the copy was made in one step")
        let done = try status(&bench)
        #expect(done.state == .done && done.pagesDone == done.pagesTotal && done.pagesTotal > 256)
        let facts = try StoreFile.inspect(done.path)
        #expect(facts.messageCount == 12 + turns)
        #expect(facts.backlogCount == done.backlogCount && facts.version == StoreFile.newestVersion)
        #expect(try FileStore.status(done.path).mode == 0o600)

        // It stays as it was, whatever comes after it, and goes when it is dropped.
        _ = bench.submit(RelayBench.submission(5000))
        #expect(try StoreFile.inspect(done.path) == facts)
        #expect(try status(&bench, .dropCopy).state == .none)
        #expect((try? FileStore.status(done.path)) == nil)
    }

    @Test("is one at a time, and goes by itself when nobody fetches it")
    func lifetime() throws {
        var bench = try filled(2)
        _ = try status(&bench, .copy)
        guard case .refused = bench.ask(.copy), case .refused = bench.ask(.dropCopy) else {
            Issue.record("a second copy was begun, or a running one was dropped")
            return
        }
        while bench.engine.isCopying { turn(&bench) }
        let path = try status(&bench).path
        bench.advance(RelayEngine.copyLifetime - .seconds(1))
        turn(&bench)
        #expect((try? FileStore.status(path)) != nil)
        bench.advance(.seconds(2))
        turn(&bench)
        #expect((try? FileStore.status(path)) == nil)
        #expect(try status(&bench).state == .none)
    }

    @Test("that cannot be written fails, and the relay goes on")
    func fails() throws {
        var bench = try filled(2)
        let path = try status(&bench).path
        try FileStore.makeFolder(path, mode: 0o700)
        _ = try status(&bench, .copy)
        turn(&bench)
        let failed = try status(&bench)
        #expect(failed.state == .failed && failed.why != nil)
        #expect(bench.submit(RelayBench.submission(77)).outcome.acceptedID != nil)
        try FileStore.removeFolder(path)
        #expect(try status(&bench, .copy).state == .running)
        while bench.engine.isCopying { turn(&bench) }
        #expect(try status(&bench).state == .done)
    }

    @Test("that a process left behind is gone when the next one starts")
    func leftover() throws {
        let folder = try TemporaryFolder()
        let settings = RelayBench.settings(folder)
        try FileStore.replace("\(settings.path).backup", with: [1].span, mode: 0o600)
        _ = try RelayEngine.open(settings: settings, at: RelayBench.time(RelayBench.startAt), draw: { 4 })
        #expect((try? FileStore.status("\(settings.path).backup")) == nil)
    }

    @Test("of a store that nobody runs has what is in its log, too; other files are refused")
    func offline() throws {
        let folder = try TemporaryFolder()
        let settings = RelayBench.settings(folder)
        var engine = try RelayEngine.open(settings: settings, at: RelayBench.time(RelayBench.startAt), draw: { 4 })
        let hash = [UInt8](repeating: 0, count: 32)
        let step = engine.run(
            [.submit(RelayBench.submission(1), hash: hash)],
            at: RelayBench.time(RelayBench.startAt)
        )
        #expect(step.fatal == nil)
        let copy = "\(settings.path).copy"
        #expect(throws: StoreFileError.self) { try StoreFile.copy(settings.path, to: copy) }
        #expect((try? FileStore.status(copy)) == nil)
        _ = consume engine
        try StoreFile.copy(settings.path, to: copy)
        #expect(try StoreFile.inspect(copy).messageCount == 1)

        let other = "\(settings.path).other"
        _ = try Database(path: other).execute("create table x(y)")
        #expect(throws: StoreFileError.self) { _ = try StoreFile.inspect(other) }
        var bytes = try FileStore.read(copy)
        for index in 8192..<8300 { bytes[index] = 0xff }
        try FileStore.replace(copy, with: bytes.span, mode: 0o600)
        #expect(throws: StoreFileError.self) { _ = try StoreFile.inspect(copy) }
        #expect(throws: StoreFileError.self) { _ = try StoreFile.inspect("\(settings.path).none") }
        _ = try Database(path: other).execute("pragma application_id = 1162430290; pragma user_version = 9")
        #expect(try StoreFile.inspect(other).version == 9)
    }
}
