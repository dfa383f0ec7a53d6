// SPDX-License-Identifier: Apache-2.0
import ConfigurationFolder
import Foundation
import Partners
import Testing

@Suite("A secret that systemd hands over")
struct HandedSecretTests {
    /// The examples with every secret of the gateway's a credential.
    static func source() throws -> MemorySource {
        var source = try Examples.source()
        for (path, old, new) in [
            ("eigd.toml", "\"edge.key\"", "\"credential:server.key\""),
            ("partners.d/payfast.toml", "\"payfast.credential\"", "\"credential:payfast\""),
            ("partners.d/payfast.toml", "\"payfast-out\"", "\"credential:payfast-out\""),
            ("partners.d/payfast.toml", "\"payfast-t1.psk\"", "\"credential:payfast-t1.psk\""),
        ] {
            let text = String(decoding: try #require(source.files[path]).bytes, as: UTF8.self)
            try #require(text.contains(old))
            source.files[path] = .init(text.replacing(old, with: new))
        }
        for name in ["identities/edge.key", "identities/payfast-out.key", "secrets/payfast-t1.psk"] {
            source.files[name] = nil
        }
        return source
    }

    /// What systemd would have put into the folder of credentials.
    static func hand(_ names: [String], to source: inout MemorySource) throws {
        let examples = try Examples.source().files
        let contents = [
            "server.key": "identities/edge.key", "payfast": "credentials/payfast.credential",
            "payfast-out.key": "identities/payfast-out.key",
        ]
        for name in names { source.files["credential:\(name)"] = examples[try #require(contents[name])] }
    }

    @Test("is as good as a file, and its certificate stays a file")
    func handed() throws {
        var source = try Self.source()
        try Self.hand(["server.key", "payfast", "payfast-out.key"], to: &source)
        let outcome = Configuration.load(from: source, now: Examples.now, requiring: [.gateway])
        #expect(outcome.diagnostics == [])
        #expect(outcome.configuration?.credentials["credential:payfast"]?.user == "payfast")
        #expect(ConfigurationPath.identityCertificate("credential:payfast-out") == "identities/payfast-out.pem")
        #expect(ConfigurationPath.identityKey("credential:payfast-out") == "credential:payfast-out.key")
    }

    @Test("and is missing is told where it is named, with the line the unit lacks")
    func missing() throws {
        let source = try Self.source()
        let outcome = Configuration.load(from: source, now: Examples.now, requiring: [.gateway])
        #expect(outcome.configuration == nil)
        #expect(Set(outcome.diagnostics.map(\.code)) == [.credentialMissing])
        let shown = outcome.diagnostics.map { "\($0.file): \($0.message)" }
        #expect(
            shown == [
                "eigd.toml: systemd handed over no credential server.key",
                "partners.d/payfast.toml: systemd handed over no credential payfast",
                "partners.d/payfast.toml: systemd handed over no credential payfast-out.key",
            ]
        )
        #expect(outcome.diagnostics.allSatisfy { $0.line > 1 && $0.hint.contains("systemctl edit eigd") })
        #expect(outcome.diagnostics.first?.hint.contains("LoadCredential=server.key:") == true)
    }

    @Test(
        "is not missed by who is handed none",
        arguments: [[], [.host], [.gateway, .host]] as [Set<Configuration.Requirement>]
    )
    func others(_ requiring: Set<Configuration.Requirement>) throws {
        let outcome = try Configuration.load(from: Self.source(), now: Examples.now, requiring: requiring)
        #expect(outcome.diagnostics == [])
    }

    @Test("is looked into like a file")
    func judged() throws {
        var source = try Self.source()
        try Self.hand(["server.key", "payfast", "payfast-out.key"], to: &source)
        source.files["credential:server.key"] = .init("hello")
        source.files["credential:payfast"] = .init("payfast:hunter2\n")
        let outcome = Configuration.load(from: source, now: Examples.now, requiring: [.gateway])
        #expect(outcome.diagnostics.map(\.code) == [.notPEM, .credentialPlain])
    }

    @Test(
        "has the name of a file, and no folder of its own",
        arguments: [
            "credential:", "credential:a/b", "credential:../key", "credential:a:b", "Credential:a", "credential: a",
        ]
    )
    func named(_ value: String) throws {
        var source = try Examples.source()
        let text = String(decoding: try #require(source.files["eigd.toml"]).bytes, as: UTF8.self)
        source.files["eigd.toml"] = .init(text.replacing("\"edge.key\"", with: "\"\(value)\""))
        let outcome = Configuration.load(from: source, now: Examples.now, requiring: [.gateway])
        #expect(outcome.diagnostics.map(\.code) == [.fileName])
    }

    @Test("is no place for what is public: certificates are files")
    func certificates() throws {
        var source = try Examples.source()
        let text = String(decoding: try #require(source.files["eigd.toml"]).bytes, as: UTF8.self)
        source.files["eigd.toml"] = .init(text.replacing("\"edge.pem\"", with: "\"credential:edge.pem\""))
        let outcome = Configuration.load(from: source, now: Examples.now, requiring: [.gateway])
        #expect(outcome.diagnostics.map(\.code) == [.fileName])
    }

    @Test("is read from the folder that systemd names, and from nowhere without one")
    func folder() throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "eig-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }
        for name in ["etc", "handed"] {
            try FileManager.default.createDirectory(
                at: place.appending(path: name),
                withIntermediateDirectories: true
            )
        }
        try Data("key".utf8).write(to: place.appending(path: "handed/server.key"))
        let etc = place.appending(path: "etc").path()
        let with = FolderSource(etc, credentials: place.appending(path: "handed").path())
        #expect(with.read("credential:server.key", limitBytes: 10) == .bytes(Array("key".utf8)))
        #expect(with.read("credential:other", limitBytes: 10) == .missing)
        let without = FolderSource(etc, credentials: nil)
        #expect(without.read("credential:server.key", limitBytes: 10) == .missing)
        #expect(without.standing(of: "credential:server.key") == .missing)
    }
}
