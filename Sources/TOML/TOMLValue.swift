// SPDX-License-Identifier: Apache-2.0

/// A place in a TOML text; both count from 1, and columns count code points.
package struct TOMLPosition: Hashable, Comparable, Sendable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static func < (left: Self, right: Self) -> Bool { (left.line, left.column) < (right.line, right.column) }
}

/// One TOML value and where it was written (TOML 1.0).
package struct TOMLValue: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case string(String)
        case integer(Int64)
        case real(Double)
        case boolean(Bool)
        case date(TOMLDate)
        case time
        case dateTime(TOMLDateTime)
        case array([TOMLValue])
        case table(TOMLTable)
    }

    package let kind: Kind
    package let position: TOMLPosition

    package init(_ kind: Kind, at position: TOMLPosition) {
        self.kind = kind
        self.position = position
    }

    /// The kind in words, for messages.
    package var noun: String {
        switch kind {
        case .string: "a string"
        case .integer: "a whole number"
        case .real: "a number with a fraction"
        case .boolean: "true or false"
        case .date: "a date"
        case .time: "a time of day"
        case .dateTime: "a date and time"
        case .array: "a list"
        case .table: "a table"
        }
    }
}

/// A calendar day without a zone.
package struct TOMLDate: Hashable, Sendable {
    package let year: Int
    package let month: Int
    package let day: Int
}

/// A day and a time; without an offset it names no instant.
package struct TOMLDateTime: Hashable, Sendable {
    package let date: TOMLDate
    package let secondOfDay: Int
    package let nanosecond: Int
    /// Minutes east of UTC.
    package let offsetMinutes: Int?
}

/// The keys of one table in the order in which they were written; no key twice.
package struct TOMLTable: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package let key: String
        package let keyPosition: TOMLPosition
        package let value: TOMLValue
    }

    package let entries: [Entry]

    package subscript(key: String) -> Entry? { entries.first { $0.key == key } }
}

/// Why a text is not TOML.
package struct TOMLError: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case malformed
        /// A key or a table was defined twice.
        case duplicate
        case tooLarge
    }

    package let kind: Kind
    package let message: String
    package let position: TOMLPosition
}
