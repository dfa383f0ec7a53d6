// SPDX-License-Identifier: Apache-2.0
import Testing

/// The target graph: `Package.swift` is the truth, and the sources import exactly what it declares.
@Suite("The arrows between targets")
struct ArrowTests {
    struct Declared: Sendable, CustomTestStringConvertible {
        let name: String
        let dependencies: Set<String>
        var testDescription: String { name }
    }

    /// Targets as `Package.swift` declares them: `house("Name", ["A", "B"])` and its sisters.
    static let declared: [Declared] = {
        guard let manifest = Tree.files.first(where: { $0.path == "Package.swift" }) else { return [] }
        let text = manifest.lines.filter { !$0.hasPrefix("//") }.joined(separator: "\n")
        return text.matches(of: /\b(?:house|program|tests)\(\s*"([\w-]+)",\s*\[([^\]]*)\]/).map { match in
            let names = match.2.matches(of: /"([\w-]+)"/).map { String($0.1) }
            return Declared(name: String(match.1), dependencies: Set(names))
        }
    }()

    /// Every module of this package, shims included.
    static let modules: Set<String> = {
        guard let manifest = Tree.files.first(where: { $0.path == "Package.swift" }) else { return [] }
        let text = manifest.lines.filter { !$0.hasPrefix("//") }.joined(separator: "\n")
        let shims = text.matches(of: /\bshim\("(\w+)"|\.target\(name: "(\w+)"/).compactMap { $0.1 ?? $0.2 }
        return Set(shims.map(String.init)).union(declared.map(\.name))
    }()

    /// What the platform provides, and the targets that may import it.
    static let platform: [String: Set<String>] = [
        "Synchronization": [
            "LinuxIO", "AccessStore", "AuditLog", "Callbacks", "Control", "Edge", "Engine", "Gate",
            "Libreswan", "TLS", "Systemd", "Sandbox", "eigctl", "jumpd",
        ],
        "FoundationEssentials": ["Callbacks", "Control", "Edge", "eigctl", "Sandbox", "jumpd", "Partners"],
        "Glibc": SourceTests.fences,
    ]

    static let accessLevels: Set<String> = ["package", "internal", "private", "fileprivate", "public"]

    static func imports(of target: String) -> Set<String> {
        let files = (Tree.sources + Tree.tests).filter { $0.target == target }
        let names = files.flatMap { file in
            file.code(with: "import").compactMap { line -> String? in
                let words = line.text.split(separator: " ")
                guard let index = words.firstIndex(of: "import"), index + 1 < words.count else { return nil }
                // Only attributes and an access level stand before `import`.
                let isImport = words[..<index].allSatisfy { $0.hasPrefix("@") || accessLevels.contains(String($0)) }
                return isImport ? words.last.map { String($0.prefix { $0 != "." }) } : nil
            }
        }
        return Set(names)
    }

    @Test("are read from the manifest")
    func readsManifest() {
        #expect(Self.declared.contains { $0.name == "Edge" && $0.dependencies.contains("TLS") })
        #expect(Self.imports(of: "edge-load").isSuperset(of: ["BenchmarkKit", "TLS"]))
        #expect(Self.modules.isSuperset(of: ["Base", "COpenSSL", "CTOML", "eigd"]))
    }

    @Test("are imported exactly as declared", arguments: declared.filter { !$0.name.hasSuffix("Tests") })
    func exact(_ target: Declared) {
        let imported = Self.imports(of: target.name).intersection(Self.modules)
        #expect(imported.subtracting(target.dependencies).isEmpty, "imported, not declared")
        #expect(target.dependencies.subtracting(imported).isEmpty, "declared, not imported")
    }

    @Test("leave the platform to those who may use it", arguments: declared.filter { !$0.name.hasSuffix("Tests") })
    func platform(_ target: Declared) {
        for name in Self.imports(of: target.name).subtracting(Self.modules) {
            #expect(Self.platform[name]?.contains(target.name) == true, "imports \(name)")
        }
    }

    @Test("point down only: programs without the network engine stay without it", arguments: ["eigctl", "jumpd"])
    func programs(_ name: String) throws {
        var reached: Set<String> = []
        var pending = [name]
        while let next = pending.popLast() {
            guard reached.insert(next).inserted else { continue }
            pending += Self.declared.first { $0.name == next }.map { Array($0.dependencies) } ?? []
        }
        #expect(!reached.contains("Edge"))
    }

    @Test("keep what reads certificates apart from what holds a capability")
    func capability() {
        // `jumpd enforce` parses nothing a stranger wrote; the other modes hold no capability.
        let imports = ["import TLS", "import TunnelHistory", "import Gate"]
        let files = Tree.sources.filter { file in
            file.path.hasPrefix("Sources/jumpd/") && !file.path.contains("/Tunnel") && !file.path.contains("/Gate")
                && !file.path.contains("/Audit")
        }
        #expect(files.count > 5)
        for file in files {
            #expect(!file.lines.contains { line in imports.contains { line.hasSuffix($0) } }, "\(file.path)")
        }
    }

    @Test("are drawn in the architecture page", arguments: declared.filter { !$0.name.hasSuffix("Tests") })
    func drawn(_ target: Declared) throws {
        let page = try Tree.file("docs/ARCHITECTURE.md")
        #expect(page.lines.contains { $0.contains("`\(target.name)`") }, "docs/ARCHITECTURE.md does not mention it")
    }
}
