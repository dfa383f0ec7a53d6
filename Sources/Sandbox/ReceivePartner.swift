// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// MobiCash: takes payout orders, pays them out, and sends the receiver callback through the edge.
///
/// Its callback endpoint takes whatever the network tells it.
package final class ReceivePartner: Role {
    package struct Settings: Sendable {
        /// Where the receiver callback goes: the edge's partner listener and the path.
        package var callback: Call
        /// Between accepting an order and saying that it was paid out.
        package var pause: Duration

        package init(callback: Call, pause: Duration = .milliseconds(100)) {
            self.callback = callback
            self.pause = pause
        }
    }

    private let settings: Settings
    private let log: EventLog

    package init(_ settings: Settings, log: EventLog) {
        self.settings = settings
        self.log = log
    }

    package func answer(_ request: ReceivedRequest) -> Answer {
        switch (request.method, request.parts.first) {
        case ("POST", "payouts"): accept(request)
        case ("POST", "callbacks"): Answer(status: 202)
        default: Answer(status: 404)
        }
    }

    private func accept(_ request: ReceivedRequest) -> Answer {
        guard let order = JSON.decode(Payout.Order.self, request.body) else { return Answer(status: 400) }
        let payoutReference = "MC" + Hex.encode(Random.bytes(6)).uppercased()
        do {
            // Detached: the acceptance must not wait for the payout.
            _ = try OwnedThread(name: "payout") { [self] in report(order, payoutReference) }
        } catch {
            log.write(.fault) { $0.detail = "no thread for a payout: \(error)" }
            return Answer(status: 503)
        }
        return .json(
            202,
            Payout.Accepted(
                status: "accepted",
                transactionId: order.transactionId,
                payoutReference: payoutReference
            )
        )
    }

    /// Sends the receiver callback until it is acknowledged, as a partner would.
    private func report(_ order: Payout.Order, _ payoutReference: String) {
        Clock.sleep(settings.pause)
        var call = settings.callback
        call.fields.append(HeaderField("Content-Type", "application/json"))
        call.body = JSON.encode(
            Payout.Result(
                transactionId: order.transactionId,
                payoutReference: payoutReference,
                status: "SUCCESS",
                completedAt: Clock.wall().rfc3339
            )
        )
        for attempt in 1...5 {
            let outcome = Caller.send(call, log: log) { $0.transfer = order.transactionId }
            if case .success(let answer) = outcome, (200..<300).contains(answer.status) { return }
            Clock.sleep(.milliseconds(100 << attempt))
        }
    }
}
