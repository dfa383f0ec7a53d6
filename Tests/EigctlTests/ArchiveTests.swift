// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Testing

@testable import eigctl

@Suite("An archive")
struct ArchiveTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    static func header(_ path: String, _ byteCount: Int) -> TarHeader {
        var header = TarHeader(path: path, byteCount: byteCount)
        header.mode = 0o640
        header.userName = "root"
        header.groupName = "eig"
        header.userID = 0
        header.groupID = 70_000
        header.modifiedAt = WallInstant(seconds: 1_700_000_000)
        return header
    }

    static let headers: [TarHeader] = [
        header("a", 0), header("config/partners.d/payfast.toml", 511), header(String(repeating: "n", count: 100), 512),
        header("\(String(repeating: "p", count: 155))/\(String(repeating: "n", count: 100))", 1),
        header("store/relay.db", 8 << 30), header("store/relay.db", 1 << 45), header("umläut", (8 << 30) - 1),
    ]

    @Test("has headers that read back as they were written", arguments: headers)
    func roundTrip(_ header: TarHeader) throws {
        let bytes = try #require(header.bytes)
        #expect(bytes.count == 512)
        #expect(TarHeader.read(bytes) == .member(header))
        for index in [0, 100, 130, 150, 260] {
            var damaged = bytes
            damaged[index] ^= 1
            guard case .refused = TarHeader.read(damaged) else {
                Issue.record("byte \(index) may be otherwise")
                continue
            }
        }
    }

    @Test("refuses names it cannot hold, and members that are no files")
    func refuses() {
        #expect(TarHeader(path: String(repeating: "n", count: 101), byteCount: 0).bytes == nil)
        #expect(TarHeader(path: "a/\(String(repeating: "n", count: 101))", byteCount: 0).bytes == nil)
        #expect(TarHeader.read([UInt8](repeating: 0, count: 512)) == .end)
        #expect(TarHeader.read([UInt8](repeating: 1, count: 512)) == .refused("it is no tar archive"))
    }

    @Test("is one that tar reads, with modes, times and bytes")
    func tar() throws {
        let path = "\(bench.path)/x.tar"
        let long = "\(String(repeating: "p", count: 120))/\(String(repeating: "n", count: 90))"
        let contents: [(String, [UInt8])] = [
            ("empty", []), ("config/eigd.toml", Array("one\n".utf8)), (long, [UInt8](repeating: 7, count: 3000)),
        ]
        var archive = try ArchiveWriter(path: path)
        for (name, bytes) in contents { try archive.add(Self.header(name, bytes.count), bytes) }
        try archive.end()
        #expect((try? FileStore.status(path)) == nil, "it is there before it is whole")
        try archive.place()
        #expect(try FileStore.status(path).mode == 0o600)

        let listing = try ChildProcess.run(["tar", "--list", "--verbose", "--utc", "--numeric-owner", "-f", path])
        #expect(listing.isSuccess && listing.errors.isEmpty, "\(listing.errorText)")
        #expect(listing.outputText.contains("-rw-r----- 0/70000"))
        #expect(listing.outputText.contains("4 2023-11-14 22:13 config/eigd.toml\n"), "\(listing.outputText)")
        for (name, bytes) in contents {
            #expect(try ChildProcess.run(["tar", "-xOf", path, name]).output == bytes)
        }
        var reader = try ArchiveReader(path: path)
        for (name, bytes) in contents {
            let header = try #require(try reader.next())
            #expect(header == Self.header(name, bytes.count))
            let content = try reader.content(header, byteCountMax: 4096)
            #expect(content.bytes == bytes)
        }
        let end = try reader.next()
        #expect(end == nil)
    }

    @Test("that is given up leaves nothing, and one that was there as it was")
    func abandoned() throws {
        try bench.write("old", to: "x.tar")
        let archive = try ArchiveWriter(path: "\(bench.path)/x.tar")
        archive.abandon()
        #expect(try FileStore.names(in: bench.path) == ["x.tar"])
        #expect(try FileStore.read("\(bench.path)/x.tar") == Array("old".utf8))
    }

    static let paths = [
        ("config/a", true), ("config/a/b", true), ("store/relay.db", true), ("manifest.json", true),
        ("config/../a", false), ("config//a", false), ("config/", false), ("/etc/passwd", false), ("store/x", false),
        ("config/./a", false), ("config/a\nb", false), ("config", false), ("../config/a", false), ("", false),
    ]

    @Test("holds in a backup only names that lie below its two places", arguments: paths)
    func names(_ path: String, _ isAllowed: Bool) {
        #expect(BackupContents.isAllowed(path) == isAllowed)
    }
}
