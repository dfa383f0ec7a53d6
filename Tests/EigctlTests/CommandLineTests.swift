// SPDX-License-Identifier: Apache-2.0
import Control
import Testing
import eigctl

@Suite("The command line")
struct CommandLineTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        let says: String
        let hint: String
        var testDescription: String { "eigctl \(arguments.joined(separator: " "))" }
    }

    static let wrong = [
        Wrong(arguments: [], says: "say what to do", hint: "see `eigctl --help`"),
        Wrong(arguments: ["callbacks"], says: "say what to do with callbacks", hint: "see `eigctl callbacks --help`"),
        Wrong(arguments: ["statsu"], says: "there is no verb `statsu`", hint: "did you mean `status`?"),
        Wrong(arguments: ["zzz"], says: "there is no verb `zzz`", hint: "see `eigctl --help`"),
        Wrong(arguments: ["callbacks", "lst"], says: "there is no verb `callbacks lst`", hint: "did you mean `list`?"),
        Wrong(arguments: ["a\u{1b}[2J"], says: "there is no verb `a?[2J`", hint: "see `eigctl --help`"),
        Wrong(
            arguments: ["status", "--jsno"],
            says: "there is no option `--jsno` here",
            hint: "did you mean `--json`?"
        ),
        Wrong(arguments: ["--limit", "3", "status"], says: "there is no option `--limit` here", hint: "see"),
        Wrong(arguments: ["status", "--json=1"], says: "`--json` takes no value", hint: ""),
        Wrong(arguments: ["status", "--timeout"], says: "`--timeout` needs a value: `--timeout TIME`", hint: ""),
        Wrong(arguments: ["status", "--timeout="], says: "`--timeout` needs a value", hint: ""),
        Wrong(arguments: ["status", "--timeout", "soon"], says: "`--timeout` is `soon`", hint: "write a time such as"),
        Wrong(
            arguments: ["status", "--config", "a", "--config", "b"],
            says: "`--config` is given twice",
            hint: ""
        ),
        Wrong(arguments: ["status", "a", "b"], says: "`status` takes no `b`", hint: "see `eigctl status --help`"),
        Wrong(arguments: ["plan", "a"], says: "`plan` takes no `a`", hint: "see `eigctl plan --help`"),
        Wrong(arguments: ["plan", "--only", "x"], says: "`--only` is `x`", hint: "write `--only eigd`"),
        Wrong(arguments: ["callbacks", "show"], says: "`callbacks show` needs ID", hint: "see"),
        Wrong(
            arguments: ["callbacks", "show", "7"],
            says: "`7` is not the id of a callback",
            hint: "`eigctl callbacks"
        ),
        Wrong(arguments: ["callbacks", "list", "--limit", "0"], says: "`--limit` is `0`", hint: "from 1 to 1000"),
        Wrong(
            arguments: ["callbacks", "list", "--state", "lost"],
            says: "`--state` is `lost`",
            hint: "pending, ready"
        ),
        Wrong(arguments: ["credential"], says: "`credential` needs USER", hint: "see"),
        Wrong(arguments: ["credential", "a:b"], says: "the user name must be", hint: ""),
        Wrong(arguments: ["credential", "a", "--scheme", "md5"], says: "`--scheme` is `md5`", hint: "`terrapay`"),
    ]

    @Test("that is wrong ends with 64, a reason and a way on", arguments: wrong)
    func refuses(_ testCase: Wrong) throws {
        let ran = bench.run(testCase.arguments)
        #expect(ran.status == .usage)
        #expect(ran.output.isEmpty)
        #expect(ran.error.hasPrefix("eigctl: error: \(testCase.says)"), "\(ran.error)")
        #expect(ran.error.contains(testCase.hint), "\(ran.error)")

        let json = bench.run(["--json"] + testCase.arguments)
        #expect(json.status == .usage)
        #expect(json.error.isEmpty)
        #expect(try json.document(ErrorDocument.self).error.code == "usage")
    }

    @Test("takes options before the verb, behind it, with = and without")
    func anywhere() throws {
        for arguments in [
            ["--config", "/nowhere/a", "check"], ["check", "--config", "/nowhere/a"], ["check", "--config=/nowhere/a"],
        ] {
            let ran = bench.run(arguments)
            #expect(ran.status == .error)
            #expect(ran.error.contains("/nowhere/a: No such file or directory"))
        }
    }

    @Test("takes what follows -- as operands")
    func endOfOptions() {
        #expect(bench.run(["check", "--", "--json"]).error.contains("--json: No such file or directory"))
    }

    @Test("shows its version")
    func version() {
        let ran = bench.run(["--version"])
        #expect(ran.status == .ok)
        #expect(ran.output.hasPrefix("eigctl "))
    }
}

@Suite("Help")
struct HelpTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    @Test("of each verb names every option it takes", arguments: Verb.all.map(\.words))
    func options(_ words: [String]) throws {
        let verb = try #require(Verb.named(words))
        let ran = bench.run(words + ["--help"])
        #expect(ran.status == .ok)
        #expect(ran.error.isEmpty)
        for option in verb.options + OptionRule.common {
            let value = option.value.map { option.isValueOptional ? "[=\($0)]" : " \($0)" } ?? ""
            #expect(ran.output.contains("\(option.name)\(value) "), "\(option.name)")
        }
        for line in ran.output.split(separator: "\n") where !line.hasPrefix("  ") { #expect(line.count <= 80) }
    }

    /// Runs every example as far as reading it goes.
    @Test("shows examples that are understood", arguments: Verb.all.map(\.words))
    func examples(_ words: [String]) throws {
        let verb = try #require(Verb.named(words))
        #expect(!verb.examples.isEmpty)
        for example in verb.examples {
            let typed = Self.words(String(example.split { "<>".contains($0) }[0]))
            #expect(typed.first == "eigctl")
            let ran = bench.run(typed.dropFirst() + ["--help"])
            #expect(ran.status == .ok, "\(example): \(ran.error)")
            #expect(ran.output.hasPrefix("Usage: eigctl \(verb.name)"))
        }
    }

    /// As a shell would split it that knows of double quotes only.
    private static func words(_ line: String) -> [String] {
        line.split(separator: "\"", omittingEmptySubsequences: false).enumerated().flatMap { index, part in
            index.isMultiple(of: 2) ? part.split(separator: " ").map(String.init) : [String(part)]
        }
    }

    @Test("is as agreed")
    func golden() throws {
        try expectGolden(bench.run(["--help"]).output, "help.txt")
        try expectGolden(bench.run(["callbacks", "--help"]).output, "help-callbacks.txt")
        try expectGolden(bench.run(["apply", "--help"]).output, "help-apply.txt")
    }
}
