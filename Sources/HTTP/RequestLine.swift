// SPDX-License-Identifier: Apache-2.0
internal import Base

/// `method SP target SP HTTP/1.1`, each separated by one space and nothing else (RFC 9112 §3).
struct RequestLine {
    let method: Method
    let target: ByteSlice
    let path: ByteSlice
    let query: ByteSlice?

    /// - Precondition: `start..<end` is a line ``LineCursor`` found.
    @inline(__always)
    init(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) throws(Refusal) {
        // "GET / HTTP/1.1" is the shortest there is.
        guard end &- start >= 14 else { throw Self.refusal(bytes, start, end) }
        guard let method = Self.method(bytes.word(at: start)), bytes[end &- 9] == ASCII.space,
            bytes.word(at: end &- 8) == "HTTP/1.1"
        else { throw Self.refusal(bytes, start, end) }
        let targetStart = start &+ method.byteCount &+ 1
        // "PATCH HTTP/1.1": the space before the version is the one behind the method.
        guard targetStart <= end &- 9 else { throw Self.refusal(bytes, start, end) }
        let parts = try Target(bytes, targetStart, end &- 9)
        self.method = method
        target = ByteSlice(targetStart, end &- 9)
        path = parts.path
        query = parts.query
    }

    /// The line `bytes` begin with, when it is all there and its target is a path of letters, digits, `/`, `_` and `-`.
    ///
    /// Nil says nothing about the line; see ``FieldLine/plain(_:at:_:)``.
    @inline(__always)
    static func plain(_ bytes: Span<UInt8>) -> RequestLine? {
        guard bytes.count >= 16, let method = method(bytes.word(at: 0)) else { return nil }
        let start = method.byteCount &+ 1
        guard bytes[start] == UInt8(ascii: "/"), bytes[start + 1] != UInt8(ascii: "/") else { return nil }
        let end = Target.plainEnd(bytes, from: start + 1, to: bytes.count)
        guard end <= bytes.count &- 11, bytes[end] == ASCII.space, bytes.word(at: end + 1) == "HTTP/1.1",
            bytes.pair(at: end + 9) == "\r\n"
        else { return nil }
        return RequestLine(method, ByteSlice(start, end))
    }

    private init(_ method: Method, _ path: ByteSlice) {
        self.method = method
        target = path
        self.path = path
        query = nil
    }

    /// The method whose name and a space the word begins with.
    @inline(__always)
    private static func method(_ word: UInt64) -> Method? {
        if word & ASCIIWord.mask(byteCount: 5) == "POST " { return .post }
        if word & ASCIIWord.mask(byteCount: 4) == "GET " { return .get }
        if word & ASCIIWord.mask(byteCount: 4) == "PUT " { return .put }
        if word & ASCIIWord.mask(byteCount: 6) == "PATCH " { return .patch }
        if word & ASCIIWord.mask(byteCount: 7) == "DELETE " { return .delete }
        if word & ASCIIWord.mask(byteCount: 5) == "HEAD " { return .head }
        return nil
    }

    /// Why the line is none of ours: spacing first, then version, then method.
    @inline(never)
    private static func refusal(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Refusal {
        if ASCII.isBlank(bytes[start]) { return Refusal(.whitespaceBeforeStartLine, at: start) }
        var spaces = InlineArray<2, Int>(repeating: end)
        var spaceCount = 0
        for index in start..<end where ASCII.isBlank(bytes[index]) {
            let isLast = index + 1 == end
            if bytes[index] == ASCII.tab || isLast || ASCII.isBlank(bytes[index + 1]) {
                return Refusal(.requestLineWhitespace, at: index)
            }
            if spaceCount < 2 { spaces[spaceCount] = index }
            spaceCount += 1
        }
        let methodEnd = spaces[0]
        for index in start..<methodEnd where !ASCII.isTokenByte(bytes[index]) {
            return Refusal(.methodNotToken, at: index)
        }
        switch spaceCount {
        case 0: return Refusal(.requestLineMalformed, at: start)
        case 1: return Refusal(.versionMissing, at: end)
        case 2: break
        default: return Refusal(.requestLineWhitespace, at: spaces[1])
        }
        let line = bytes.extracting(start..<end)
        if line.isExactly("PRI * HTTP/2.0") { return Refusal(.http2Preface, at: start) }
        let version = bytes.extracting(spaces[1] + 1..<end)
        guard version.isExactly("HTTP/1.1") else {
            let isOther =
                version.count == 8 && version.extracting(0..<5).isExactly("HTTP/") && ASCII.isDigit(version[5])
                && version[6] == UInt8(ascii: ".") && ASCII.isDigit(version[7])
            return Refusal(isOther ? .versionUnsupported : .versionMalformed, at: spaces[1] + 1)
        }
        let method = bytes.extracting(start..<methodEnd)
        if method.isExactly("OPTIONS") || method.isExactly("CONNECT") || method.isExactly("TRACE") {
            return Refusal(.methodNotAllowed, at: start)
        }
        for known in Method.allCases where method.isExactly(known.name) {
            return Refusal(.requestLineMalformed, at: start)
        }
        return Refusal(.methodUnknown, at: start)
    }
}

extension Method {
    /// Bytes of the name.
    @inline(__always)
    var byteCount: Int {
        switch self {
        case .get, .put: 3
        case .head, .post: 4
        case .patch: 5
        case .delete: 6
        }
    }
}

extension Span<UInt8> {
    /// True when the bytes are `text`.
    package func isExactly(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in indices where self[index] != text.byte(at: index) { return false }
        return true
    }
}
