// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP
internal import Partners

/// Heads as they leave us: written anew from what was parsed, never passed through.
///
/// Every inbound copy of a field that says who somebody is has been dropped by the parser's
/// recognition; what is written here is ours.
enum ForwardedHead {
    /// A partner's request, to a backend.
    ///
    /// - Parameter bytes: what the slices of the request's head point into.
    static func writePartner(
        _ server: ServerConnection,
        _ bytes: Span<UInt8>,
        of caller: Caller,
        to target: UpstreamTarget,
        into output: inout ByteBuffer
    ) {
        HeadWriter.requestLine(server.head.method, target: bytes[server.head.target], into: &output)
        output.append(target.hostLine)
        let trace = continuedTrace(server, bytes)
        var excluded = rewritten(endingTrace: trace == nil)
        // A credential that we have checked ends here.
        switch caller.record.partner.credential.scheme {
        case .basic: excluded.insert(.authorization)
        case .terrapay: excluded.insert(.xPassword)
        case .none: break
        }
        HeadWriter.forwardedFields(of: server.head, in: bytes, except: excluded, into: &output)
        output.append(caller.headLines)
        writeRequestID(server, into: &output)
        writeTrace(server, bytes, trace, into: &output)
        HeadWriter.framing(server.head.framing, into: &output)
        HeadWriter.end(into: &output)
    }

    /// What every head of ours says anew.
    ///
    /// A `tracestate` belongs to the trace it came with: where that is not one, it ends here, too (W3C Trace
    /// Context §4.3).
    private static func rewritten(endingTrace: Bool) -> FieldSet {
        var fields = FieldSet()
        fields.insert(.host)
        fields.insert(.traceparent)
        if endingTrace { fields.insert(.tracestate) }
        return fields
    }

    /// Where the trace that goes on stands in the head, or nothing when one begins here.
    private static func continuedTrace(_ server: ServerConnection, _ bytes: Span<UInt8>) -> ByteSlice? {
        guard let given = server.head.first(.traceparent) else { return nil }
        return TraceParent.isValid(bytes[given]) ? given : nil
    }

    static func writeRequestID(_ server: ServerConnection, into output: inout ByteBuffer) {
        output.append("X-EIG-Request-Id: ", server.exchange.idText, "\r\n")
    }

    /// A backend's request, to a partner's own API: no field of ours goes out, but the trace.
    ///
    /// - Parameters:
    ///   - bytes: what the slices of the request's head point into.
    ///   - pathOffset: where in the request's path the partner's path begins.
    static func writeOutward(
        _ server: ServerConnection,
        _ bytes: Span<UInt8>,
        to target: UpstreamTarget,
        pathOffset: Int,
        into output: inout ByteBuffer
    ) {
        let whole = server.head.target
        let prefix = Array(target.path.utf8)
        HeadWriter.requestLine(
            server.head.method,
            prefix: prefix.span,
            target: bytes.extracting(whole.start + pathOffset..<whole.end),
            into: &output
        )
        output.append(target.hostLine)
        let trace = continuedTrace(server, bytes)
        let excluded = rewritten(endingTrace: trace == nil)
        HeadWriter.forwardedFields(of: server.head, in: bytes, except: excluded, into: &output)
        writeTrace(server, bytes, trace, into: &output)
        HeadWriter.framing(server.head.framing, into: &output)
        HeadWriter.end(into: &output)
    }

    /// The trace goes on with a span of ours, or begins here (W3C Trace Context §3.2).
    private static func writeTrace(
        _ server: ServerConnection,
        _ bytes: Span<UInt8>,
        _ given: ByteSlice?,
        into output: inout ByteBuffer
    ) {
        let id = server.exchange.idText
        output.append("traceparent: 00-")
        if let given {
            output.append(bytes.extracting(given.start + 3..<given.start + 35))
        } else {
            output.append(digitsOf: id)
        }
        output.append(UInt8(ascii: "-"))
        output.append(lowDigitsOf: id)
        if let given {
            output.append(bytes.extracting(given.start + 52..<given.start + 55))
        } else {
            output.append("-01")
        }
        output.append("\r\n")
    }

    /// An upstream's answer, to whoever asked.
    static func writeResponse(
        _ head: borrowing ResponseHead,
        _ bytes: Span<UInt8>,
        framing: BodyFraming,
        for server: ServerConnection,
        into output: inout ByteBuffer
    ) {
        HeadWriter.statusLine(head.status, into: &output)
        HeadWriter.forwardedFields(of: head, in: bytes, into: &output)
        if head.fields.first(.date) == nil { output.append(server.worker.dateLine) }
        writeRequestID(server, into: &output)
        if case .none = framing, let length = head.contentLength, head.status != 204 {
            // The length a body would have: to HEAD, and with 304 (RFC 9110 §8.6).
            HeadWriter.field("Content-Length", decimal: Int(length), into: &output)
        } else {
            HeadWriter.framing(framing, into: &output)
        }
        writeClosing(server, into: &output)
        HeadWriter.end(into: &output)
    }

    static func writeClosing(_ server: ServerConnection, into output: inout ByteBuffer) {
        if server.machine.mustClose { HeadWriter.field("Connection", "close", into: &output) }
    }
}

/// The `traceparent` field, version 00 (W3C Trace Context §3.2.2).
enum TraceParent {
    /// `00-<32 hex>-<16 hex>-<2 hex>` in lower case, neither id all zeros.
    static func isValid(_ value: Span<UInt8>) -> Bool {
        guard value.count == 55, value[0] == UInt8(ascii: "0"), value[1] == UInt8(ascii: "0") else { return false }
        var traceBits: UInt8 = 0
        var spanBits: UInt8 = 0
        for index in 2..<55 {
            let byte = value[index]
            if index == 2 || index == 35 || index == 52 {
                guard byte == UInt8(ascii: "-") else { return false }
                continue
            }
            guard let digit = Hex.value(of: byte), !(UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte) else {
                return false
            }
            if index < 35 { traceBits |= digit } else if index < 52 { spanBits |= digit }
        }
        return traceBits != 0 && spanBits != 0
    }
}

extension HeadWriter {
    /// A whole line, to be appended to many heads: `Name: value` and CRLF.
    ///
    /// - Precondition: the value can be a field's.
    static func line(_ name: StaticString, _ value: [UInt8]) -> [UInt8] {
        var output = ByteBuffer()
        invariant(field(name, value.span, into: &output), "a field value with a line break in it")
        return output.array
    }
}
