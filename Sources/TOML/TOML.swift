// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CTOML

/// Reads TOML 1.0 texts through toml++.
///
/// The whole tree is copied into values in one pass, so nothing of the library outlives a call.
package enum TOML {
    /// The largest text that is read.
    package static let textBytesMax = 1_048_576
    /// The longest line that is read; toml++ recurses once for each dot of a dotted key.
    package static let lineBytesMax = 8192

    /// - Throws: ``TOMLError`` with the first place that is wrong.
    package static func parse(_ text: String) throws(TOMLError) -> TOMLValue {
        var text = text
        try checkSize(text)
        // SAFETY: the pointers are valid for the call, the library copies what it keeps, and the nodes are
        // read before the document is freed.
        let result: Result<TOMLValue, TOMLError> = text.withUTF8 { bytes in
            let document = unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                unsafe ctoml_parse(characters.baseAddress, characters.count)
            }
            invariant(unsafe document != nil, "out of memory while reading TOML")
            defer { unsafe ctoml_free(document) }
            if let message = unsafe ctoml_error_message(document) {
                let line = unsafe ctoml_error_line(document)
                let column = unsafe ctoml_error_column(document)
                return .failure(unsafe failure(String(cString: message), line: Int(line), column: Int(column)))
            }
            let nodes = unsafe UnsafeBufferPointer(start: ctoml_nodes(document), count: ctoml_node_count(document))
            var next = 0
            return .success(unsafe value(nodes, &next))
        }
        return try result.get()
    }

    private static func checkSize(_ text: String) throws(TOMLError) {
        guard text.utf8.count <= textBytesMax else {
            let start = TOMLPosition(line: 1, column: 1)
            throw TOMLError(kind: .tooLarge, message: "the text is longer than \(textBytesMax) bytes", position: start)
        }
        var line = 1
        var length = 0
        for byte in text.utf8 {
            length += 1
            if byte == UInt8(ascii: "\n") {
                line += 1
                length = 0
            }
            guard length <= lineBytesMax else {
                let start = TOMLPosition(line: line, column: 1)
                let message = "the line is longer than \(lineBytesMax) bytes"
                throw TOMLError(kind: .tooLarge, message: message, position: start)
            }
        }
    }

    /// Drops the library's "Error while parsing …: " in front of what is wrong.
    private static func failure(_ message: String, line: Int, column: Int) -> TOMLError {
        var reason = Substring(message)
        if reason.hasPrefix("Error while parsing "), let colon = reason.firstIndex(of: ":") {
            reason = reason[reason.index(after: colon)...].drop { $0 == " " }
        }
        return TOMLError(
            kind: reason.hasPrefix("cannot redefine") ? .duplicate : .malformed,
            message: String(reason),
            position: TOMLPosition(line: max(line, 1), column: max(column, 1))
        )
    }

    /// Takes the node at `next`, and everything below it, in preorder.
    private static func value(_ nodes: UnsafeBufferPointer<ctoml_node>, _ next: inout Int) -> TOMLValue {
        let node = unsafe nodes[next]
        next += 1
        let position = unsafe TOMLPosition(line: Int(node.line), column: Int(node.column))
        switch Int(unsafe node.kind) {
        case CTOML_TABLE:
            return unsafe TOMLValue(.table(table(nodes, &next, count: Int(node.child_count))), at: position)
        case CTOML_ARRAY:
            var items: [TOMLValue] = []
            for _ in 0..<(unsafe node.child_count) { unsafe items.append(value(nodes, &next)) }
            return TOMLValue(.array(items), at: position)
        default:
            return unsafe TOMLValue(scalar(node), at: position)
        }
    }

    private static func table(
        _ nodes: UnsafeBufferPointer<ctoml_node>,
        _ next: inout Int,
        count: Int
    ) -> TOMLTable {
        var entries: [TOMLTable.Entry] = []
        for _ in 0..<count {
            let node = unsafe nodes[next]
            let key = unsafe string(node.key, node.key_length)
            let keyPosition = unsafe TOMLPosition(line: Int(node.key_line), column: Int(node.key_column))
            let value = unsafe value(nodes, &next)
            entries.append(TOMLTable.Entry(key: key, keyPosition: keyPosition, value: value))
        }
        return TOMLTable(entries: entries)
    }

    private static func scalar(_ node: ctoml_node) -> TOMLValue.Kind {
        switch Int(unsafe node.kind) {
        case CTOML_STRING: return .string(unsafe string(node.text, node.text_length))
        case CTOML_INTEGER: return .integer(unsafe node.integer)
        case CTOML_REAL: return .real(unsafe node.real)
        case CTOML_BOOLEAN: return .boolean(unsafe node.integer != 0)
        case CTOML_DATE: return .date(unsafe date(node))
        case CTOML_TIME: return .time
        default:
            let second = unsafe Int(node.hour) * 3600 + Int(node.minute) * 60 + Int(node.second)
            let instant = unsafe TOMLDateTime(
                date: date(node),
                secondOfDay: second,
                nanosecond: Int(node.nanosecond),
                offsetMinutes: node.has_offset ? Int(node.offset_minutes) : nil
            )
            return .dateTime(instant)
        }
    }

    private static func date(_ node: ctoml_node) -> TOMLDate {
        unsafe TOMLDate(year: Int(node.year), month: Int(node.month), day: Int(node.day))
    }

    private static func string(_ start: UnsafePointer<CChar>?, _ length: Int) -> String {
        // SAFETY: the document owns `length` bytes at `start`.
        guard let start = unsafe start else { return "" }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
        return unsafe String(decoding: bytes, as: UTF8.self)
    }
}
