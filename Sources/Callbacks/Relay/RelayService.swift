// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO
internal import Synchronization
internal import TLS

/// The relay on a thread of its own, which alone touches the store.
///
/// Everybody else posts to a bounded queue. A batch gathers while the one before it is being synced, so nobody
/// waits longer than two commits; its replies are given, on the relay's thread, when the batch is on the disk.
package final class RelayService: Sendable {
    private let inbox: Mailbox<Message>
    private let thread: Mutex<OwnedThread?>
    private let snapshot: Snapshot
    private let bodyBytesMax: Int

    struct Message: Sendable {
        let operation: RelayEngine.Operation?
        let reply: @Sendable (RelayEngine.Reply) -> Void
    }

    /// What other threads may read at any time.
    final class Snapshot: Sendable {
        let metrics = Mutex(RelayMetrics())
        let heartbeat = Heartbeat()
        let isStopped = Atomic(false)
    }

    /// Opens the store on a new thread and starts relaying; returns when the store is open.
    ///
    /// - Parameters:
    ///   - onFatal: called once, on the relay's thread, when the store failed: everything waiting has been told
    ///     so, nothing is accepted any more, and the process must end.
    ///   - dispatch: called on the relay's thread with each attempt to make; false when no worker has room.
    ///     Every order taken must come back through ``settle(_:)``.
    /// - Throws: ``RelayStartError``; the process should say why and end.
    package init(
        settings: RelaySettings,
        onFatal: @escaping @Sendable (RelayFatal) -> Void = { _ in },
        dispatch: @escaping @Sendable (DeliveryOrder) -> Bool
    ) throws(RelayStartError) {
        let snapshot = Snapshot()
        let inbox: Mailbox<Message>
        let started: Mailbox<RelayStartError?>
        let thread: OwnedThread
        do throws(Errno) {
            inbox = try Mailbox(countMax: settings.queueCountMax)
            started = try Mailbox(countMax: 1)
            thread = try OwnedThread(name: "relay") {
                let clock = RelayClock()
                do throws(RelayStartError) {
                    let engine = try RelayEngine.open(settings: settings, at: clock.now(), draw: { Random.uint64() })
                    _ = started.post(nil)
                    var loop = RelayLoop(
                        engine: engine,
                        clock: clock,
                        inbox: inbox,
                        snapshot: snapshot,
                        batchCountMax: settings.batchCountMax,
                        dispatch: dispatch
                    )
                    if let fatal = loop.run() { onFatal(fatal) }
                } catch {
                    _ = started.post(error)
                }
            }
        } catch {
            throw .failed("no thread: \(error)")
        }
        var report: [RelayStartError?] = []
        while report.isEmpty { report = started.drain(timeout: nil) }
        if let error = report[0] {
            thread.join()
            throw error
        }
        self.inbox = inbox
        self.snapshot = snapshot
        self.bodyBytesMax = settings.bodyBytesMax
        self.thread = Mutex(thread)
    }

    /// Hands over a callback; `reply` is called once, on the relay's thread, after the commit that holds it.
    ///
    /// - Returns: false when the queue is full or the relay has stopped; `reply` is not called then.
    package func submit(_ submission: Submission, reply: @escaping @Sendable (SubmitOutcome) -> Void) -> Bool {
        guard submission.body.count <= bodyBytesMax else {
            reply(.failed("the body is too large"))
            return true
        }
        // The hash is reckoned here: many threads submit, one stores.
        return post(.submit(submission, hash: Digest.sha256(submission.body))) { answer in
            if case .submitted(let outcome) = answer { reply(outcome) } else { reply(.failed("not stored")) }
        }
    }

    /// Reports what came of an order; an attempt reported late is known by its lease and changes nothing.
    ///
    /// - Returns: false when the queue is full or the relay has stopped; report again, or let the lease run out.
    @discardableResult
    package func settle(_ result: AttemptResult) -> Bool { post(.settle(result)) { _ in } }

    /// Takes over how endpoints are delivered to; endpoints not among them keep their items.
    ///
    /// - Returns: false when the queue is full or the relay has stopped.
    @discardableResult
    package func updateEndpoints(_ endpoints: [RelayEndpoint]) -> Bool { post(.endpoints(endpoints)) { _ in } }

    /// Asks something; `reply` is called once, on the relay's thread.
    ///
    /// - Returns: false when the queue is full or the relay has stopped; `reply` is not called then.
    package func query(_ query: RelayQuery, reply: @escaping @Sendable (RelayAnswer) -> Void) -> Bool {
        post(.query(query)) { answer in
            if case .answered(let answer) = answer { reply(answer) } else { reply(.unavailable) }
        }
    }

    /// Asks something and waits; never on a worker. A listing goes on until it is full or complete.
    package func ask(_ query: RelayQuery) -> RelayAnswer {
        guard case .list(var filter) = query else { return askOnce(query) }
        var found: [ItemSummary] = []
        let limit = filter.limit
        while true {
            filter.limit = limit - found.count
            guard case .items(let items, let before) = askOnce(.list(filter)) else { return .unavailable }
            found += items
            guard let before, found.count < limit else { return .items(found, before: before) }
            filter.before = before
        }
    }

    /// The relay in numbers, at most a second old; from any thread, without waiting for the relay's.
    package var metrics: RelayMetrics { snapshot.metrics.withLock { $0 } }

    /// Whether the relay's loop has turned within `age`; it turns at least once a second, or as often as a commit
    /// takes.
    package func hasTurned(within age: Duration) -> Bool { snapshot.heartbeat.isFresh(within: age) }

    /// Stops after everything posted so far is on the disk, and waits for it. Orders out are forgotten: their
    /// items are delivered again by the next process.
    package func stop() {
        let running = thread.withLock { $0.take() }
        guard let running else { return }
        snapshot.isStopped.store(true, ordering: .sequentiallyConsistent)
        while !inbox.post(Message(operation: nil, reply: { _ in })) { Clock.sleep(.milliseconds(5)) }
        running.join()
    }

    private func askOnce(_ query: RelayQuery) -> RelayAnswer {
        guard let answers = try? Mailbox<RelayAnswer>(countMax: 1) else { return .unavailable }
        guard self.query(query, reply: { _ = answers.post($0) }) else { return .unavailable }
        while true {
            if let answer = answers.drain(timeout: nil).first { return answer }
        }
    }

    private func post(
        _ operation: RelayEngine.Operation,
        reply: @escaping @Sendable (RelayEngine.Reply) -> Void
    ) -> Bool {
        guard !snapshot.isStopped.load(ordering: .sequentiallyConsistent) else { return false }
        return inbox.post(Message(operation: operation, reply: reply))
    }
}
