// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP
internal import LinuxIO

/// The asking half of one control connection: bytes in, one request or one refusal out.
///
/// Bodies come with a Content-Length or not at all. What follows the request is not read: every
/// connection carries one.
struct ControlExchange: ~Copyable {
    enum Step {
        case needsMore
        /// Say 100 (Continue) and go on; at most once.
        case invitesBody
        case complete(ControlQuestion)
        case refused(ControlResponse)
    }

    private enum Stage {
        case head
        case body(byteCount: Int)
    }

    private var input = ByteBuffer()
    private var parser = RequestParser(limits: HeadLimits(fieldCountMax: 32, headBytesMax: 16384))
    private var head = RequestHead()
    private var stage = Stage.head
    private let bodyBytesMax: Int

    init(bodyBytesMax: Int) { self.bodyBytesMax = bodyBytesMax }

    mutating func fill(from descriptor: borrowing OwnedDescriptor) throws(Errno) -> ReadOutcome {
        try descriptor.read(into: &input, byteCountMax: 16384)
    }

    /// For tests: bytes as if read.
    mutating func fill(_ bytes: [UInt8]) { input.append(bytes) }

    /// - Parameter refusal: what a caller who is not obeyed is told once its head is whole; nothing for others.
    mutating func advance(refusal: ControlResponse?) -> Step {
        if case .head = stage {
            switch Self.parse(&parser, input, &head) {
            case .incomplete: return .needsMore
            case .refused(let refusal): return Self.refusal(refusal)
            case .complete: break
            }
            if let refusal { return .refused(refusal) }
            if let refusal = enterBody() { return .refused(refusal) }
            if head.expectsContinue, input.count == head.byteCount { return .invitesBody }
        }
        guard case .body(let byteCount) = stage, input.count >= head.byteCount + byteCount else { return .needsMore }
        return request(bodyBytes: byteCount)
    }

    private static func parse(
        _ parser: inout RequestParser,
        _ input: borrowing ByteBuffer,
        _ head: inout RequestHead
    ) -> HeadOutcome {
        parser.parse(input.bytes, into: &head)
    }

    private mutating func enterBody() -> ControlResponse? {
        switch head.framing {
        case .none: stage = .body(byteCount: 0)
        case .length(let lengthBytes):
            guard lengthBytes <= UInt64(bodyBytesMax) else {
                return .failure(413, code: "body_too_large", message: "a body may have \(bodyBytesMax) bytes")
            }
            stage = .body(byteCount: Int(lengthBytes))
        case .chunked, .untilClose:
            return .failure(411, code: "length_required", message: "a body needs a Content-Length")
        }
        return nil
    }

    private func request(bodyBytes: Int) -> Step {
        let bytes = input.bytes
        let queryText = head.query.map { String(bytes[$0]) } ?? ""
        guard let query = ControlQuery.parse(queryText) else {
            return .refused(.failure(400, code: "bad_query", message: "the query is not name=value pairs, each once"))
        }
        return .complete(
            ControlQuestion(
                method: "\(head.method.name)",
                path: String(bytes[head.path]),
                query: query,
                body: Array(bytes.extracting(head.byteCount..<head.byteCount + bodyBytes)),
                login: head.fields.first(.userAgent).flatMap { ControlClient.login(in: String(bytes[$0])) }
            )
        )
    }

    private static func refusal(_ refusal: Refusal) -> Step {
        .refused(.failure(refusal.status, code: refusal.reason.rawValue, message: "the request is not valid HTTP/1.1"))
    }
}
