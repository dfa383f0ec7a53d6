// SPDX-License-Identifier: Apache-2.0
import Base
import Foundation
import Partners
import Testing

/// The annotated examples that are installed with the packages.
enum Examples {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "etc")

    static func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appending(path: path), encoding: .utf8)
    }

    /// The examples as an operator would install them, with everything they name beside them.
    static func source() throws -> MemorySource {
        let certificate = { (id: String) in "-----BEGIN CERTIFICATE-----\n\(id)\n-----END CERTIFICATE-----\n" }
        let key = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"
        var files: [String: MemorySource.File] = [:]
        files["eigd.toml"] = try .init(text("eigd.toml"))
        files["jumpd.toml"] = try .init(text("jumpd.toml"))
        for id in ["payfast", "mobicash"] {
            files["partners.d/\(id).toml"] = try .init(text("partners.d/\(id).toml.example"))
            files["ca/\(id)-ca.pem"] = .init(certificate(id), mode: 0o644)
            files["identities/\(id)-out.pem"] = .init(certificate("AA=="), mode: 0o644)
            files["identities/\(id)-out.key"] = .init(key)
        }
        files["identities/edge.pem"] = .init(certificate("AA=="), mode: 0o644)
        files["identities/edge.key"] = .init(key)
        files["credentials/payfast.credential"] = .init("payfast:\(Examples.hash)\n")
        files["secrets/payfast-t1.psk"] = .init("0x0123456789abcdef\n")
        return MemorySource(files)
    }

    static let hash = "$6$saltsalt$" + String(repeating: "a", count: 86)
    static let now = WallInstant(year: 2026, month: 7, day: 1) ?? WallInstant(seconds: 0)
}

@Suite("The examples in etc/")
struct ExampleTests {
    @Test("load as one configuration without a word")
    func load() throws {
        let outcome = try Configuration.load(
            from: Examples.source(),
            now: Examples.now,
            requiring: [.gateway, .host]
        )
        #expect(outcome.diagnostics == [])
        #expect(outcome.configuration?.partners.map(\.id.rawValue) == ["mobicash", "payfast"])
        #expect(outcome.configuration?.credentials["payfast.credential"]?.user == "payfast")
        #expect(outcome.configuration?.authorities.keys.sorted() == ["mobicash-ca.pem", "payfast-ca.pem"])
    }

    @Test("show the defaults: without its optional tables eigd.toml means the same")
    func defaults() throws {
        let text = try Examples.text("eigd.toml")
        let optional = ["[workers]", "[timeouts]", "[limits]", "[store]", "[log]"]
        var isKept = true
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            if line.hasPrefix("[") { isKept = !optional.contains(String(line)) }
            return isKept
        }
        let full = GatewayFile.parse(text)
        let short = GatewayFile.parse(lines.joined(separator: "\n"))
        #expect(full.file != nil)
        #expect(short.diagnostics == [])
        #expect(full.file == short.file)
    }
}
