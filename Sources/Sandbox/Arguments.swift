// SPDX-License-Identifier: Apache-2.0

/// A mistake on the command line; the program says it and exits with 64 (sysexits(3), EX_USAGE).
package struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// The flags behind a verb: each is taken by name, and what nobody took is a mistake.
struct Arguments {
    private var flags: [(name: String, value: String)] = []
    private(set) var words: [String] = []

    /// - Parameter switches: flags that stand alone; every other one has a value.
    init(_ arguments: some Sequence<String>, switches: Set<String> = []) throws(UsageError) {
        var iterator = arguments.makeIterator()
        while let argument = iterator.next() {
            guard argument.hasPrefix("--") else {
                words.append(argument)
                continue
            }
            if switches.contains(argument) {
                flags.append((argument, ""))
            } else if let value = iterator.next() {
                flags.append((argument, value))
            } else {
                throw UsageError("\(argument) needs a value")
            }
        }
    }

    /// Every value of a flag that may be repeated, in order.
    mutating func all(_ name: String) -> [String] {
        defer { flags.removeAll { $0.name == name } }
        return flags.filter { $0.name == name }.map(\.value)
    }

    mutating func one(_ name: String) throws(UsageError) -> String? {
        let values = all(name)
        guard values.count <= 1 else { throw UsageError("\(name) is given twice") }
        return values.first
    }

    mutating func required(_ name: String) throws(UsageError) -> String {
        guard let value = try one(name) else { throw UsageError("\(name) is missing") }
        return value
    }

    mutating func all<Value>(_ name: String, _ read: (String) -> Value?) throws(UsageError) -> [Value] {
        var values: [Value] = []
        for text in all(name) {
            guard let value = read(text) else { throw UsageError("\(name): not understood: \(text)") }
            values.append(value)
        }
        return values
    }

    /// A value of a type that reads itself from text.
    mutating func one<Value>(_ name: String, _ read: (String) -> Value?) throws(UsageError) -> Value? {
        guard let text = try one(name) else { return nil }
        guard let value = read(text) else { throw UsageError("\(name): not understood: \(text)") }
        return value
    }

    mutating func required<Value>(_ name: String, _ read: (String) -> Value?) throws(UsageError) -> Value {
        guard let value = try one(name, read) else { throw UsageError("\(name) is missing") }
        return value
    }

    mutating func has(_ name: String) throws(UsageError) -> Bool { try one(name) != nil }

    /// Call when everything known was taken.
    func end() throws(UsageError) {
        if let flag = flags.first { throw UsageError("unknown flag \(flag.name)") }
        if let word = words.first { throw UsageError("unexpected word \(word)") }
    }
}
