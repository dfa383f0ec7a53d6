// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP

/// Why a message did not come whole.
enum MessageFailure: Error {
    case channel(CallFailure)
    case malformed(Refusal)
}

extension Channel {
    /// Reads one request head; nothing when the other end closed between two requests.
    mutating func request(
        _ parser: inout RequestParser,
        _ head: inout RequestHead
    ) throws(MessageFailure) -> ReceivedRequest? {
        while true {
            switch parser.parse(received.bytes, into: &head) {
            case .refused(let refusal): throw .malformed(refusal)
            case .incomplete:
                if try more() { continue }
                if let refusal = parser.endOfInput(unread: received.count) { throw .malformed(refusal) }
                return nil
            case .complete:
                let request = Self.request(head, of: received.bytes)
                received.consume(head.byteCount)
                return request
            }
        }
    }

    /// Reads one answer's head, past the interim ones, and how its body is framed.
    mutating func answer(to method: Method) throws(MessageFailure) -> (Answer, BodyFraming) {
        var parser = ResponseParser()
        var head = ResponseHead()
        while true {
            switch parser.parse(received.bytes, requestMethod: method, into: &head) {
            case .refused(let refusal): throw .malformed(refusal)
            case .incomplete:
                guard try more() else { throw .channel(.cut("the connection ended before an answer")) }
            case .complete where head.isInterim: received.consume(head.byteCount)
            case .complete:
                let answer = Answer(status: head.status, fields: Self.fields(head.fields, of: received.bytes))
                received.consume(head.byteCount)
                return (answer, head.framing)
            }
        }
    }

    /// Reads one body to its end.
    mutating func body(
        _ framing: BodyFraming,
        limitBytes: UInt64,
        side: MessageSide
    ) throws(MessageFailure) -> [UInt8] {
        var decoder = BodyDecoder(framing: framing, limitBytes: limitBytes, side: side)
        var body: [UInt8] = []
        while true {
            do throws(Refusal) {
                let step = try decoder.next(received.bytes)
                body.append(contentsOf: Array(received.bytes.extracting(step.payload)))
                received.consume(step.consumed)
                if step.isComplete { return body }
                if step.consumed > 0, !received.isEmpty { continue }
            } catch {
                throw .malformed(error)
            }
            if try more() { continue }
            do {
                try decoder.endOfInput()
            } catch {
                throw .malformed(error)
            }
            return body
        }
    }

    mutating func sendContinue() throws(MessageFailure) {
        do {
            try send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8).span)
        } catch {
            throw .channel(error)
        }
    }

    private mutating func more() throws(MessageFailure) -> Bool {
        do {
            return try fill()
        } catch {
            throw .channel(error)
        }
    }

    private static func request(_ head: borrowing RequestHead, of bytes: Span<UInt8>) -> ReceivedRequest {
        var request = ReceivedRequest(method: "\(head.method.name)", path: String(bytes[head.path]))
        if let query = head.query { request.query = String(bytes[query]) }
        request.fields = fields(head.fields, of: bytes)
        return request
    }

    private static func fields(_ table: FieldTable, of bytes: Span<UInt8>) -> [HeaderField] {
        table.indices.map { index in
            HeaderField(String(bytes[table[index].name]), String(bytes[table[index].value]))
        }
    }
}
