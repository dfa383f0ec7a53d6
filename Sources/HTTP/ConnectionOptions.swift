// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What the `Connection` fields of a head say (RFC 9110 §7.6.1).
struct ConnectionOptions: OptionSet, Sendable {
    let rawValue: UInt8

    static let close = ConnectionOptions(rawValue: 1)
    /// Fields are named that are for this hop only; see ``FieldTable/isNominated(_:in:)``.
    static let nominates = ConnectionOptions(rawValue: 2)
}

extension ConnectionOptions {
    /// Reads one `Connection` value and adds what it says.
    ///
    /// - Throws: an element that is not a token; the name of a field that cannot be for one hop only:
    ///   removing Host, framing or credentials at a sender's wish would change what the message is.
    mutating func add(_ value: ByteSlice, of bytes: Span<UInt8>) throws(Refusal) {
        try bytes.forEachElement(of: value) { element throws(Refusal) in
            guard let name = FoldedName(bytes, element) else {
                guard bytes.allSatisfy(in: element, ASCII.isTokenByte) else {
                    throw Refusal(.connectionMalformed, at: element.lowerBound)
                }
                formUnion(.nominates)
                return
            }
            if name.equals("close") { return formUnion(.close) }
            if name.equals("keep-ali", "ve") { return }
            let known = KnownField(name)
            if known.isProtectedFromConnection {
                throw Refusal(.connectionNamesProtectedField, at: element.lowerBound)
            }
            formUnion(.nominates)
        }
    }
}

extension Span<UInt8> {
    /// Calls `body` with the place of each element of the list at `value` that is not empty (RFC 9110 §5.6.1).
    func forEachElement<Failure: Error>(
        of value: ByteSlice,
        _ body: (Range<Int>) throws(Failure) -> Void
    ) throws(Failure) {
        var start = value.start
        while start <= value.end {
            var end = start
            while end < value.end, self[end] != UInt8(ascii: ",") { end += 1 }
            let element = trimmed(start..<end)
            if !element.isEmpty { try body(element) }
            start = end + 1
        }
    }
}

extension FieldTable {
    /// True when a `Connection` field names the field at `name`: it must not be passed on (RFC 9110 §7.6.1).
    package func isNominated(_ name: ByteSlice, in bytes: Span<UInt8>) -> Bool {
        guard facts.options.contains(.nominates) else { return false }
        var wasFound = false
        for index in indices where self[index].known == .connection {
            bytes.forEachElement(of: self[index].value) { element in
                if bytes.isSameToken(name.range, element) { wasFound = true }
            }
        }
        return wasFound
    }
}
