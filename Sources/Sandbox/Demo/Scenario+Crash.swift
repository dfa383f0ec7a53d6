// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// The crash: a callback is accepted, its endpoint is gone, eigd is killed, and it arrives all the same.
extension Scenario {
    mutating func showCrash() throws(CallFailure) {
        var finding = Finding("6", "TXN → edge → MobiCash", "callback while MobiCash is down; eigd killed with -9")
        try lab.run("stop", "mobicash")
        let accepted = try tellMobiCash()
        finding.note(accepted.report)
        finding.id = accepted.id
        let failed = lab.gatewayLine(after: 0) { isAttempt($0, accepted.id) && $0.failure != nil }
        finding.require(
            failed.map { "accepted, stored; attempt \($0.attempt ?? 0) failed: \($0.detail ?? $0.failure ?? "?")" },
            else: "a failed attempt while MobiCash is down; TXN was answered \(accepted.report.body ?? "nothing")"
        )
        try lab.run("kill", "eigd")
        let isDown = try lab.call(from: .payfast, ["--url", "\(Self.edge)/", "--timeout", "1s"]).status == nil
        finding.require(isDown, "eigd was killed with -9: nobody answers", else: "eigd being dead")
        try lab.run("start", "eigd")
        let startedAt = Clock.monotonic()
        try lab.run("start", "mobicash")
        let arrived = lab.event("mobicash", .request) { $0.id == accepted.id && $0.status == 202 }
        let waited = (Clock.monotonic() - startedAt).milliseconds
        finding.require(
            arrived?.body == accepted.body ? "MobiCash: it arrived \(waited) ms after its return, byte for byte" : nil,
            else: "the callback \(accepted.id ?? "") arriving at MobiCash as it was sent"
        )
        let done = lab.gatewayLine(after: 0) { isAttempt($0, accepted.id) && $0.status == 202 }
        finding.require(
            done.map { "eigd: attempt \($0.attempt ?? 0) acknowledged" },
            else: "eigd taking the acknowledgement"
        )
        show(finding)
    }

    private func isAttempt(_ line: GatewayLine, _ id: String?) -> Bool {
        line.event == "delivery" && line.item == id && line.destination == "partner:mobicash"
    }

    /// Has TXN hand a callback for MobiCash to the relay.
    private func tellMobiCash() throws(CallFailure) -> (report: CallReport, id: String?, body: String) {
        struct Accepted: Decodable { let id: String }
        guard let location = Location("http://control/tell/mobicash") else { throw .setup("no such location") }
        let body = "{\"status\":\"SETTLED\",\"transactionId\":\"\(transfer)\"}"
        var call = Call("POST", location)
        call.fields = [HeaderField("Idempotency-Key", "\(transfer)-settled")]
        call.body = Array(body.utf8)
        let startedAt = Clock.monotonic()
        let answer = try lab.ask("txn", call)
        let report = CallReport(
            status: answer.status,
            milliseconds: Int((Clock.monotonic() - startedAt).milliseconds),
            body: answer.text
        )
        return (report, JSON.decode(Accepted.self, answer.body)?.id, body)
    }
}
