// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// TXN: takes transfers, has them paid out through the edge, and tells the sender how they ended.
package final class TransactionBackend: Role {
    package struct Settings: Sendable {
        /// The edge's internal listener.
        package var edge: Location
        /// RPT, told of every transfer directly: both live on the inside.
        package var reports: Location?
        /// The partner that pays out.
        package var receiver: String
        /// Between acknowledging a transfer and having it paid out.
        package var pause: Duration

        package init(edge: Location, reports: Location?, receiver: String, pause: Duration = .milliseconds(100)) {
            self.edge = edge
            self.reports = reports
            self.receiver = receiver
            self.pause = pause
        }
    }

    private let settings: Settings
    private let log: EventLog
    private let ledger = TransferLedger()

    package init(_ settings: Settings, log: EventLog) {
        self.settings = settings
        self.log = log
    }

    package func answer(_ request: ReceivedRequest) -> Answer {
        switch (request.method, request.parts) {
        case ("POST", ["eig", "gsma", "transactions"]): create(request)
        case ("GET", let parts) where parts.count == 4 && parts.starts(with: ["eig", "gsma", "transactions"]):
            view(String(parts[3]), request)
        case ("POST", ["callbacks"]): payoutEnded(request)
        case ("POST", let parts) where parts.count == 2 && parts[0] == "tell": tell(String(parts[1]), request)
        default: failure(404, "1000", "No such resource", "")
        }
    }

    private func create(_ request: ReceivedRequest) -> Answer {
        guard let body = JSON.decode(TerraPay.CreateRequest.self, request.body) else {
            return failure(400, "1005", "Missing or mistyped field", "")
        }
        let theirs = body.requestingOrganisationTransactionReference
        if let refusal = body.refusal { return failure(400, refusal.code, refusal.words, theirs) }
        let transfer = Transfer(
            reference: Self.newReference(),
            sender: request.fields["X-EIG-Partner"] ?? "unknown",
            request: body
        )
        // As TerraPay does: HTTP says fine, the body says that it is not.
        guard ledger.open(transfer) == .new else { return failure(200, "3004", "Duplicate Transaction Id", theirs) }
        record(transfer)
        do {
            // Detached: the answer must not wait for the payout, and the program ends with its threads.
            _ = try OwnedThread(name: "payout") { [self] in payOut(transfer) }
        } catch {
            log.write(.fault) { $0.detail = "no thread for a payout: \(error)" }
            return failure(503, "1007", "Busy", theirs)
        }
        return .json(200, transfer.answer)
    }

    private func view(_ reference: String, _ request: ReceivedRequest) -> Answer {
        guard let transfer = ledger.find(reference, sender: request.fields["X-EIG-Partner"] ?? "unknown") else {
            return failure(404, "1046", "Invalid Transaction Id", reference)
        }
        return .json(200, transfer.answer)
    }

    /// The outward call, on a thread of the transfer's own.
    private func payOut(_ transfer: Transfer) {
        Clock.sleep(settings.pause)
        if let reports = settings.reports {
            var call = Call("POST", reports.at("/transfers"))
            call.body = JSON.encode(transfer.answer)
            send(call, about: transfer)
        }
        var call = Call("POST", settings.edge.at("/v1/partners/\(settings.receiver)/payouts"))
        call.body = JSON.encode(
            Payout.Order(
                transactionId: transfer.reference,
                amount: transfer.request.amount,
                currency: transfer.request.currency,
                creditParty: transfer.request.creditParty
            )
        )
        send(call, about: transfer)
    }

    /// The receiver callback, as the relay delivers it: at least once.
    private func payoutEnded(_ request: ReceivedRequest) -> Answer {
        guard let result = JSON.decode(Payout.Result.self, request.body) else {
            return failure(400, "1005", "Missing or mistyped field", "")
        }
        let state = result.status == "SUCCESS" ? Transfer.State.succeeded : .failed
        guard let transfer = ledger.settle(result.transactionId, as: state) else { return Answer(status: 200) }
        record(transfer)
        do {
            _ = try OwnedThread(name: "notify") { [self] in notify(transfer) }
        } catch {
            log.write(.fault) { $0.detail = "no thread for a sender callback: \(error)" }
        }
        return Answer(status: 200)
    }

    /// The sender callback, handed to the relay.
    private func notify(_ transfer: Transfer) {
        var call = Call("POST", settings.edge.at("/v1/callbacks/\(transfer.sender)"))
        call.fields = [HeaderField("Idempotency-Key", "\(transfer.reference)-\(transfer.state.code)")]
        call.body = JSON.encode(
            TerraPay.StatusNotification(
                transactionId: transfer.reference,
                partnerTransId: transfer.request.requestingOrganisationTransactionReference,
                responseCode: transfer.state.code,
                responseMsg: transfer.state.words,
                status: transfer.state.word
            )
        )
        send(call, about: transfer)
    }

    /// Hands any callback to the relay: `POST /tell/{partner}` on the control socket.
    private func tell(_ partner: String, _ request: ReceivedRequest) -> Answer {
        guard request.peer == nil else { return failure(404, "1000", "No such resource", "") }
        var call = Call("POST", settings.edge.at("/v1/callbacks/\(partner)"))
        call.fields = [HeaderField("Idempotency-Key", request.fields["Idempotency-Key"] ?? Self.newReference())]
        call.body = request.body
        switch send(call, about: nil) {
        case .success(let answer): return Answer(status: answer.status, body: answer.body)
        case .failure(let failure): return self.failure(502, "1007", failure.description, "")
        }
    }

    @discardableResult
    private func send(_ call: Call, about transfer: Transfer?) -> Result<Answer, CallFailure> {
        var call = call
        call.fields.append(HeaderField("Content-Type", "application/json"))
        return Caller.send(call, log: log) { event in
            event.transfer = transfer?.reference
            event.reference = transfer?.request.requestingOrganisationTransactionReference
        }
    }

    private func record(_ transfer: Transfer) {
        log.write(.transfer) { event in
            event.transfer = transfer.reference
            event.reference = transfer.request.requestingOrganisationTransactionReference
            event.partner = transfer.sender
            event.detail = transfer.state.rawValue
        }
    }

    private func failure(_ status: Int, _ code: String, _ words: String, _ theirs: String) -> Answer {
        let detail = TerraPay.Failure.Detail(
            errorCategory: "validation",
            errorCode: code,
            errorDescription: words,
            errorDateTime: Clock.wall().rfc3339
        )
        return .json(
            status,
            TerraPay.Failure(serverCorrelationId: "", clientCorrelationId: theirs, error: detail)
        )
    }

    /// Such as `TP018F3C5A2B7C9D1E`: two letters and sixteen hexadecimal digits.
    private static func newReference() -> String { "TP" + Hex.encode(Random.bytes(8)).uppercased() }
}
