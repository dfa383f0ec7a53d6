// SPDX-License-Identifier: Apache-2.0
package import Base

/// One identity's request, whole but for its token: writing one is three copies.
package struct RequestTemplate: Sendable {
    private let prefix: [UInt8]
    private let suffix: [UInt8]

    /// - Parameter headers: further lines, `Name: value`.
    /// - Parameter bodyBytes: 0 for a request without a body.
    package init(
        method: String,
        path: String,
        host: String,
        headers: [String],
        bodyBytes: Int,
        answerBytes: Int
    ) {
        var lines = [
            "\(method) \(path) HTTP/1.1", "Host: \(host)", "User-Agent: edge-load", "Accept: application/json",
        ]
        if bodyBytes > 0 { lines += ["Content-Type: application/json", "Content-Length: \(bodyBytes)"] }
        lines += headers
        lines.append("X-Answer-Bytes: \(answerBytes)")
        prefix = Array((lines.joined(separator: "\r\n") + "\r\nX-Token: ").utf8)
        suffix = Array("\r\n\r\n".utf8) + JSONFiller.bytes(count: bodyBytes)
    }

    package func write(_ token: RequestToken, into buffer: inout ByteBuffer) {
        buffer.append(prefix.span)
        token.write(into: &buffer)
        buffer.append(suffix.span)
    }
}

/// Bodies of a wanted length.
package enum JSONFiller {
    /// One JSON object from eleven bytes on, and `x` below.
    package static func bytes(count: Int) -> [UInt8] {
        let start = Array(#"{"fill":""#.utf8)
        let end = Array(#""}"#.utf8)
        let fillCount = count - start.count - end.count
        guard fillCount >= 0 else { return [UInt8](repeating: UInt8(ascii: "x"), count: count) }
        return start + [UInt8](repeating: UInt8(ascii: "x"), count: fillCount) + end
    }
}
