// SPDX-License-Identifier: Apache-2.0
internal import Callbacks
internal import Engine
internal import LinuxIO

/// What all workers have in common: made once at start, and made of what is safe to share.
final class WorkerEnvironment: Sendable {
    let listeners: [Listener]
    let inboxes: [Mailbox<Worker.Order>]
    let counters: [WorkerCounters]
    let relay: RelayService
    let resolver: ResolverThread
    let log: LogWriter
    /// What the descriptor limit leaves for partners' connections.
    let connectionsMax: Int

    init(
        listeners: [Listener],
        inboxes: [Mailbox<Worker.Order>],
        counters: [WorkerCounters],
        relay: RelayService,
        resolver: ResolverThread,
        log: LogWriter,
        connectionsMax: Int
    ) {
        self.listeners = listeners
        self.inboxes = inboxes
        self.counters = counters
        self.relay = relay
        self.resolver = resolver
        self.log = log
        self.connectionsMax = connectionsMax
    }

    func inbox(_ index: Int) -> Mailbox<Worker.Order> { inboxes[index] }
}
