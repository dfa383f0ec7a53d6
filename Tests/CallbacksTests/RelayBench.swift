// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import TLS
import TestKit
import Testing

extension TemporaryFolder {
    /// Where the relay's store is.
    var store: String { self["relay.db"] }
}

/// A relay engine on a real store, with a clock and randomness the test alone moves.
struct RelayBench: ~Copyable {
    static let startAt = ScheduleInstant(milliseconds: 1_800_000_000_000)
    static let payfast = Destination.partner(PartnerID("payfast")!)
    static let mobicash = Destination.partner(PartnerID("mobicash")!)
    static let txn = Destination.backend("txn")
    static let rpt = Destination.backend("rpt")

    let folder: TemporaryFolder
    let settings: RelaySettings
    var engine: RelayEngine
    var now: ScheduleInstant

    init(
        folder: TemporaryFolder? = nil,
        seed: UInt64 = 1,
        now: ScheduleInstant = RelayBench.startAt,
        adjust: (inout RelaySettings) -> Void = { _ in },
        freeBytes: (() -> Int64?)? = { .max }
    ) throws {
        let folder = try folder ?? TemporaryFolder()
        var settings = Self.settings(folder)
        adjust(&settings)
        var generator = SeededGenerator(seed: seed)
        let engine = try RelayEngine.open(
            settings: settings,
            at: Self.time(now),
            draw: { generator.next() },
            freeBytes: freeBytes
        )
        self.folder = folder
        self.settings = settings
        self.now = now
        self.engine = engine
    }

    static func settings(_ folder: TemporaryFolder) -> RelaySettings { settings(store: folder.store) }

    static func settings(store: String) -> RelaySettings {
        var settings = RelaySettings(path: store)
        settings.ballastBytes = 0
        settings.freeBytesMin = 0
        return settings
    }

    static func time(_ instant: ScheduleInstant) -> RelayTime { RelayTime(schedule: instant, wall: instant.wall) }

    static func submission(
        _ number: Int,
        key: String = "T1",
        to destinations: [Destination] = [payfast],
        dedup: String? = nil,
        source: String = "txn",
        body: String? = nil
    ) -> Submission {
        Submission(
            source: source,
            kind: .sender,
            dedupKey: dedup ?? "d\(number)",
            orderKey: key,
            body: Array((body ?? #"{"n": \#(number)}"#).utf8),
            contentType: "application/json",
            destinations: destinations,
            receivedAt: startAt.wall
        )
    }

    mutating func advance(_ duration: Duration) { now = now + duration }

    mutating func configure(_ endpoints: RelayEndpoint...) {
        _ = run([.endpoints(endpoints)])
    }

    mutating func submit(_ submission: Submission) -> (outcome: SubmitOutcome, orders: [DeliveryOrder]) {
        let step = run([.submit(submission, hash: Digest.sha256(submission.body))])
        guard case .submitted(let outcome)? = step.replies.first else { return (.failed("no reply"), []) }
        return (outcome, step.orders)
    }

    mutating func run(_ operations: [RelayEngine.Operation] = []) -> RelayEngine.Step {
        let step = engine.run(operations, at: Self.time(now))
        if let fatal = step.fatal { Issue.record("\(fatal)") }
        return step
    }

    /// What becomes due when nothing happens.
    mutating func poll() -> [DeliveryOrder] { run().orders }

    @discardableResult
    mutating func answer(_ order: DeliveryOrder, status: Int = 200, retryAfter: String? = nil) -> [DeliveryOrder] {
        run([.settle(Self.result(order, .answered(status: status, retryAfter: retryAfter, body: [])))]).orders
    }

    mutating func ask(_ query: RelayQuery) -> RelayAnswer {
        guard case .answered(let answer)? = run([.query(query)]).replies.first else { return .unavailable }
        return answer
    }

    mutating func items(_ filter: RelayQuery.Filter = RelayQuery.Filter(limit: 1000)) -> [ItemSummary] {
        guard case .items(let items, _) = ask(.list(filter)) else { return [] }
        return items
    }

    /// States by number of the submission, oldest first.
    mutating func states() -> [ItemState] { items().reversed().map(\.state) }

    var metrics: RelayMetrics { engine.metrics(at: now) }

    static func result(_ order: DeliveryOrder, _ outcome: AttemptResult.Outcome) -> AttemptResult {
        AttemptResult(leaseID: order.leaseID, itemID: order.itemID, outcome: outcome, elapsed: .milliseconds(3))
    }
}

extension DeliveryOrder {
    var bodyText: String { String(decoding: body, as: UTF8.self) }

    func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
}

extension SubmitOutcome {
    var acceptedID: UniqueID? {
        if case .accepted(let id) = self { id } else { nil }
    }
}
