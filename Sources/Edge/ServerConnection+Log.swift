// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP
internal import Partners
internal import Synchronization
internal import TLS

/// One JSON object a line for every answer and for every refusal; never a body, a credential or a path.
extension ServerConnection {
    /// The request's line, once its answer is complete or cut; a peer lost after that adds no second one.
    func logAccess() {
        guard !exchange.isLogged else { return }
        exchange.isLogged = true
        worker.counters.answers.add(1, ordering: .relaxed)
        guard worker.snapshot.gateway.log.access else { return }
        worker.log { (line: inout JSONWriter) in
            line.field("event", "access" as StaticString)
            line.field("request", exchange.idText)
            line.fields(lines.logFields)
            if let record = exchange.record { line.fields(record.logField) }
            line.field("method", exchange.method.name)
            if exchange.routeLogField.isEmpty {
                line.field("route", "-" as StaticString)
            } else {
                line.fields(exchange.routeLogField)
            }
            line.field("status", exchange.status)
            if !exchange.reason.isEmpty { line.field("reason", exchange.reason) }
            if let target = exchange.target { line.fields(target.logField) }
            line.field("bytesIn", exchange.receivedBytes)
            line.field("bytesOut", exchange.sentBytes)
            line.field("microseconds", exchange.startedAt.microseconds(to: worker.now))
            if let answeredAt = exchange.answeredAt {
                line.field("upstreamMicroseconds", exchange.startedAt.microseconds(to: answeredAt))
            }
        }
    }

    /// Why somebody was turned away, with what their certificate says: what `eigctl why` answers from.
    func logRefusal(code: some CustomStringConvertible, detail: String?, certificate: PeerCertificate? = nil) {
        guard worker.maySayRefusal() else { return }
        let shown = certificate ?? identity?.certificate
        worker.log { (line: inout JSONWriter) in
            line.field("event", "refusal" as StaticString)
            line.field("reason", code.description)
            if exchange.startedAt.nanoseconds > 0 { line.field("request", exchange.id) }
            line.field("listener", side == .partners ? "partners" : "internal" as StaticString)
            line.field("peer", peer.description)
            if let record = exchange.record ?? record { line.field("partner", record.id.rawValue) }
            if channel.isResumed { line.field("resumed", true) }
            line.fields(exchange.routeLogField)
            if let detail { line.field("detail", detail) }
            guard let shown else { return }
            line.field("subject", shown.subject)
            line.field("issuer", shown.issuer)
            line.field("serial", shown.serial)
            line.field("names", shown.dnsNames.joined(separator: ","))
            line.field("sha256", Hex.encode(shown.sha256))
            line.field("spkiSHA256", Hex.encode(shown.spkiSHA256))
            line.field("notAfter", shown.notAfter.rfc3339)
        }
    }

    func logUpstreamFailure(_ failure: UpstreamFailure, _ target: UpstreamTarget) {
        guard worker.maySayRefusal() else { return }
        worker.log { (line: inout JSONWriter) in
            line.field("event", "upstream_failure" as StaticString)
            line.field("request", exchange.id)
            line.field("upstream", target.name)
            line.field("failure", failure.code)
            line.field("detail", failure.detail)
            line.field("unsent", failure.isUnsent)
        }
    }
}

extension MonotonicInstant {
    /// Whole microseconds until `later`, which no clock of a worker puts before this.
    fileprivate func microseconds(to later: MonotonicInstant) -> Int {
        Int((later.nanoseconds - nanoseconds) / 1000)
    }
}
