// SPDX-License-Identifier: Apache-2.0
import Foundation
import SQLite
import TestKit
import Testing

@Suite("Ballast")
struct BallastTests {
    @Test("holds real blocks, and gives them back")
    func holds() throws {
        let folder = try TemporaryFolder()
        let path = folder["ballast"]
        var ballast = Ballast(path: path, byteCount: 1 << 20)
        #expect(!ballast.isHeld)
        let isTaken = [ballast.take(), ballast.take()]
        #expect(isTaken == [true, true])
        #expect(Volume.fileBytes(at: path) == 1 << 20)
        let blocks = try URL(filePath: path).resourceValues(forKeys: [.fileAllocatedSizeKey]).fileAllocatedSize
        #expect((blocks ?? 0) >= 1 << 20)
        #expect(Ballast(path: path, byteCount: 1 << 20).isHeld)
        #expect(!Ballast(path: path, byteCount: 1 << 21).isHeld)
        ballast.drop()
        #expect(!ballast.isHeld && Volume.fileBytes(at: path) == 0)
    }

    @Test("holds nothing where there is no room, or nothing to hold", arguments: [Int64(1) << 50, 0])
    func refuses(byteCount: Int64) throws {
        let folder = try TemporaryFolder()
        let path = folder["ballast"]
        var ballast = Ballast(path: path, byteCount: byteCount)
        let isTaken = ballast.take()
        #expect(!isTaken)
        #expect(!ballast.isHeld && Volume.fileBytes(at: path) == 0)
    }

    @Test("a volume says how much is free, a missing one nothing")
    func volume() throws {
        let folder = try TemporaryFolder()
        #expect(try #require(Volume.freeBytes(at: folder.path)) > 0)
        #expect(Volume.freeBytes(at: folder["missing"]) == nil)
        #expect(Volume.fileBytes(at: folder["missing"]) == 0)
    }
}
