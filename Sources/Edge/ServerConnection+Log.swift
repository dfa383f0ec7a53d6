// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
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
        worker.countAnswer()
        countAnswer()
        guard worker.snapshot.gateway.log.access else { return }
        if let caller, logAccess(of: caller) { return }
        logAccess(by: lines.logFields + (exchange.record?.logField ?? []))
    }

    /// - Returns: false when the request is not this caller's: one from the inside, or denied to somebody else.
    @inline(never)
    private func logAccess(of caller: Caller) -> Bool {
        guard exchange.isOf(caller.record) else { return false }
        logAccess(by: caller.logFields)
        return true
    }

    /// - Parameter peerFields: the log's fields that say who asked.
    @inline(never)
    private func logAccess(by peerFields: [UInt8]) {
        let line = worker.lines.begin(at: worker.wallNow, worker.now)
        worker.lines.end(exchange.written(behind: line, by: peerFields, to: exchange.target, until: worker.now))
    }

    /// For the partner that asked, and for the upstream that answered.
    @inline(never)
    private func countAnswer() {
        if side == .partners, let runtime = exchange.record?.runtime {
            let microseconds = exchange.startedAt.microseconds(to: worker.now)
            runtime.countAnswer(status: exchange.status, microseconds: microseconds)
        }
        if let answeredAt = exchange.answeredAt, let counters = exchange.target?.counters {
            counters.countAnswer(microseconds: exchange.startedAt.microseconds(to: answeredAt))
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
            if let record = exchange.record ?? caller?.record { line.field("partner", record.id.rawValue) }
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

extension Exchange {
    fileprivate func isOf(_ record: PartnerRecord) -> Bool { self.record === record }

    /// The line, taken and given back: a local's, it is in registers here.
    fileprivate func written(
        behind beginning: consuming JSONWriter,
        by peerFields: [UInt8],
        to target: UpstreamTarget?,
        until now: MonotonicInstant
    ) -> JSONWriter {
        var line = beginning
        line.field("event", "access" as StaticString)
        line.field("request", idText)
        line.fields(peerFields)
        line.field("method", method.name)
        if routeLogField.isEmpty { line.field("route", "-" as StaticString) } else { line.fields(routeLogField) }
        line.field("status", status)
        if !reason.isEmpty { line.field("reason", reason) }
        if let target { line.fields(target.logField) }
        line.field("bytesIn", receivedBytes)
        line.field("bytesOut", sentBytes)
        line.field("microseconds", startedAt.microseconds(to: now))
        if let answeredAt { line.field("upstreamMicroseconds", startedAt.microseconds(to: answeredAt)) }
        return line
    }
}

extension MonotonicInstant {
    /// Whole microseconds until `later`, which no clock of a worker puts before this.
    fileprivate func microseconds(to later: MonotonicInstant) -> Int {
        Int((later.nanoseconds - nanoseconds) / 1000)
    }
}
