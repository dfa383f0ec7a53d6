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
        let certificate = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"
        let key = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"
        var files: [String: MemorySource.File] = [:]
        files["eigd.toml"] = try .init(text("eigd.toml"))
        files["jumpd.toml"] = try .init(text("jumpd.toml"))
        for id in ["payfast", "mobicash"] {
            files["partners.d/\(id).toml"] = try .init(text("partners.d/\(id).toml.example"))
            files["ca/\(id)-ca.pem"] = .init(certificate, mode: 0o644)
            files["identities/\(id)-out.pem"] = .init(certificate, mode: 0o644)
            files["identities/\(id)-out.key"] = .init(key)
        }
        files["identities/edge.pem"] = .init(certificate, mode: 0o644)
        files["identities/edge.key"] = .init(key)
        files["credentials/payfast.credential"] = .init("payfast:\(Examples.hash)\n")
        files["secrets/payfast-t1.psk"] = .init("Zk7pQ2vXr9sW4mTb8nLc3hYd6gJf1uEa\n")
        return MemorySource(files)
    }

    /// `jumpd.toml` with everything that is optional in it.
    static func gateText() throws -> String {
        try text("jumpd.toml").components(separatedBy: "\n").map { line in
            let rest = line.dropFirst()
            let isSetting = line.hasPrefix("#") && rest.first.map { $0 == "[" || $0.isLetter } ?? false
            return isSetting ? String(rest) : line
        }.joined(separator: "\n")
    }

    /// As ``source()``, with a gate.
    static func gateSource() throws -> MemorySource {
        var source = try source()
        source.files["jumpd.toml"] = try .init(gateText())
        for name in ["ca/admins-ca", "ca/db-ca", "ca/logs-ca", "identities/jump", "identities/jump-logs"] {
            let body = name == "ca/admins-ca" ? "AQ==" : "AA=="
            let text = "-----BEGIN CERTIFICATE-----\n\(body)\n-----END CERTIFICATE-----\n"
            source.files["\(name).pem"] = .init(text, mode: 0o644)
        }
        for name in ["audit", "jump", "jump-logs"] {
            source.files["identities/\(name).key"] = source.files["identities/edge.key"]
        }
        return source
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
        let optional = ["[tls]", "[workers]", "[timeouts]", "[limits]", "[store]", "[log]"]
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

    struct File: Sendable, CustomTestStringConvertible {
        let path: String
        /// Where else its keys may be explained.
        let other: String
        /// Whether what is commented out in it counts.
        var isWhole = false
        let check: @Sendable (String) -> [Diagnostic]
        var testDescription: String { isWhole ? "\(path), everything in it" : path }
    }

    static let files: [File] = [
        File(path: "eigd.toml", other: "eigd.toml") { GatewayFile.parse($0).diagnostics },
        File(path: "jumpd.toml", other: "jumpd.toml") { HostFile.parse($0).diagnostics },
        File(path: "jumpd.toml", other: "jumpd.toml", isWhole: true) { HostFile.parse($0).diagnostics },
        File(path: "partners.d/payfast.toml.example", other: "partners.d/mobicash.toml.example") {
            PartnerFile.parse($0, fileName: "payfast.toml").diagnostics
        },
        File(path: "partners.d/mobicash.toml.example", other: "partners.d/payfast.toml.example") {
            PartnerFile.parse($0, fileName: "mobicash.toml").diagnostics
        },
    ]

    @Test("explain every key that is known in every table they have", arguments: files)
    func complete(_ file: File) throws {
        let text = try file.isWhole ? Examples.gateText() : Examples.text(file.path)
        let explained = try text + Examples.text(file.other) + Examples.gateText()
        // An unknown key in each table: the hint then names the keys that would be known.
        let lines = text.components(separatedBy: "\n").map { $0.hasPrefix("[") ? "\($0)\nzzzzzzzzzzzz = 1" : $0 }
        let found = file.check("zzzzzzzzzzzz = 1\n" + lines.joined(separator: "\n")).filter { $0.code == .unknownKey }
        #expect(found.count == lines.count { $0.hasSuffix("zzzzzzzzzzzz = 1") } + 1)
        for hint in found.map(\.hint) {
            let keys = try #require(hint.components(separatedBy: "the keys here are ").last).components(
                separatedBy: ", "
            )
            #expect(!keys.isEmpty)
            for key in keys {
                let spellings = [
                    "\n\(key) = ", "\n# \(key) = ", "\n[\(key)]", "\n[[\(key)]]", "\n# [tunnel.\(key)]",
                    "\n[audit.\(key)]",
                ]
                #expect(spellings.contains { explained.contains($0) }, "`\(key)` is not explained")
            }
        }
    }
}
