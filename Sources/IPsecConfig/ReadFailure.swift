// SPDX-License-Identifier: Apache-2.0

/// Where text of ipsec.conf(5) or ipsec.secrets(5) is not what we write, and why.
package struct ReadFailure: Error, Hashable, Sendable {
    /// From 1.
    package var line: Int
    package var reason: Reason

    package init(line: Int, _ reason: Reason) {
        self.line = line
        self.reason = reason
    }

    package enum Reason: Hashable, Sendable {
        /// A byte that is no line feed and not 0x20 to 0x7e.
        case byte(UInt8)
        /// Something Libreswan would call a syntax error.
        case syntax(String)
        /// A line of ipsec.secrets that Libreswan cuts in two.
        case tooLong(byteCount: Int)
        /// Valid for Libreswan, never written by us: a section, an include, a form of value.
        case foreign(String)
        /// A keyword we do not write in this place.
        case keyword(String)
        /// A keyword, a connection or a record that is there already.
        case twice(String)
        /// A keyword that every connection of ours has.
        case missing(String)
        /// A value that is not one of ours for its keyword.
        case value(of: String)
    }
}

extension ReadFailure: CustomStringConvertible {
    package var description: String { "line \(line): \(reason)" }
}

extension ReadFailure.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .byte(let byte): "byte 0x\(String(byte, radix: 16)), which is never written"
        case .syntax(let what): "\(what), which Libreswan refuses"
        case .tooLong(let byteCount): "\(byteCount) bytes; Libreswan cuts the line after 2047"
        case .foreign(let what): "\(what), which is never written"
        case .keyword(let keyword): "`\(keyword)`, which is never written"
        case .twice(let what): "\(what) is there twice"
        case .missing(let keyword): "`\(keyword)` is missing"
        case .value(let keyword): "`\(keyword)` has a value that is never written"
        }
    }
}
