// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TLS

/// One line of the log: an event, its place in the chain and, on a checkpoint, a signature.
///
/// ```
/// {"seq":2,"ts":"2026-11-22T01:02:03.123456789Z","boot_id":"…","prev":"…","source":"jumpd gate (uid 990, pid 77)",
///  "kind":"session.begin","outcome":"success","who":"anna","how":"certificate …","origin":"192.0.2.7:51234",
///  "object":"eig-01:22","details":{"grant":"g-…"}}
/// ```
///
/// A checkpoint ends in `,"signature":"…"}`: Ed25519 over everything of the line before that, after a word that no other
/// signature of this key begins with. `prev` vouches for all lines before it.
package struct TrailLine: Hashable, Sendable {
    /// Without its newline: an event and what the log adds.
    package static let bytesMax = AuditEvent.bytesMax + 1024
    private static let domain = Array("partner-edge audit checkpoint 1\n".utf8)
    static let keyDetail = "key"

    package let seq: Int
    /// RFC 3339 in UTC, to the nanosecond: sorts as it is.
    package let at: String
    package let bootID: String
    /// SHA-256 of the bytes of the line before, without its newline.
    package let previous: [UInt8]
    /// The program that reported it, as the kernel knows it.
    package let source: String
    package let event: AuditEvent
    package let signature: [UInt8]?

    package var isCheckpoint: Bool { event.kind == .logCheckpoint }

    /// Writes a line.
    ///
    /// - Parameter key: signs it, for a checkpoint.
    static func bytes(
        seq: Int,
        at: WallInstant,
        bootID: String,
        previous: [UInt8],
        source: String,
        event: AuditEvent,
        key: Ed25519.PrivateKey? = nil
    ) -> [UInt8] {
        var line = ByteBuffer(capacity: 1024)
        line.append("{\"seq\":" as StaticString)
        line.append(decimal: seq)
        line.append(",\"ts\":\"" as StaticString)
        line.append(rfc3339Nanoseconds: at)
        line.append("\",\"boot_id\":" as StaticString)
        line.append(quoted: JSONText.cut(bootID, bytesMax: 64).utf8.span)
        line.append(",\"prev\":\"" as StaticString)
        line.append(Hex.encode(previous))
        line.append("\",\"source\":" as StaticString)
        line.append(quoted: JSONText.cut(source, bytesMax: 256).utf8.span)
        line.append("," as StaticString)
        event.appendFields(to: &line)
        if let key {
            let signature = key.sign(domain + line.array)
            line.append(",\"signature\":\"" as StaticString)
            line.append(Base64.encode(signature))
            line.append("\"" as StaticString)
        }
        line.append("}" as StaticString)
        invariant(line.count <= bytesMax, "a line of \(line.count) bytes")
        return line.array
    }

    /// Reads a line, its newline apart; nothing for what the log never wrote.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.bytesMax else { return nil }
        var cursor = JSONCursor(bytes)
        do throws(JSONCursor.Mismatch) {
            try cursor.expect("{\"seq\":")
            seq = try cursor.number()
            try cursor.expect(",\"ts\":")
            at = try cursor.text()
            try cursor.expect(",\"boot_id\":")
            bootID = try cursor.text()
            try cursor.expect(",\"prev\":")
            let hash = Hex.decode(try cursor.text())
            try cursor.expect(",\"source\":")
            source = try cursor.text()
            try cursor.expect(",")
            event = try AuditEvent.read(&cursor)
            signature = cursor.skip(",\"signature\":") ? Base64.decode(try cursor.text()) : nil
            try cursor.expect("}")
            guard let hash, hash.count == 32, seq > 0, Self.isInstant(at), cursor.isAtEnd,
                event.kind != .logCheckpoint || signature?.count == 64
            else { return nil }
            previous = hash
        } catch { return nil }
    }

    /// The id of the key a checkpoint says it is signed with.
    package var keyID: String? { isCheckpoint ? event.detail(Self.keyDetail) : nil }

    /// What a signature in these bytes must be made for; nothing where there is none.
    static func signedBytes(of bytes: [UInt8]) -> [UInt8]? {
        // `,"signature":"`, 88 digits and `"}`.
        let tailCount = 14 + 88 + 2
        guard bytes.count > tailCount else { return nil }
        return domain + bytes.dropLast(tailCount)
    }

    /// `2026-11-22T01:02:03.123456789Z` and nothing else.
    private static func isInstant(_ text: String) -> Bool {
        let pattern = "dddd-dd-ddTdd:dd:dd.dddddddddZ".utf8
        return text.utf8.count == pattern.count
            && zip(text.utf8, pattern).allSatisfy { byte, wanted in
                wanted == UInt8(ascii: "d")
                    ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == wanted
            }
    }
}
