// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import Engine
internal import HTTP

/// One attempt at delivering a callback: a request of the relay's, and what came of it.
///
/// The order is complete but for the connection; the answer is read up to 16 KiB and judged by the
/// relay. The whole of it, resolving included, ends by the order's deadline.
final class Delivery: UpstreamOwner {
    private static let answerBytesMax = 16 << 10

    private let worker: Worker
    private let order: DeliveryOrder
    private let method: Method
    private let startedAt: MonotonicInstant
    private var client: ClientConnection?
    private var target: UpstreamTarget?
    private var status = 0
    private var retryAfter: String?
    private var answer = ByteBuffer()
    private var isSettled = false
    private var attempts = 0

    init(order: DeliveryOrder, worker: Worker) {
        self.order = order
        self.worker = worker
        method = Method(name: order.method) ?? .post
        startedAt = worker.now
    }

    /// Begins; the result is settled with the relay sooner or later, exactly once.
    func start() {
        guard let target = worker.snapshot.deliveryTarget(order.destination) else {
            return settle(.failed(DeliveryFailure(kind: .notConfigured, detail: "no such endpoint is configured now")))
        }
        self.target = target
        acquire(target)
    }

    private func acquire(_ target: UpstreamTarget) {
        attempts += 1
        worker.pool(of: target).acquire(
            for: self,
            method: method,
            deadline: startedAt + order.deadline,
            isFresh: attempts > 2,
            on: worker
        )
    }

    func upstreamAssigned(_ client: consuming ClientConnection) {
        self.client = client
        guard let target else { return }
        client.lendOutgoing()
        write(to: target, into: &client.channel.outgoing)
        client.requestEnded()
        client.flush()
    }

    private func write(to target: UpstreamTarget, into output: inout ByteBuffer) {
        var path = order.pathSuffix ?? target.path
        if path.isEmpty { path = "/" }
        HeadWriter.requestLine(method, target: Array(path.utf8).span, into: &output)
        output.append(target.hostLine)
        for field in order.fields { HeadWriter.field(field.name, field.value, into: &output) }
        HeadWriter.field("Content-Length", decimal: order.body.count, into: &output)
        HeadWriter.end(into: &output)
        output.append(order.body)
    }

    func upstreamAnswered(_ head: borrowing ResponseHead, _ bytes: Span<UInt8>) {
        status = head.status
        retryAfter = head.fields.first(.retryAfter).map { String(bytes[$0]) }
    }

    func upstreamSent(_ body: Span<UInt8>) {
        answer.append(body.extracting(0..<min(body.count, Self.answerBytesMax - answer.count)))
        guard answer.count == Self.answerBytesMax else { return }
        // The rest could be endless; what matters is said in the first bytes.
        let client = self.client.take()
        settle(.answered(status: status, retryAfter: retryAfter, body: answer.array))
        client?.abandon()
    }

    func upstreamEnded() {
        client = nil
        settle(.answered(status: status, retryAfter: retryAfter, body: answer.array))
    }

    func upstreamFailed(_ failure: UpstreamFailure) {
        let used = client.take()
        if let used, let target, used.isReused, failure.isUnsent, attempts < 3 { return acquire(target) }
        let kind: DeliveryFailure.Kind =
            switch failure {
            case .resolve: .resolve
            case .busy, .connect: .connect
            case .tls: .tls
            case .timeout: .timeout
            case .lost: .reset
            case .malformed: .malformed
            }
        settle(.failed(DeliveryFailure(kind: kind, detail: failure.detail)))
    }

    func upstreamPaused() {}
    func upstreamDrained() {}

    private func settle(_ outcome: AttemptResult.Outcome) {
        guard !isSettled else { return }
        isSettled = true
        let elapsed = worker.now - startedAt
        log(outcome, elapsed)
        worker.settle(
            AttemptResult(leaseID: order.leaseID, itemID: order.itemID, outcome: outcome, elapsed: elapsed)
        )
    }

    private func log(_ outcome: AttemptResult.Outcome, _ elapsed: Duration) {
        worker.log { (line: inout JSONWriter) in
            line.field("event", "delivery" as StaticString)
            line.field("item", order.itemID)
            line.field("destination", order.destination.description)
            line.field("attempt", order.attempt)
            switch outcome {
            case .answered(let status, _, _): line.field("status", status)
            case .failed(let failure):
                line.field("failure", failure.kind.rawValue)
                line.field("detail", failure.detail)
            }
            line.field("microseconds", Int(elapsed.nanosecondsClamped / 1000))
        }
    }
}
