// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Partners
import Testing
import eigctl

@Suite("The manual pages and the completion")
struct ManualTests {
    static func text(_ path: String) throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return String(decoding: try FileStore.read("/\(root)/\(path)"), as: UTF8.self)
    }

    /// The literal blocks of a page, as they are typed.
    static func examples(_ page: String) throws -> [String] {
        try text(page).split(separator: ".Bd -literal -offset indent\n").dropFirst().map { part in
            part.split(separator: "\n.Ed")[0] + "\n"
        }.map(String.init)
    }

    @Test("name each verb and each of its options", arguments: Verb.all.map(\.words))
    func options(_ words: [String]) throws {
        let verb = try #require(Verb.named(words))
        let page = try Self.text("docs/man/eigctl.1")
        let completion = try Self.text("etc/bash-completion/eigctl")
        #expect(page.contains(".Nm\n.Cm \(verb.name)\n"))
        #expect(page.contains("\n.It Cm \(verb.name)"))
        for word in words { #expect(completion.contains(word)) }
        for option in verb.options + OptionRule.common {
            #expect(page.contains("Fl \(option.name.dropFirst())"), "\(option.name)")
            #expect(completion.contains(option.name), "\(option.name)")
        }
    }

    @Test("show partner files that are right")
    func partnerExamples() throws {
        let examples = try Self.examples("docs/man/eig-partner.5")
        #expect(examples.count == 2)
        for (text, id) in zip(examples, ["payfast", "mobicash"]) {
            let outcome = PartnerFile.parse(text, fileName: "\(id).toml")
            #expect(outcome.diagnostics.isEmpty, "\(DiagnosticRenderer().text(outcome.diagnostics))")
            #expect(outcome.partner?.id.rawValue == id)
        }
    }

    @Test("show program files that are right")
    func programExamples() throws {
        let gateway = GatewayFile.parse(try #require(try Self.examples("docs/man/eigd.toml.5").first))
        #expect(gateway.diagnostics.isEmpty, "\(DiagnosticRenderer().text(gateway.diagnostics))")
        let host = HostFile.parse(try #require(try Self.examples("docs/man/jumpd.toml.5").first))
        #expect(host.diagnostics.isEmpty, "\(DiagnosticRenderer().text(host.diagnostics))")
    }

    @Test("show a file for the gate that is right")
    func gateExample() throws {
        let example = try #require(try Self.examples("docs/man/eigctl.1").first { $0.hasPrefix("gate ") })
        let outcome = JumpFile.parse(example)
        #expect(outcome.diagnostics.isEmpty, "\(DiagnosticRenderer().text(outcome.diagnostics))")
        #expect(outcome.file?.gate.host == "jump.edge.example")
    }

    static let pages = [
        ("docs/man/eig-partner.5", "etc/partners.d/payfast.toml.example"),
        ("docs/man/eig-partner.5", "etc/partners.d/mobicash.toml.example"),
        ("docs/man/eigd.toml.5", "etc/eigd.toml"), ("docs/man/jumpd.toml.5", "etc/jumpd.toml"),
    ]

    @Test("explain every key of the annotated examples", arguments: pages)
    func keys(_ page: String, _ example: String) throws {
        let manual = try Self.text(page)
        let items = manual.split(separator: "\n").filter { $0.hasPrefix(".It Ic ") || $0.hasPrefix(".Sh [") }
        let explained = Set(items.flatMap { $0.split { " ,[]".contains($0) }.map(String.init) })
        for line in try Self.text(example).split(separator: "\n")
        where line.first?.isLetter == true || line.hasPrefix("[") {
            let key = line.hasPrefix("[") ? line.split { "[]".contains($0) }[0] : line.split { " =".contains($0) }[0]
            #expect(explained.contains(String(key)), "\(example): \(line)")
        }
    }

    @Test("the completion offers the states there are")
    func states() throws {
        let verb = try #require(Verb.named(["callbacks", "list"]))
        let rule = try #require(verb.options.first { $0.name == "--state" })
        let states = rule.summary.split(separator: ": ")[1].split(separator: ", ").joined(separator: " ")
        #expect(try Self.text("etc/bash-completion/eigctl").contains("\"\(states)\""))
    }
}
