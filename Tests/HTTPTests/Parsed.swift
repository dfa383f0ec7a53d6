// SPDX-License-Identifier: Apache-2.0
import Base
import HTTP

/// A request head as values, so that two ways of parsing it can be compared.
struct ParsedRequest: Hashable, Sendable {
    struct Line: Hashable, Sendable {
        var name: String
        var value: String
        var known: KnownField
    }

    var method: Method
    var target: String
    var path: String
    var query: String?
    var fields: [Line]
    var framing: BodyFraming
    var isPersistent: Bool
    var expectsContinue: Bool
    var host: String
    var hostPort: UInt16?
    var byteCount: Int

    init(_ head: borrowing RequestHead, of bytes: Span<UInt8>) {
        method = head.method
        target = String(bytes[head.target])
        path = String(bytes[head.path])
        query = head.query.map { String(bytes[$0]) }
        fields = lines(head.fields, of: bytes)
        framing = head.framing
        isPersistent = head.isPersistent
        expectsContinue = head.expectsContinue
        host = String(bytes[head.host])
        hostPort = head.hostPort
        byteCount = head.byteCount
    }
}

struct ParsedResponse: Hashable, Sendable {
    var status: Int
    var reason: String
    var fields: [ParsedRequest.Line]
    var framing: BodyFraming
    var isPersistent: Bool
    var byteCount: Int

    init(_ head: borrowing ResponseHead, of bytes: Span<UInt8>) {
        status = head.status
        reason = String(bytes[head.reason])
        fields = lines(head.fields, of: bytes)
        framing = head.framing
        isPersistent = head.isPersistent
        byteCount = head.byteCount
    }
}

private func lines(_ table: borrowing FieldTable, of bytes: Span<UInt8>) -> [ParsedRequest.Line] {
    var lines: [ParsedRequest.Line] = []
    for index in table.indices {
        let field = table[index]
        lines.append(.init(name: String(bytes[field.name]), value: String(bytes[field.value]), known: field.known))
    }
    return lines
}

/// What parsing came to: the three outcomes of every parser here.
enum Outcome<Value: Hashable & Sendable>: Hashable, Sendable {
    case value(Value)
    case incomplete
    case refused(Refusal)
}

/// Parses a request that arrives in pieces ending at `cuts` (the last one at the end of `bytes`).
func parseRequest(_ bytes: [UInt8], cuts: [Int], limits: HeadLimits = HeadLimits()) -> Outcome<ParsedRequest> {
    var parser = RequestParser(limits: limits)
    var head = RequestHead()
    for cut in cuts + [bytes.count] {
        // A fresh copy of exactly what has arrived: nothing behind it can be read by accident.
        let arrived = Array(bytes[..<cut])
        switch parser.parse(arrived.span, into: &head) {
        case .incomplete: continue
        case .complete: return .value(ParsedRequest(head, of: arrived.span))
        case .refused(let refusal): return .refused(refusal)
        }
    }
    return .incomplete
}

func parseRequest(_ text: String, limits: HeadLimits = HeadLimits()) -> Outcome<ParsedRequest> {
    parseRequest(Array(text.utf8), cuts: [], limits: limits)
}

/// One byte more at a time.
func trickleRequest(_ bytes: [UInt8], limits: HeadLimits = HeadLimits()) -> Outcome<ParsedRequest> {
    parseRequest(bytes, cuts: Array(0..<bytes.count), limits: limits)
}

func parseResponse(
    _ bytes: [UInt8],
    to method: Method = .get,
    cuts: [Int] = [],
    limits: HeadLimits = HeadLimits()
) -> Outcome<ParsedResponse> {
    var parser = ResponseParser(limits: limits)
    var head = ResponseHead()
    for cut in cuts + [bytes.count] {
        let arrived = Array(bytes[..<cut])
        switch parser.parse(arrived.span, requestMethod: method, into: &head) {
        case .incomplete: continue
        case .complete: return .value(ParsedResponse(head, of: arrived.span))
        case .refused(let refusal): return .refused(refusal)
        }
    }
    return .incomplete
}
