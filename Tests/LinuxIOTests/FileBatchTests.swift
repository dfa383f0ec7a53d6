// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import TestKit
import Testing

@Suite("A batch of files")
struct FileBatchTests {
    static func file(_ path: String, _ text: String, mode: UInt32 = 0o640) -> FileBatch.File {
        FileBatch.File(path: path, bytes: Array(text.utf8), mode: mode)
    }

    func text(_ path: String) throws -> String { String(decoding: try FileStore.read(path), as: UTF8.self) }

    @Test("is written whole, with modes, over what was there, and leaves nothing else behind")
    func writes() throws {
        let scratch = try TemporaryFolder()
        try FileStore.replace(scratch["b"], with: Array("old".utf8).span, mode: 0o600)
        try FileBatch.write([Self.file(scratch["a"], "1", mode: 0o600), Self.file(scratch["b"], "2", mode: 0o644)])
        #expect(try text(scratch["a"]) == "1")
        #expect(try text(scratch["b"]) == "2")
        #expect(try FileStore.status(scratch["b"]).mode == 0o644)
        #expect(try FileStore.names(in: scratch.path) == ["a", "b"])
    }

    @Test("removes what goes with it, and nothing when it fails")
    func removing() throws {
        let scratch = try TemporaryFolder()
        try FileStore.replace(scratch["a"], with: Array("old".utf8).span, mode: 0o604)
        try FileStore.makeFolder(scratch["c"], mode: 0o700)
        #expect(throws: FileBatchFailure.self) {
            try FileBatch.write([Self.file(scratch["c"], "new")], removing: [scratch["a"]])
        }
        let tooLong = scratch[String(repeating: "x", count: 300)]
        let failure = #expect(throws: FileBatchFailure.self) {
            try FileBatch.write([Self.file(scratch["b"], "new")], removing: [scratch["a"], scratch["none"], tooLong])
        }
        #expect(failure?.path == tooLong)
        #expect(try text(scratch["a"]) == "old")
        #expect(try FileStore.status(scratch["a"]).mode == 0o604)
        #expect(try FileStore.names(in: scratch.path) == ["a", "c"])
        try FileBatch.write([Self.file(scratch["b"], "new")], removing: [scratch["a"], scratch["none"]])
        #expect(try FileStore.names(in: scratch.path) == ["b", "c"])
        try FileStore.removeFolder(scratch["c"])
    }

    @Test("that cannot be staged changes nothing, and takes its folders back")
    func staging() throws {
        let scratch = try TemporaryFolder()
        try FileStore.replace(scratch["a"], with: Array("old".utf8).span, mode: 0o600)
        let files = [Self.file(scratch["a"], "new"), Self.file(scratch["none/b"], "2")]
        let failure = #expect(throws: FileBatchFailure.self) {
            try FileBatch.write(files, folders: [FileBatch.Folder(path: scratch["made"], mode: 0o700)])
        }
        #expect(failure?.path == scratch["none/b"] && failure?.errno == .noEntry)
        #expect(try text(scratch["a"]) == "old")
        #expect(try FileStore.names(in: scratch.path) == ["a"])
    }

    @Test("whose last file cannot be put in place undoes the ones before it")
    func placing() throws {
        let scratch = try TemporaryFolder()
        try FileStore.replace(scratch["a"], with: Array("old".utf8).span, mode: 0o604)
        // A folder stands where a file should: found only when it is to be put in place.
        try FileStore.makeFolder(scratch["c"], mode: 0o700)
        let files = [Self.file(scratch["a"], "new"), Self.file(scratch["b"], "new"), Self.file(scratch["c"], "new")]
        #expect(throws: FileBatchFailure.self) { try FileBatch.write(files) }
        #expect(try text(scratch["a"]) == "old")
        #expect(try FileStore.status(scratch["a"]).mode == 0o604)
        #expect(try FileStore.names(in: scratch.path) == ["a", "c"])
        try FileStore.removeFolder(scratch["c"])
    }
}
