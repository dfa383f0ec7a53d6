// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite("Every source file")
struct SourceTests {
    /// The targets that may import C and say `unsafe`, and the files outside them that may say it.
    static let fences: Set<String> = ["LinuxIO", "Netfilter", "SQLite", "Systemd", "TLS", "TOML"]
    static let unsafeFiles: Set<String> = [
        "Sources/Base/ByteBuffer.swift", "Sources/Base/ByteBufferPool.swift", "Sources/Base/WideBytes.swift",
    ]

    static let outsideFences = Tree.sources.filter { !fences.contains($0.target) }

    @Test("imports C only inside a fence", arguments: outsideFences)
    func importsC(_ file: TextFile) {
        for (number, text) in file.code(with: "import ") {
            let isImport = text.contains("import Glibc") || text.contains(/import C[A-Z]/)
            #expect(!isImport, "\(file.path):\(number)")
        }
    }

    @Test("says unsafe only inside a fence", arguments: outsideFences.filter { !unsafeFiles.contains($0.path) })
    func saysUnsafe(_ file: TextFile) {
        for (number, text) in file.code(with: "unsafe") {
            #expect(!text.contains(/\bunsafe\s/) && !text.contains("nonisolated(unsafe)"), "\(file.path):\(number)")
        }
        for (number, _) in file.code(with: "@unchecked Sendable") { Issue.record("\(file.path):\(number)") }
    }

    @Test("imports nothing of Foundation but its essentials", arguments: Tree.sources)
    func importsFoundation(_ file: TextFile) {
        for (number, text) in file.code(with: "import ") {
            let isWhole = text.contains(/import (Foundation|Dispatch|FoundationNetworking)$/)
            #expect(!isWhole, "\(file.path):\(number)")
        }
    }

    @Test("has no leftovers", arguments: Tree.sources)
    func leftovers(_ file: TextFile) {
        for word in ["FIXME", "XXX", "TODO", "try!", "as!"] {
            for (number, _) in file.lines(with: word) { Issue.record("\(file.path):\(number): \(word)") }
        }
        for (number, text) in file.code(with: "rint(") {
            #expect(!text.contains(/(^|[^.\w])(debugP|p)rint\(/), "\(file.path):\(number): print(")
        }
        for (number, text) in file.code(with: "catch") {
            #expect(!text.contains(/catch\s*\{\s*\}/), "\(file.path):\(number): an error is swallowed")
        }
    }

    @Test("begins with its licence", arguments: Tree.swift + Tree.shims)
    func licence(_ file: TextFile) {
        // A manifest's first line is its tools version.
        let line = file.path == "Package.swift" ? 1 : 0
        #expect(file.lines[line].contains("SPDX-License-Identifier: Apache-2.0"), "\(file.path)")
    }

    /// Files that are longer than ``lineCountMax``, and why.
    static let longFiles: [String: String] = [:]
    static let lineCountMax = 400

    @Test("is short enough to be read", arguments: Tree.swift + Tree.shims)
    func length(_ file: TextFile) {
        let isListed = Self.longFiles.keys.contains(file.path)
        #expect((file.lines.count > Self.lineCountMax) == isListed, "\(file.path): \(file.lines.count) lines")
    }

    /// systemd is *the* service manager; everything else that manages should say what it does.
    static let managers: Set<String> = ["Sources/Systemd/ServiceManager.swift"]

    @Test("is named for one thing", arguments: Tree.sources.filter { !managers.contains($0.path) })
    func naming(_ file: TextFile) {
        for word in ["Utils", "Helpers", "Extensions", "Manager", "Misc"] {
            #expect(!file.name.contains(word), "\(file.path): \(word)")
        }
    }
}
