// SPDX-License-Identifier: Apache-2.0
internal import Partners

/// Reads ipsec.conf(5) text back: what Libreswan would make of it, as long as that is something we write.
///
/// Written to the rules of Libreswan's lexer, not to our emitter. Refused are every section but `conn` with a
/// generated name, includes, `also=`, unknown and repeated keywords, missing ones, values in another form than ours,
/// and every byte outside printable ASCII.
package enum ConfigurationReader {
    /// The connections in the order of the text.
    package static func read(_ bytes: [UInt8]) throws(ReadFailure) -> [Connection] {
        var connections: [Connection] = []
        var names: Set<ConnectionName> = []
        for section in try ConfigurationSection.sections(of: bytes) {
            guard case .connection(let text) = section.head else {
                throw ReadFailure(line: section.line, .foreign("a `config setup` section"))
            }
            guard let name = ConnectionName(text) else {
                throw ReadFailure(line: section.line, .foreign("a connection of another name than ours"))
            }
            guard names.insert(name).inserted else {
                throw ReadFailure(line: section.line, .twice("connection \(name)"))
            }
            var reader = ConnectionReader(section)
            connections.append(try reader.connection(name))
        }
        return connections
    }

    /// Whether the `config setup` section of ``ConfigurationEmitter/setupText(_:)`` lets IKEv1 in.
    package static func readSetup(_ bytes: [UInt8]) throws(ReadFailure) -> Bool {
        let sections = try ConfigurationSection.sections(of: bytes)
        guard let section = sections.first, section.head == .setup else {
            throw ReadFailure(line: 1, .missing("config setup"))
        }
        if sections.count > 1 { throw ReadFailure(line: sections[1].line, .foreign("a second section")) }
        var reader = ConnectionReader(section)
        try reader.fixed("uniqueids", "yes")
        try reader.fixed("audit-log", "yes")
        let policy = try reader.choice("ikev1-policy", ["accept", "drop"])
        try reader.close()
        return policy == "accept"
    }
}

/// One section and its statements, in order.
struct ConfigurationSection: Hashable, Sendable {
    enum Head: Hashable, Sendable {
        case setup
        case connection(String)
    }

    struct Statement: Hashable, Sendable {
        var keyword: String
        var value: ConfigurationToken.Kind
        var line: Int
    }

    var head: Head
    var line: Int
    var statements: [Statement] = []

    static func sections(of bytes: [UInt8]) throws(ReadFailure) -> [ConfigurationSection] {
        try refuseBytes(bytes)
        var sections: [ConfigurationSection] = []
        for line in try ConfigurationLexer.tokens(of: bytes).split(whereSeparator: { $0.kind == .endOfLine }) {
            let number = line.first?.line ?? 0
            let kinds = line.map(\.kind)
            if kinds.first == .indentation {
                guard !sections.isEmpty else {
                    throw ReadFailure(line: number, .syntax("a statement outside a section"))
                }
                let statement = try statement(Array(kinds.dropFirst()), line: number)
                guard !sections[sections.count - 1].statements.contains(where: { $0.keyword == statement.keyword })
                else {
                    throw ReadFailure(line: number, .twice("`\(statement.keyword)`"))
                }
                sections[sections.count - 1].statements.append(statement)
            } else {
                sections.append(ConfigurationSection(head: try head(kinds, line: number), line: number))
            }
        }
        return sections
    }

    private static func refuseBytes(_ bytes: [UInt8]) throws(ReadFailure) {
        var line = 1
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                line += 1
            } else if !(0x20...0x7e).contains(byte) {
                throw ReadFailure(line: line, .byte(byte))
            }
        }
    }

    private static func head(_ kinds: [ConfigurationToken.Kind], line: Int) throws(ReadFailure) -> Head {
        if kinds == [.word("config"), .word("setup")] { return .setup }
        if kinds.count == 2, kinds[0] == .word("conn"), case .bare(let name) = kinds[1] { return .connection(name) }
        switch kinds.first {
        case .word("include"): throw ReadFailure(line: line, .foreign("an include"))
        case .word("version"): throw ReadFailure(line: line, .foreign("a version"))
        case .word("conn"): throw ReadFailure(line: line, .foreign("a connection whose name is not one word"))
        default: throw ReadFailure(line: line, .syntax("a line that begins no section"))
        }
    }

    private static func statement(
        _ kinds: [ConfigurationToken.Kind],
        line: Int
    ) throws(ReadFailure) -> Statement {
        guard kinds.count == 3, case .word(let keyword) = kinds[0], kinds[1] == .equals else {
            throw ReadFailure(line: line, .syntax("a statement that is not KEYWORD=VALUE"))
        }
        return Statement(keyword: keyword, value: kinds[2], line: line)
    }
}
