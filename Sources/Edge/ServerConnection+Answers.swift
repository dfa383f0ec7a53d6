// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import HTTP
internal import Partners

/// Answers that eigd gives by itself.
extension ServerConnection {
    /// Refuses the request for a reason of ours; the connection lives on where it safely can.
    func deny(_ reason: DenialReason) {
        exchange.reason = "\(reason.code)"
        exchange.record?.runtime.countRefusal("\(reason.code)")
        worker.countRefusal(reason)
        exchange.sink = .discard
        logRefusal(code: reason.code, detail: nil)
        answerDenial(
            status: reason.status,
            code: "\(reason.code)",
            message: reason.message,
            retryAfterSeconds: reason.retryAfterSeconds
        )
    }

    /// Refuses bytes that are not the HTTP we speak; the connection closes.
    func refuse(_ refusal: Refusal) {
        exchange.reason = refusal.reason.rawValue
        exchange.record?.runtime.countRefusal(refusal.reason.rawValue)
        worker.countMalformed()
        logRefusal(code: refusal.reason.rawValue, detail: "at byte \(refusal.offset)")
        answerDenial(
            status: refusal.status,
            code: refusal.reason.rawValue,
            message: "The request is not well-formed HTTP/1.1, or asks for what this gateway does not do.",
            retryAfterSeconds: 0
        )
    }

    /// The one shape of every refusal: a code to look up, a sentence, and the id that our log has.
    func answerDenial(status: Int, code: String, message: StaticString, retryAfterSeconds: Int) {
        var json = JSONWriter(ByteBuffer())
        json.field("code", code)
        json.field("message", message)
        json.field("requestId", exchange.id)
        var document = ByteBuffer()
        document.append("{\"error\":")
        document.append(json.finish().bytes)
        document.append("}\n")
        writeHead(status: status, contentType: "application/json", byteCount: document.count, retryAfterSeconds)
        finishAnswer(document.bytes)
    }

    /// A complete answer of ours.
    func respond(status: Int, contentType: StaticString, body: [UInt8], retryAfterSeconds: Int = 0) {
        writeHead(status: status, contentType: contentType, byteCount: body.count, retryAfterSeconds)
        finishAnswer(body.span)
    }

    private func finishAnswer(_ body: Span<UInt8>) {
        // A HEAD request's answer, 204 and 304 have a head only (RFC 9110 §6.4.1).
        if exchange.method != .head, exchange.status != 204 {
            channel.outgoing.append(body)
            exchange.sentBytes = body.count
        }
        responseEnded()
    }

    private func writeHead(status: Int, contentType: StaticString, byteCount: Int, _ retryAfterSeconds: Int) {
        exchange.status = status
        lendOutgoing()
        exchange.isHeadWritten = true
        HeadWriter.statusLine(status, into: &channel.outgoing)
        channel.outgoing.append(worker.dateLine)
        if status != 204 {
            HeadWriter.field("Content-Type", contentType, into: &channel.outgoing)
            HeadWriter.field("Content-Length", decimal: byteCount, into: &channel.outgoing)
        }
        if retryAfterSeconds > 0 {
            HeadWriter.field("Retry-After", decimal: retryAfterSeconds, into: &channel.outgoing)
        }
        if status == 401, case .basic = exchange.record?.partner.credential.scheme {
            HeadWriter.field("WWW-Authenticate", "Basic realm=\"partner edge\"", into: &channel.outgoing)
        }
        ForwardedHead.writeClosing(self, into: &channel.outgoing)
        HeadWriter.end(into: &channel.outgoing)
    }
}
