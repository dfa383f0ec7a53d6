// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Where a CONNECT request wants to go (RFC 9110 §9.3.6), as places in the bytes it was parsed from.
package struct ConnectHead: ~Copyable, Sendable {
    /// The host of the authority: letters, digits, `-` and `.`, or an IPv6 literal in brackets.
    package fileprivate(set) var host = ByteSlice.none
    package fileprivate(set) var port: UInt16 = 0
    /// Bytes from the first of the span to the end of the empty line; what follows belongs to the tunnel.
    package fileprivate(set) var byteCount = 0
    fileprivate var fields = FieldTable()

    package init() {}
}

/// Parses the head of one CONNECT request; strict as ``RequestParser`` is, which takes no CONNECT.
///
/// The authority has a host and a port, in one spelling. HTTP/1.0 is taken, too, as older tunnelling clients send it,
/// then without `Host`. A body has no meaning and is refused (RFC 9110 §9.3.6).
package struct ConnectParser: Sendable {
    private static let method: StaticString = "CONNECT "

    private var cursor: LineCursor
    private var isInFields = false
    private var isOldVersion = false
    private let fieldCountMax: Int

    package init(limits: HeadLimits = HeadLimits()) {
        cursor = LineCursor(limits: limits)
        fieldCountMax = limits.fieldCountMax
    }

    /// Whether a head that begins with `bytes` is for this parser; nothing while there are too few of them.
    package static func recognises(_ bytes: Span<UInt8>) -> Bool? {
        let length = method.utf8CodeUnitCount
        var text = ByteBuffer()
        text.append(method)
        for index in 0..<min(bytes.count, length) where bytes[index] != text.bytes[index] { return false }
        return bytes.count < length ? nil : true
    }

    /// Goes on with the head that begins at the first of `bytes`, as ``RequestParser/parse(_:into:)`` does.
    package mutating func parse(_ bytes: Span<UInt8>, into head: inout ConnectHead) -> HeadOutcome {
        do throws(Refusal) {
            if !isInFields {
                guard let end = try cursor.lineEnd(in: bytes, isStartLine: true) else { return .incomplete }
                try startLine(bytes, end, into: &head)
                cursor.advance(past: end)
                isInFields = true
            }
            guard let end = try head.fields.parse(bytes, &cursor, countMax: fieldCountMax, side: .request) else {
                return .incomplete
            }
            try Self.checkFields(head.fields, isOldVersion: isOldVersion, at: end)
            head.byteCount = end + 2
            return .complete
        } catch {
            return .refused(error)
        }
    }

    private mutating func startLine(_ bytes: Span<UInt8>, _ end: Int, into head: inout ConnectHead) throws(Refusal) {
        let start = cursor.start + Self.method.utf8CodeUnitCount
        guard Self.recognises(bytes.extracting(cursor.start..<end)) == true else {
            throw Refusal(.methodNotAllowed, at: cursor.start)
        }
        var space = start
        while space < end, bytes[space] != UInt8(ascii: " ") { space += 1 }
        guard space > start else { throw Refusal(.requestLineWhitespace, at: start) }
        guard space < end else { throw Refusal(.versionMissing, at: end) }
        let version = bytes.extracting(space + 1..<end)
        isOldVersion = version.isExactly("HTTP/1.0")
        guard isOldVersion || version.isExactly("HTTP/1.1") else { throw Refusal(.versionMalformed, at: space + 1) }
        let authority = try HostValue(ByteSlice(start, space), of: bytes)
        guard let port = authority.port else { throw Refusal(.hostPort, at: space) }
        head.host = authority.name
        head.port = port
    }

    private static func checkFields(_ fields: FieldTable, isOldVersion: Bool, at end: Int) throws(Refusal) {
        guard isOldVersion || fields.present.contains(.host) else { throw Refusal(.hostMissing, at: end) }
        if fields.present.contains(.transferEncoding) { throw Refusal(.bodyNotAllowed, at: end) }
        if fields.present.contains(.contentLength), fields.facts.lengthBytes > 0 {
            throw Refusal(.bodyNotAllowed, at: end)
        }
    }
}
