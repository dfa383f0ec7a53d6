// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// One text file of the repository.
struct TextFile: Sendable, CustomTestStringConvertible {
    /// Relative to the repository's root.
    let path: String
    let text: String
    let lines: [Substring]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    var testDescription: String { path }
    var folders: [Substring] { path.split(separator: "/").dropLast() }
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The target a file below `Sources/`, `Tests/` or `Benchmarks/` belongs to.
    var target: String {
        guard folders.count >= 2 else { return "" }
        return Tree.placed[folders[0] + "/" + folders[1]] ?? String(folders[1])
    }

    /// Numbered lines with `word` in them; quick where there is none, as nearly everywhere.
    func lines(with word: String) -> [(number: Int, text: Substring)] {
        guard text.contains(word) else { return [] }
        return lines.enumerated().filter { $0.element.contains(word) }.map { ($0.offset + 1, $0.element) }
    }

    /// The same without lines that are nothing but a comment.
    func code(with word: String) -> [(number: Int, text: Substring)] {
        lines(with: word).filter { !$0.text.drop(while: \.isWhitespace).hasPrefix("//") }
    }
}

/// The repository as it lies on disk: what the tests of this folder examine.
enum Tree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Folders that hold nothing of ours.
    private static let skipped: Set<String> = [".build", ".git", ".pytest_cache", "__pycache__"]

    /// Every text file of the repository, sorted by path.
    static let files: [TextFile] = {
        var found: [TextFile] = []
        var pending = [""]
        while let folder = pending.popLast() {
            let names =
                (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path())) ?? []
            for name in names where !skipped.contains(name) {
                let path = folder.isEmpty ? name : "\(folder)/\(name)"
                let url = root.appending(path: path)
                if (try? url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true {
                    pending.append(path)
                } else if let text = try? String(contentsOf: url, encoding: .utf8) {
                    found.append(TextFile(path: path, text: text))
                }
            }
        }
        return found.sorted { $0.path < $1.path }
    }()

    static let swift = files.filter { $0.name.hasSuffix(".swift") }
    static let sources = swift.filter { $0.path.hasPrefix("Sources/") || $0.path.hasPrefix("Benchmarks/") }
    static let tests = swift.filter { $0.path.hasPrefix("Tests/") }
    static let shims = files.filter { file in
        file.path.hasPrefix("Sources/") && [".c", ".cpp", ".h"].contains { file.name.hasSuffix($0) }
    }
    /// Targets that do not lie in a folder of their name, by their folder.
    static let placed: [Substring: String] = {
        guard let manifest = files.first(where: { $0.path == "Package.swift" }) else { return [:] }
        let places = manifest.text.matches(of: /\b(?:house|program)\(\s*"([\w-]+)",\s*\[[^\]]*\],\s*path:\s*"([^"]+)"/)
        return Dictionary(uniqueKeysWithValues: places.map { ($0.2, String($0.1)) })
    }()

    static let documents = files.filter { $0.name.hasSuffix(".md") }

    static func file(_ path: String) throws -> TextFile {
        try #require(files.first { $0.path == path }, "\(path) is missing")
    }
}

@Suite("The tree's reader")
struct TreeReaderTests {
    @Test("finds the files the other tests are about")
    func findsFiles() throws {
        #expect(Tree.sources.count > 20)
        #expect(Tree.shims.count > 5)
        _ = try Tree.file("Package.swift")
        _ = try Tree.file("README.md")
    }
}
