// SPDX-License-Identifier: Apache-2.0
internal import TOML

/// A place in a configuration file.
package struct Origin: Hashable, Sendable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int

    package var description: String { "\(file):\(line):\(column)" }
}

/// Where each value of one file was written, by path: `limits.burst`, `allow[0].from[2]`.
///
/// Kept beside a model, never part of what it says: any two compare equal, so that moving a line in a file
/// changes nothing.
package struct Origins: Hashable, Sendable {
    package let file: String
    private let positions: [String: TOMLPosition]

    init(file: String, root: TOMLValue) {
        var positions: [String: TOMLPosition] = [:]
        Self.collect(root, path: "", into: &positions)
        self.file = file
        self.positions = positions
    }

    /// The place of the value, of the nearest table or list around it when it was left out, or line 1.
    package subscript(path: String) -> Origin {
        var path = Substring(path)
        while true {
            if let position = positions[String(path)] {
                return Origin(file: file, line: position.line, column: position.column)
            }
            guard let cut = path.lastIndex(where: { $0 == "." || $0 == "[" }) else {
                return Origin(file: file, line: 1, column: 1)
            }
            path = path[..<cut]
        }
    }

    private static func collect(_ value: TOMLValue, path: String, into positions: inout [String: TOMLPosition]) {
        if !path.isEmpty { positions[path] = value.position }
        switch value.kind {
        case .table(let table):
            for entry in table.entries {
                collect(entry.value, path: path.isEmpty ? entry.key : "\(path).\(entry.key)", into: &positions)
            }
        case .array(let items):
            for (index, item) in items.enumerated() { collect(item, path: "\(path)[\(index)]", into: &positions) }
        default: break
        }
    }

    package static func == (left: Self, right: Self) -> Bool { true }
    package func hash(into hasher: inout Hasher) {}
}
