// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import Base
internal import Control
internal import Engine
internal import HTTP
internal import LinuxIO
internal import Partners

/// The first request: where to, or what about.
extension AdminConnection {
    func open(_ bytes: inout ByteBuffer) {
        guard !bytes.isEmpty else { return }
        switch speech {
        case .postgresql: openPostgres(bytes.bytes)
        case .http:
            switch ConnectParser.recognises(bytes.bytes) {
            case nil: break
            case true?: openConnect(&bytes)
            case false?: openRequest(&bytes)
            }
        case .question: openRequest(&bytes)
        }
    }

    // Heads here are short and come once: each is parsed anew with each piece that arrives, so that no connection keeps a
    // parser and its table.
    private static let headLimits = HeadLimits(lineBytesMax: 4096, fieldCountMax: 32, headBytesMax: 16_384)

    // MARK: CONNECT

    private func openConnect(_ bytes: inout ByteBuffer) {
        var parser = ConnectParser(limits: Self.headLimits)
        var head = ConnectHead()
        switch parser.parse(bytes.bytes, into: &head) {
        case .incomplete: break
        case .refused(let refusal): refuse(GateRefusal(refusal))
        case .complete:
            let host = String(bytes.bytes[head.host]).lowercased()
            let port = head.port
            bytes.consume(head.byteCount)
            ask(for: TargetName(target: host, port: port))
        }
    }

    // MARK: PostgreSQL

    /// The start-up message stays where it is: it is what the target reads first.
    private func openPostgres(_ bytes: Span<UInt8>) {
        guard let opening = PostgresOpening(bytes) else { return }
        guard case .startUp(let byteCount) = opening else {
            environment.counters.countRefusal("protocol_unknown")
            return close()
        }
        guard bytes.count >= byteCount else { return }
        guard let name = worker.snapshot.target(ofServerName: channel.serverName) else {
            let message =
                channel.serverName.map { "no database is called \($0)" }
                ?? "the client named no database: it was told an address, or sends no server name"
            let hint = "connect to TARGET.\(worker.snapshot.rules.gate.name): the name says which database"
            return refuse(refusal ?? GateRefusal(code: "target_unknown", message: message, hint: hint))
        }
        ask(for: TargetName(target: name, port: nil))
    }

    // MARK: questions to the gate itself

    private func openRequest(_ bytes: inout ByteBuffer) {
        var head = RequestHead()
        var parser = RequestParser(limits: Self.headLimits)
        switch parser.parse(bytes.bytes, into: &head) {
        case .incomplete: return
        case .refused(let refusal): return refuse(GateRefusal(refusal))
        case .complete: speech = .question
        }
        var bodyBytes = 0
        switch head.framing {
        case .none: break
        case .length(let lengthBytes) where lengthBytes <= UInt64(Self.bodyBytesMax): bodyBytes = Int(lengthBytes)
        default:
            let message = "a body has a Content-Length of at most \(Self.bodyBytesMax)"
            return refuse(GateRefusal(code: "body_refused", status: 413, message: message))
        }
        // A page in somebody's browser can have it send a POST with their certificate, but none of this type without
        // asking first (Fetch standard, CORS-preflight fetch), which nobody here answers.
        guard head.method == .get || Self.isJSON(head.first(.contentType), of: bytes.bytes) else {
            let message = "what is sent to the gate is JSON, and says so"
            let hint = "send Content-Type: application/json"
            return refuse(GateRefusal(code: "content_type", status: 415, message: message, hint: hint))
        }
        guard bytes.count >= head.byteCount + bodyBytes else {
            if head.expectsContinue, bytes.count == head.byteCount { inviteBody() }
            return
        }
        guard let person, let certificate else {
            return refuse(
                refusal ?? GateRefusal(code: "identity_unknown", message: "this certificate stands for nobody")
            )
        }
        let question = DeskQuestion(
            method: "\(head.method.name)",
            path: String(bytes.bytes[head.path]),
            query: head.query.map { String(bytes.bytes[$0]) } ?? "",
            body: Array(bytes.bytes.extracting(head.byteCount..<head.byteCount + bodyBytes))
        )
        bytes.removeAll()
        phase = .asking
        setDeadline(after: GateTimes.answering)
        let caller = DeskCaller.person(person, KnownCertificate(certificate, of: person.admin), source: peer)
        let inbox = environment.inboxes[worker.index]
        let token = self.token
        let wasTaken = environment.desk.ask(question, caller) { response in
            _ = inbox.post(.answered(token: token, response))
        }
        if !wasTaken { refuse(GateRefusal(code: "busy", status: 503, message: "the gate is busy", hint: "try again")) }
    }

    /// A media type's parameters do not matter (RFC 8259 §11 defines none).
    private static func isJSON(_ value: ByteSlice?, of bytes: Span<UInt8>) -> Bool {
        guard let value else { return false }
        let type = String(bytes[value]).prefix { $0 != ";" && $0 != " " && $0 != "\t" }
        return type.lowercased() == "application/json"
    }

    private func inviteBody() {
        lendOutgoing()
        channel.outgoing.append("HTTP/1.1 100 Continue\r\n\r\n" as StaticString)
    }

    /// The desk has answered.
    func answered(_ response: ControlResponse) {
        guard !isClosed, phase == .asking else { return }
        lendOutgoing()
        response.write(into: &channel.outgoing)
        linger()
    }

    // MARK: no

    /// Says no in the client's own words, and ends.
    func refuse(_ refusal: GateRefusal) {
        guard !isClosed else { return }
        environment.counters.countRefusal(refusal.code)
        worker.say(
            "refusal",
            ["reason": refusal.code, "person": person?.id ?? "", "peer": peer.description, "detail": refusal.message]
        )
        target?.abandon()
        target = nil
        leave(refusal)
        answer(refusal)
    }

    func answer(_ refusal: GateRefusal) {
        lendOutgoing()
        switch speech {
        case .http: refusal.appendHTTP(to: &channel.outgoing)
        case .postgresql: refusal.appendPostgres(to: &channel.outgoing)
        case .question: refusal.response.write(into: &channel.outgoing)
        }
        linger()
    }

    private func linger() {
        phase = .lingering
        // A long answer, to somebody far away.
        setDeadline(after: GateTimes.answering)
        flush()
    }
}
