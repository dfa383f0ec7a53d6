// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP
internal import LinuxIO

/// The answered half of one control connection: bytes in, one response out.
struct ControlAnswer: ~Copyable {
    enum Step {
        case needsMore
        case complete(ControlResponse)
        case malformed(why: String)
    }

    private var input = ByteBuffer()
    private var parser = ResponseParser()
    private var head = ResponseHead()
    private var bodyBytes: Int?

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

    mutating func advance() -> Step {
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
