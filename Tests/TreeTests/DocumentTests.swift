// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite("The documents")
struct DocumentTests {
    @Test("link only to what exists", arguments: Tree.documents)
    func links(_ page: TextFile) {
        var isCode = false
        for (index, line) in page.lines.enumerated() {
            if line.hasPrefix("```") { isCode.toggle() }
            if isCode { continue }
            for match in line.matches(of: /\]\(([^)\s]+)\)/) {
                let link = String(match.1)
                if link.hasPrefix("https://") || link.hasPrefix("mailto:") { continue }
                let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let folder = page.folders.joined(separator: "/")
                let target =
                    parts[0].isEmpty
                    ? Tree.root.appending(path: page.path)
                    : Tree.root.appending(path: folder).appending(path: String(parts[0])).standardizedFileURL
                #expect(FileManager.default.fileExists(atPath: target.path()), "\(page.path):\(index + 1): \(link)")
                if parts.count == 2, target.path().hasSuffix(".md") {
                    #expect(Self.anchors(target).contains(String(parts[1])), "\(page.path):\(index + 1): \(link)")
                }
            }
        }
    }

    @Test("name only files and scenarios that exist", arguments: Tree.documents)
    func paths(_ page: TextFile) {
        for (index, line) in page.lines.enumerated() where line.contains("`") {
            for match in line.matches(of: /`((?:Sources|Tests|Benchmarks|docs|etc|demo|deps)\/[^`<]+|test_\w+)`/) {
                let name = String(match.1)
                let path = name.hasPrefix("test_") ? "Tests/EndToEnd/\(name).py" : name
                let exists = FileManager.default.fileExists(atPath: Tree.root.appending(path: path).path())
                #expect(exists, "\(page.path):\(index + 1): \(name)")
            }
        }
    }

    /// The anchors a page's headings make, as forges compute them.
    static func anchors(_ page: URL) -> Set<String> {
        guard let text = try? String(contentsOf: page, encoding: .utf8) else { return [] }
        return Set(
            text.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
                line.drop { $0 == "#" || $0 == " " }.lowercased()
                    .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
                    .replacing(" ", with: "-")
            }
        )
    }

    @Test("name only commands the Makefile has", arguments: Tree.documents)
    func commands(_ page: TextFile) throws {
        let verbs = Set(
            try Tree.file("Makefile").lines.compactMap { line in
                line.firstMatch(of: /^([a-z][a-z-]*):/).map { String($0.1) }
            }
        )
        #expect(verbs.isSuperset(of: ["demo", "test", "check", "build"]))
        for (number, line) in page.lines(with: "make ") {
            for match in line.matches(of: /(?:`|^\s*\$?\s*)make ([a-z][a-z-]*)/) {
                #expect(verbs.contains(String(match.1)), "\(page.path):\(number): make \(match.1)")
            }
        }
    }

    @Test("README names the two commands, and every document is reachable from it")
    func readme() throws {
        let readme = try Tree.file("README.md")
        for command in ["make demo", "make test"] {
            #expect(readme.lines.contains { $0.contains(command) }, "\(command)")
        }
        var reached: Set<String> = []
        var pending = ["README.md"]
        while let path = pending.popLast() {
            guard reached.insert(path).inserted, let page = Tree.documents.first(where: { $0.path == path }) else {
                continue
            }
            for link in page.lines.flatMap({ $0.matches(of: /\]\(([^)#\s]+)/).map { String($0.1) } }) {
                let folder = Tree.root.appending(path: page.folders.joined(separator: "/"))
                let target = folder.appending(path: link).standardizedFileURL.path()
                pending += Tree.documents.map(\.path).filter { Tree.root.appending(path: $0).path() == target }
            }
        }
        let lost = Tree.documents.map(\.path).filter { !reached.contains($0) }
        #expect(lost.isEmpty)
    }

    @Test("list every RFC the sources cite", arguments: Tree.sources + Tree.shims)
    func citations(_ file: TextFile) throws {
        let table = try Tree.file("docs/RFCs.md").text
        for (number, line) in file.lines(with: "RFC ") {
            for match in line.matches(of: /RFC (\d{3,5})/) {
                #expect(table.contains("RFC \(match.1)"), "\(file.path):\(number): RFC \(match.1)")
            }
        }
    }

    @Test("and everything else keep to house words", arguments: Tree.documents)
    func words(_ page: TextFile) {
        for (index, line) in page.lines.enumerated() {
            guard line.contains("hitelist") else { continue }
            // The module has that name; prose does not.
            let prose = line.replacing(/`[^`]*`/, with: "").lowercased()
            #expect(!prose.contains("whitelist"), "\(page.path):\(index + 1): say allow-list")
        }
    }
}

@Suite("Nothing in the tree")
struct PrivacyTests {
    /// A path of somebody's own machine means nothing on another.
    @Test("names a path of one machine", arguments: Tree.files)
    func paths(_ file: TextFile) {
        for folder in ["home", "root", "Users", "mnt", "work"] {
            for (number, line) in file.lines(with: "/\(folder)") {
                let isPrivate = line.contains(#/(^|[\s"'=(`])/(?:home|root|Users|mnt|work\w*)//#)
                #expect(!isPrivate, "\(file.path):\(number): \(line)")
            }
        }
    }

    @Test("points outside the repository", arguments: Tree.documents)
    func outside(_ file: TextFile) {
        let depth = file.folders.count
        for (index, line) in file.lines.enumerated() {
            for match in line.matches(of: /(?:\.\.\/)+/) {
                #expect(match.0.count / 3 <= depth, "\(file.path):\(index + 1): \(line)")
            }
        }
    }

    /// Private keys are made when a test or the demonstration runs, never kept.
    @Test("holds a private key", arguments: Tree.files.filter { !$0.path.hasPrefix("Tests/TreeTests/") })
    func keys(_ file: TextFile) {
        for (number, line) in file.lines(with: "PRIVATE KEY") {
            #expect(!line.contains(/^-+BEGIN [A-Z ]*PRIVATE KEY/), "\(file.path):\(number)")
        }
    }
}
