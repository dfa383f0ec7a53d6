// SPDX-License-Identifier: Apache-2.0
import ConfigurationFolder
import Foundation
import Partners
import Testing

@Suite("A configuration folder on disk")
struct FolderSourceTests {
    @Test("is listed, read with a bound and asked for its modes")
    func reads() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "eig-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder.appending(path: "ca"), withIntermediateDirectories: true)
        try Data("hello".utf8).write(to: folder.appending(path: "ca/x.pem"))
        let path = folder.appending(path: "ca/x.pem").path()
        try FileManager.default.setAttributes([.posixPermissions: 0o604], ofItemAtPath: path)

        let source = FolderSource(folder.path())
        #expect(source.names(in: "ca") == .names(["x.pem"]))
        #expect(source.names(in: "nothing") == .missing)
        #expect(source.read("ca/x.pem", limitBytes: 5) == .bytes(Array("hello".utf8)))
        #expect(source.read("ca/x.pem", limitBytes: 4) == .failed("it is longer than 4 bytes"))
        #expect(source.read("ca/y.pem", limitBytes: 4) == .missing)
        #expect(source.standing(of: "ca/x.pem") == .present(SourceFileStatus(isRegular: true, mode: 0o604)))
        #expect(source.standing(of: "ca") != source.standing(of: "ca/x.pem"))
        #expect(source.standing(of: "ca/y.pem") == .missing)
    }
}
