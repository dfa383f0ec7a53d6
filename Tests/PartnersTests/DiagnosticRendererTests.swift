// SPDX-License-Identifier: Apache-2.0
import Foundation
import Partners
import Testing

@Suite("Diagnostics, shown")
struct DiagnosticRendererTests {
    static let diagnostics = PartnerFile.parse(
        "id = \"acme\"\n\troles = [\"sned\"]\n",
        fileName: "partners.d/acme.toml"
    ).diagnostics

    @Test("give place, message, code, line, caret and hint")
    func text() throws {
        let found = try #require(Self.diagnostics.first { $0.code == .choice })
        #expect(
            DiagnosticRenderer().text(found) == """
                partners.d/acme.toml:2:11: error: `roles` cannot be "sned" [E-CHOICE]
                 2 | \troles = ["sned"]
                   | \t         ^
                  hint: did you mean "send"?

                """
        )
    }

    @Test("have colours only when asked")
    func colours() throws {
        let found = try #require(Self.diagnostics.first { $0.code == .choice })
        #expect(!DiagnosticRenderer().text(found).contains("\u{1b}"))
        let painted = DiagnosticRenderer(usesColour: true).text(found)
        #expect(painted.contains("\u{1b}[1;31merror\u{1b}[0m: "))
        #expect(painted.contains("\u{1b}[1;32m^\u{1b}[0m"))
        let plain = painted.replacing(/\u{1b}\[[0-9;]*m/, with: "")
        #expect(plain == DiagnosticRenderer().text(found))
    }

    @Test("never bring a control character of a file to the terminal")
    func controls() {
        let found = PartnerFile.parse("id = 4 # \u{1b}[2J\u{9b}", fileName: "x.toml").diagnostics
        #expect(!found.isEmpty)
        let shown = DiagnosticRenderer().text(found)
        #expect(!shown.unicodeScalars.contains("\u{1b}") && !shown.unicodeScalars.contains("\u{9b}"))
        let unknown = PartnerFile.parse("\"a\\u001bb\" = 4", fileName: "x.toml").diagnostics
        #expect(!DiagnosticRenderer().text(unknown).unicodeScalars.contains("\u{1b}"))
    }

    @Test("are one JSON object with the schema and stable codes")
    func json() {
        let found = Self.diagnostics.filter { $0.code == .choice }
        let text = String(decoding: DiagnosticDocument(found).encoded(), as: UTF8.self)
        let want =
            #"{"diagnostics":[{"code":"E-CHOICE","column":11,"file":"partners.d/acme.toml","#
            + #""hint":"did you mean \"send\"?","line":2,"message":"`roles` cannot be \"sned\"","severity":"error"}],"#
            + #""ok":false,"schema":"eig/1"}"#
        #expect(text == want)
        let empty = String(decoding: DiagnosticDocument([]).encoded(), as: UTF8.self)
        #expect(empty == #"{"diagnostics":[],"ok":true,"schema":"eig/1"}"#)
    }

    @Test("have codes whose first letter is their severity, each once")
    func codes() {
        for code in DiagnosticCode.allCases {
            #expect(code.rawValue.hasPrefix(code.severity == .error ? "E-" : "W-"))
            #expect(code.rawValue.wholeMatch(of: /[EW](-[A-Z]+)+/) != nil)
        }
    }
}
