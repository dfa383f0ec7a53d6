// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import Synchronization

/// The two clocks, tied together once: schedules follow the monotonic one from the wall time of the start.
struct RelayClock: Sendable {
    private let startedAt = Clock.monotonic()
    private let wallAtStart = Clock.wall()

    func now() -> RelayTime {
        let elapsed = Clock.monotonic() - startedAt
        let schedule = ScheduleInstant(milliseconds: wallAtStart.milliseconds + elapsed.milliseconds)
        return RelayTime(schedule: schedule, wall: Clock.wall())
    }
}

/// The relay's thread: takes batches from the queue, runs them, gives replies and orders out.
struct RelayLoop: ~Copyable {
    private var engine: RelayEngine
    private let clock: RelayClock
    private let inbox: Mailbox<RelayService.Message>
    private let snapshot: RelayService.Snapshot
    private let batchCountMax: Int
    private let dispatch: @Sendable (DeliveryOrder) -> Bool
    private var pending: ArraySlice<RelayService.Message> = []
    /// Orders no worker had room for.
    private var returned: [RelayEngine.Operation] = []
    private var isStopping = false
    private var commits = CommitDurations()

    init(
        engine: consuming RelayEngine,
        clock: RelayClock,
        inbox: Mailbox<RelayService.Message>,
        snapshot: RelayService.Snapshot,
        batchCountMax: Int,
        dispatch: @escaping @Sendable (DeliveryOrder) -> Bool
    ) {
        self.engine = engine
        self.clock = clock
        self.inbox = inbox
        self.snapshot = snapshot
        self.batchCountMax = batchCountMax
        self.dispatch = dispatch
        publish(at: clock.now())
    }

    /// - Returns: why the relay stopped by itself; nothing when it was told to.
    mutating func run() -> RelayFatal? {
        while true {
            snapshot.heartbeat.beat()
            if pending.isEmpty, !isStopping { pending = inbox.drain(timeout: patience())[...] }
            if let fatal = turn() {
                snapshot.isStopped.store(true, ordering: .sequentiallyConsistent)
                refuseEverything()
                return fatal
            }
            if isStopping, pending.isEmpty, returned.isEmpty {
                refuseEverything()
                engine.stop()
                return nil
            }
        }
    }

    /// How long nothing needs to be done; at most a second, so that the numbers stay fresh.
    private func patience() -> Duration {
        guard returned.isEmpty else { return .zero }
        let now = clock.now().schedule
        guard let wake = engine.wakeAt(from: now) else { return .seconds(1) }
        return min(max(wake - now, .zero), .seconds(1))
    }

    /// One batch, from the queue to its replies.
    private mutating func turn() -> RelayFatal? {
        var replies: [@Sendable (RelayEngine.Reply) -> Void] = []
        var operations = returned
        let returnedCount = returned.count
        returned = []
        while let message = pending.first, operations.count < batchCountMax + returnedCount {
            pending = pending.dropFirst()
            guard let operation = message.operation else {
                isStopping = true
                continue
            }
            operations.append(operation)
            replies.append(message.reply)
        }
        let time = clock.now()
        let startedAt = Clock.monotonic()
        let step = engine.run(operations, at: time)
        if !operations.isEmpty || !step.orders.isEmpty { commits.count(Clock.monotonic() - startedAt) }
        for (reply, answer) in zip(replies, step.replies.dropFirst(returnedCount)) { reply(answer) }
        if let fatal = step.fatal { return fatal }
        for order in step.orders where isStopping || !dispatch(order) {
            returned.append(.giveBack(order.leaseID, itemID: order.itemID))
        }
        let isIdle = operations.isEmpty && step.orders.isEmpty
        if let fatal = engine.maintain(isIdle: isIdle, at: clock.now()) { return fatal }
        publish(at: time)
        return nil
    }

    private func publish(at time: RelayTime) {
        var metrics = engine.metrics(at: time.schedule)
        metrics.commits = commits
        snapshot.metrics.withLock { $0 = metrics }
    }

    /// Tells everybody still in the queue that nothing was stored.
    private mutating func refuseEverything() {
        for message in pending + inbox.drain() { message.reply(.none) }
        pending = []
    }
}
