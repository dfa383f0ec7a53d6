// SPDX-License-Identifier: Apache-2.0
import Foundation
import FuzzProperties
import Testing

/// What the fuzzers have found once, and what they start from, against the same properties.
@Suite("What a fuzzer has found")
struct FuzzFindingsTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fuzz/Findings")

    static let names: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return names.filter { $0.hasPrefix("Fuzz") }.sorted()
    }()

    @Test("stays mended", arguments: names)
    func replay(_ name: String) throws {
        let bytes = [UInt8](try Data(contentsOf: Self.folder.appending(path: name)))
        switch name.prefix(while: { $0 != "-" }) {
        case "FuzzRequest": RequestProperties.check(bytes.span)
        case "FuzzResponse": ResponseProperties.check(bytes.span)
        case "FuzzBody": BodyProperties.check(bytes.span)
        default: Issue.record("no fuzzer is called so")
        }
    }

    @Test("is kept where this looks for it")
    func isThere() { #expect(!Self.names.isEmpty) }

    @Test("would be found again in messages drawn at random", arguments: UInt64(1)...200)
    func drawn(seed: UInt64) {
        var source = MessageSource(seed: seed)
        var bytes = Array(source.request().text.utf8)
        for _ in 0..<Int.random(in: 0...2, using: &source.random) {
            bytes.remove(at: Int.random(in: bytes.indices, using: &source.random))
        }
        RequestProperties.check(bytes.span)
    }
}
