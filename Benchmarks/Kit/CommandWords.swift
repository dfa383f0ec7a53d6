// SPDX-License-Identifier: Apache-2.0

/// A mistake on a command line: the program says it and exits with 64 (sysexits(3), EX_USAGE).
package struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// A command line of words and of options with one value each; an option nobody took is a mistake.
package struct CommandWords: Sendable {
    package private(set) var words: [String] = []
    private var options: [(name: String, value: String)] = []

    package init(_ arguments: [String]) throws(UsageError) {
        var iterator = arguments.makeIterator()
        while let argument = iterator.next() {
            guard argument.hasPrefix("--") else {
                words.append(argument)
                continue
            }
            guard let value = iterator.next() else { throw UsageError("\(argument) needs a value") }
            options.append((argument, value))
        }
    }

    /// Every value of an option that may be repeated, in order.
    package mutating func all(_ name: String) -> [String] {
        defer { options.removeAll { $0.name == name } }
        return options.filter { $0.name == name }.map(\.value)
    }

    package mutating func one<Value>(_ name: String, _ read: (String) -> Value?) throws(UsageError) -> Value? {
        let values = all(name)
        guard values.count <= 1 else { throw UsageError("\(name) is given twice") }
        guard let text = values.first else { return nil }
        guard let value = read(text) else { throw UsageError("\(name): not understood: \(text)") }
        return value
    }

    package mutating func required<Value>(_ name: String, _ read: (String) -> Value?) throws(UsageError) -> Value {
        guard let value = try one(name, read) else { throw UsageError("\(name) is missing") }
        return value
    }

    /// Call when everything known was taken.
    ///
    /// - Parameter wordCount: how many words there are to be.
    package func end(wordCount: Int) throws(UsageError) {
        if let option = options.first { throw UsageError("unknown option \(option.name)") }
        if words.count > wordCount { throw UsageError("unexpected word \(words[wordCount])") }
    }
}
