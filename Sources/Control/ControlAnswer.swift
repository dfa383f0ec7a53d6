// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP
internal import LinuxIO

/// The answered half of one control connection: bytes in, one response out.
package struct ControlAnswer: ~Copyable {
    package enum Step: Sendable {
        case needsMore
        case complete(ControlResponse)
        case malformed(why: String)
    }

    private var input = ByteBuffer()
    private var parser = ResponseParser()
    private var head = ResponseHead()
    private var bodyBytes: Int?
    private let opensTunnel: Bool

    /// - Parameter opensTunnel: what is answered is a CONNECT: a 2xx has no body, whatever its fields say, and what
    ///   follows it is not HTTP any more (RFC 9110 §9.3.6).
    package init(opensTunnel: Bool = false) { self.opensTunnel = opensTunnel }

    /// Bytes that came over another connection than a control socket.
    package mutating func fill(_ bytes: Span<UInt8>) { input.append(bytes) }

    /// What came behind a complete answer.
    package var rest: [UInt8] {
        guard let bodyBytes else { return [] }
        return Array(input.bytes.extracting((head.byteCount + bodyBytes)...))
    }

    mutating func fill(from descriptor: borrowing OwnedDescriptor) throws(Errno) -> ReadOutcome {
        try descriptor.read(into: &input, byteCountMax: 65536)
    }

    private static func parse(
        _ parser: inout ResponseParser,
        _ input: borrowing ByteBuffer,
        _ head: inout ResponseHead
    ) -> HeadOutcome {
        parser.parse(input.bytes, requestMethod: .get, into: &head)
    }

    package mutating func advance() -> Step {
        while bodyBytes == nil {
            switch Self.parse(&parser, input, &head) {
            case .incomplete: return .needsMore
            case .refused(let refusal): return .malformed(why: refusal.reason.rawValue)
            case .complete: break
            }
            if head.isInterim {
                input.consume(head.byteCount)
                continue
            }
            if opensTunnel, (200..<300).contains(head.status) {
                bodyBytes = 0
                break
            }
            switch head.framing {
            case .none: bodyBytes = 0
            case .length(let lengthBytes) where lengthBytes <= UInt64(ControlClient.responseBytesMax):
                bodyBytes = Int(lengthBytes)
            case .length: return .malformed(why: "an answer of more than \(ControlClient.responseBytesMax) bytes")
            case .chunked, .untilClose: return .malformed(why: "an answer without a length")
            }
        }
        guard let bodyBytes, input.count >= head.byteCount + bodyBytes else { return .needsMore }
        let bytes = input.bytes
        return .complete(
            ControlResponse(
                status: head.status,
                contentType: head.fields.first(.contentType).map { String(bytes[$0]) } ?? "",
                body: Array(bytes.extracting(head.byteCount..<head.byteCount + bodyBytes))
            )
        )
    }
}
