// SPDX-License-Identifier: Apache-2.0

/// The refusals: each with the reason eigd, the kernel or TLS gave, and the proof that TXN saw nothing of it.
extension Scenario {
    mutating func showRefusals() throws(CallFailure) {
        try showStranger()
        for intruder in try Intruder.connections(self) + Intruder.requests(self) { try show(intruder) }
    }

    private mutating func showStranger() throws(CallFailure) {
        var finding = Finding("a", "stranger → edge", "an address nobody allow-listed")
        let packetsBefore = try lab.strangerPacketCount()
        let call = try lab.call(from: .stranger, ["--url", "\(Self.edge)/", "--timeout", "1s"])
        finding.note(call)
        let packets = try lab.strangerPacketCount() - packetsBefore
        finding.require(
            packets > 0 && call.status == nil,
            "kernel: nftables dropped \(packets) packet\(packets == 1 ? "" : "s") (counter inet eig strangers)",
            else: "the kernel's counter of strangers moving; it moved by \(packets)"
        )
        finding.require(
            !lab.gatewayLines().contains { $0.peer?.hasPrefix("203.0.113.130") == true },
            "eigd never saw it; the caller \(call.failure ?? "")",
            else: "eigd knowing nothing of 203.0.113.130"
        )
        show(finding)
    }

    private mutating func show(_ intruder: Intruder) throws(CallFailure) {
        var finding = Finding(intruder.label, "\(intruder.who) → edge", intruder.what)
        let lineCount = lab.gatewayLines().count
        let seenBefore = requestCount()
        let call = try lab.call(from: intruder.party, intruder.flags + ["--timeout", "20s"])
        finding.note(call)
        if call.status == nil { finding.outcome = "TLS" }
        finding.require(
            call.status == intruder.status,
            "the caller got \(call.status.map(String.init) ?? call.failure ?? "nothing")",
            else: "\(intruder.status.map(String.init) ?? "no answer"); got \(call.body ?? call.failure ?? "nothing")"
        )
        let refusal = lab.gatewayLine(after: lineCount) { $0.event == "refusal" && $0.reason == intruder.reason }
        finding.require(refusal?.refusalText, else: "eigd refusing with \(intruder.reason)")
        finding.require(
            requestCount() == seenBefore,
            "TXN saw nothing of it",
            else: "TXN seeing nothing of it; it got \(requestCount() - seenBefore) requests"
        )
        show(finding)
    }

    private func requestCount() -> Int { lab.events("txn").filter { $0.event == .request }.count }
}
