// SPDX-License-Identifier: Apache-2.0
internal import Partners

/// A command line, taken apart by the tables of ``Verb`` and ``OptionRule``.
struct ParsedCommand: Sendable {
    /// Nothing for `eigctl` alone, and for the first word of several (`eigctl callbacks --help`).
    var verb: Verb?
    /// The words that named a verb or began to.
    var words: [String] = []
    var values: [String: String] = [:]
    var flags: Set<String> = []
    var operands: [String] = []
}

/// Reads words and options in any order; `--` ends the options.
struct CommandLineParser {
    private var command = ParsedCommand()
    private var areOptionsOver = false

    static func parse(_ arguments: [String]) throws(Failure) -> ParsedCommand {
        var parser = CommandLineParser()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if parser.areOptionsOver || !argument.hasPrefix("-") || argument == "-" {
                try parser.word(argument)
            } else if argument == "--" {
                parser.areOptionsOver = true
            } else {
                try parser.option(argument, &rest)
            }
        }
        return parser.command
    }

    private mutating func word(_ word: String) throws(Failure) {
        if let verb = command.verb {
            command.operands.append(word)
            guard command.operands.count <= verb.operandCount.upperBound else {
                throw .usage("`\(verb.name)` takes no \(quoted(word))", hint: Help.pointer(verb.words))
            }
            return
        }
        let words = command.words + [word]
        let depth = command.words.count
        guard Verb.all.contains(where: { $0.words.starts(with: words) }) else {
            let known = Verb.all.filter { $0.words.starts(with: command.words) }.map { $0.words[depth] }
            let nearest = Spelling.nearest(to: word, among: known).map { "did you mean `\($0)`?" }
            let what = (command.words + [word.printable]).joined(separator: " ")
            throw .usage("there is no verb `\(what)`", hint: nearest ?? Help.pointer(command.words))
        }
        command.words = words
        command.verb = Verb.named(words)
    }

    private mutating func option(_ argument: String, _ rest: inout ArraySlice<String>) throws(Failure) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let known = OptionRule.common + (command.verb?.options ?? [])
        guard let rule = known.first(where: { $0.name == parts[0] || $0.short == argument }) else {
            let nearest = Spelling.nearest(to: parts[0], among: known.map(\.name)).map { "did you mean `\($0)`?" }
            throw .usage("there is no option \(quoted(parts[0])) here", hint: nearest ?? Help.pointer(command.words))
        }
        guard let valueName = rule.value else {
            guard parts.count == 1 else { throw .usage("`\(rule.name)` takes no value") }
            command.flags.insert(rule.name)
            return
        }
        if rule.isValueOptional, parts.count == 1 {
            guard command.values.updateValue("", forKey: rule.name) == nil else {
                throw .usage("`\(rule.name)` is given twice")
            }
            return
        }
        guard let value = parts.count == 2 ? parts[1] : rest.popFirst(), !value.isEmpty else {
            throw .usage("`\(rule.name)` needs a value: `\(rule.name) \(valueName)`")
        }
        guard command.values.updateValue(value, forKey: rule.name) == nil else {
            throw .usage("`\(rule.name)` is given twice")
        }
    }

    private func quoted(_ text: String) -> String { "`\(text.printable)`" }
}
