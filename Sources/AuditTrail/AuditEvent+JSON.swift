// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Why bytes are no event, for whoever sent them.
package struct AuditEventMismatch: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
}

extension AuditEvent {
    /// One object, its fields always in this order, without spaces; ``bytesMax`` bytes at most.
    package var json: [UInt8] {
        var buffer = ByteBuffer(capacity: 512)
        buffer.append("{" as StaticString)
        appendFields(to: &buffer)
        buffer.append("}" as StaticString)
        invariant(buffer.count <= Self.bytesMax, "an event of \(buffer.count) bytes")
        return buffer.array
    }

    /// Reads what ``json`` writes.
    ///
    /// - Throws: what is wrong and where, never the bytes themselves.
    package init(json: [UInt8]) throws(AuditEventMismatch) {
        guard json.count <= Self.bytesMax else {
            throw AuditEventMismatch(description: "an event of more than \(Self.bytesMax) bytes")
        }
        var cursor = JSONCursor(json)
        do throws(JSONCursor.Mismatch) {
            try cursor.expect("{")
            self = try Self.read(&cursor)
            try cursor.expect("}")
            guard cursor.isAtEnd else { throw JSONCursor.Mismatch(offset: cursor.offset) }
        } catch {
            throw AuditEventMismatch(description: "not an event, at byte \(error.offset)")
        }
    }

    /// The fields without the braces.
    func appendFields(to buffer: inout ByteBuffer) {
        let outcome: StaticString = outcome == .success ? "success" : "failure"
        buffer.append("\"kind\":" as StaticString)
        buffer.append(quoted: kind.rawValue.utf8.span)
        buffer.append(",\"outcome\":\"", outcome, "\",\"who\":")
        buffer.append(quoted: who.utf8.span)
        buffer.append(",\"how\":" as StaticString)
        buffer.append(quoted: how.utf8.span)
        buffer.append(",\"origin\":" as StaticString)
        buffer.append(quoted: origin.utf8.span)
        buffer.append(",\"object\":" as StaticString)
        buffer.append(quoted: object.utf8.span)
        buffer.append(",\"details\":{" as StaticString)
        var separator: StaticString = ""
        for detail in details {
            buffer.append(separator)
            buffer.append(quoted: detail.name.utf8.span)
            buffer.append(":" as StaticString)
            buffer.append(quoted: detail.text.utf8.span)
            separator = ","
        }
        buffer.append("}" as StaticString)
    }

    static func read(_ cursor: inout JSONCursor) throws(JSONCursor.Mismatch) -> AuditEvent {
        try cursor.expect("\"kind\":")
        let kindAt = cursor.offset
        guard let kind = AuditKind(rawValue: try cursor.text()) else { throw JSONCursor.Mismatch(offset: kindAt) }
        try cursor.expect(",\"outcome\":")
        let outcomeAt = cursor.offset
        guard let outcome = Outcome(rawValue: try cursor.text()) else { throw JSONCursor.Mismatch(offset: outcomeAt) }
        try cursor.expect(",\"who\":")
        let who = try cursor.text()
        try cursor.expect(",\"how\":")
        let how = try cursor.text()
        try cursor.expect(",\"origin\":")
        let origin = try cursor.text()
        try cursor.expect(",\"object\":")
        let object = try cursor.text()
        try cursor.expect(",\"details\":{")
        var details: [Detail] = []
        while !cursor.skip("}") {
            if !details.isEmpty { try cursor.expect(",") }
            let nameAt = cursor.offset
            let name = try cursor.text()
            guard Detail.isName(name), details.count < detailCountMax else {
                throw JSONCursor.Mismatch(offset: nameAt)
            }
            try cursor.expect(":")
            details.append(Detail(name, try cursor.text()))
        }
        return AuditEvent(kind, outcome, who: who, how: how, origin: origin, object: object, details: details)
    }
}
