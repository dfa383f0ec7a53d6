// SPDX-License-Identifier: Apache-2.0

/// Steps 1 to 5: a transfer, its payout, both callbacks, and what everybody can read afterwards.
extension Scenario {
    mutating func showTransfer() throws(CallFailure) {
        try showCreate()
        showOutwardCall()
        showReceiverCallback()
        showSenderCallback()
        try showView()
    }

    private mutating func showCreate() throws(CallFailure) {
        var step = Finding("1", "PayFast → edge → TXN", "POST /eig/gsma/transactions")
        let call = try lab.call(from: .payfast, create(reference) + lab.showing("payfast") + lab.login(.payfast))
        step.note(call)
        let answer = JSON.decode(TerraPay.Transaction.self, Array((call.body ?? "").utf8))
        transfer = answer?.transactionReference ?? "-"
        step.id = transfer
        step.require(
            call.status == 200 && answer?.transactionStatus == "3050:Remit Acknowledged.",
            "PayFast was answered \(answer?.transactionStatus ?? "")",
            else: "an answer 3050:Remit Acknowledged.; got \(call.failure ?? call.body ?? "nothing")"
        )
        let seen = lab.event("txn", .request) { $0.reference == reference && $0.partner == "payfast" }
        step.require(
            seen.map { "TXN: \($0.path ?? "") from partner \($0.partner ?? "?"), request \($0.id ?? "?")" },
            else: "TXN receiving \(reference) as partner payfast's"
        )
        show(step)
    }

    private mutating func showOutwardCall() {
        var step = Finding("2", "TXN → edge → MobiCash", "POST /v1/partners/mobicash/payouts: pay out")
        step.id = transfer
        if let call = lab.event("txn", .call, where: { $0.path?.hasPrefix("/v1/partners/") == true && isOurs($0) }) {
            step.note(call)
            step.require(call.status == 202, "TXN was answered accepted", else: "202 for TXN: \(call.detail ?? "")")
        }
        let seen = lab.event("mobicash", .request) { $0.path == "/payouts" && isOurs($0) }
        step.require(
            seen.map { "MobiCash: \($0.path ?? "") from \($0.peer ?? "?"), our certificate \($0.certificate ?? "?")" },
            else: "MobiCash receiving the payout order"
        )
        show(step)
    }

    private mutating func showReceiverCallback() {
        var step = Finding("3", "MobiCash → edge → TXN, RPT", "receiver callback SUCCESS, stored, then delivered")
        step.id = transfer
        let sent = lab.event("mobicash", .call) { isOurs($0) && $0.status != nil }
        if let sent { step.note(sent) }
        step.require(
            sent.flatMap { $0.status == 202 ? "MobiCash was acknowledged once it was stored: \($0.body ?? "")" : nil },
            else: "an acknowledgement for MobiCash"
        )
        for backend in ["txn", "rpt"] {
            let seen = lab.event(backend, .request) {
                $0.path == "/callbacks" && isOurs($0) && $0.partner == "mobicash" && $0.status == 200
            }
            step.require(
                seen.map { "\(backend.uppercased()): receiver callback of \($0.partner ?? "?"), \($0.id ?? "?")" },
                else: "\(backend.uppercased()) receiving it"
            )
        }
        show(step)
    }

    private mutating func showSenderCallback() {
        var step = Finding("4", "TXN → edge → PayFast", "sender callback, stored, then delivered; a copy to RPT")
        step.id = transfer
        let sent = lab.event("txn", .call) { $0.path == "/v1/callbacks/payfast" && isOurs($0) }
        if let sent { step.note(sent) }
        step.require(
            sent.flatMap { $0.status == 202 ? "TXN was acknowledged once it was stored: \($0.body ?? "")" : nil },
            else: "an acknowledgement for TXN"
        )
        let told = lab.event("payfast", .request) { isOurs($0) && $0.reference == reference && $0.status == 200 }
        step.require(
            told.map { "PayFast: \($0.certificate ?? "?") told it SUCCESS; it answered {\"acknowledged\":\"true\"}" },
            else: "PayFast receiving the status notification"
        )
        let copied = lab.event("rpt", .request) {
            $0.path == "/callbacks" && isOurs($0) && $0.reference == reference && $0.status == 200
        }
        step.require(copied.map { "RPT: copy \($0.id ?? "?")" }, else: "RPT receiving the copy")
        show(step)
    }

    private mutating func showView() throws(CallFailure) {
        var step = Finding("5", "PayFast → edge → TXN, RPT", "GET the transfer by PayFast's reference, and the report")
        step.id = transfer
        let identity = try lab.showing("payfast") + lab.login(.payfast)
        let view = try lab.call(
            from: .payfast,
            ["--url", "\(Self.edge)/eig/gsma/transactions/\(reference)"] + identity
        )
        step.note(view)
        let seen = JSON.decode(TerraPay.Transaction.self, Array((view.body ?? "").utf8))
        step.require(
            seen?.status == "SUCCESS" && seen?.transactionReference == transfer,
            "PayFast sees \(seen?.status ?? "?"), \(seen?.transactionStatus ?? "?")",
            else: "SUCCESS; got \(view.body ?? view.failure ?? "nothing")"
        )
        let answer = try lab.call(
            from: .payfast,
            ["--url", "\(Self.edge)/eig/reports/transactions/\(transfer)"] + identity
        )
        let report = JSON.decode(ReportBackend.Report.self, Array((answer.body ?? "").utf8))
        let kinds = report?.entries.map(\.kind) ?? []
        step.require(
            kinds.sorted() == ["receiver-callback", "sender-callback", "transfer"],
            "RPT's report holds \(kinds.joined(separator: ", "))",
            else: "transfer and both callbacks in RPT's report; it holds \(kinds.joined(separator: ", "))"
        )
        show(step)
    }

    private func isOurs(_ event: Event) -> Bool { event.transfer == transfer }
}
