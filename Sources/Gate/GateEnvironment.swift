// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import AccessStore
internal import AuditTrail
internal import Base
internal import Engine
internal import LinuxIO
internal import Synchronization

/// What all workers of the gate have in common: made once at start, and made of what is safe to share.
final class GateEnvironment: Sendable {
    final class Generation: Sendable {
        let value = Atomic<Int>(0)
    }

    let listeners: [Listener]
    let inboxes: [Mailbox<GateWorker.Order>]
    let heartbeats: [Heartbeat]
    /// The snapshot each worker decides by.
    let generations: [Generation]
    let counters = GateCounters()
    let board: SessionBoard
    let grants: GrantDesk
    let audit: AuditThread
    let desk: DeskThread
    let ledger: SessionLedger
    let lockouts: LockoutTable
    let handshakes: HandshakeLimiter
    let log: LogWriter
    /// What the descriptor limit leaves for administrators' connections: each session has two.
    let connectionsMax: Int

    init(
        listeners: [Listener],
        inboxes: [Mailbox<GateWorker.Order>],
        board: SessionBoard,
        grants: GrantDesk,
        audit: AuditThread,
        desk: DeskThread,
        ledger: SessionLedger,
        lockouts: LockoutTable,
        handshakes: HandshakeLimiter,
        log: LogWriter,
        connectionsMax: Int
    ) {
        self.listeners = listeners
        self.inboxes = inboxes
        heartbeats = inboxes.map { _ in Heartbeat() }
        generations = inboxes.map { _ in Generation() }
        self.board = board
        self.grants = grants
        self.audit = audit
        self.desk = desk
        self.ledger = ledger
        self.lockouts = lockouts
        self.handshakes = handshakes
        self.log = log
        self.connectionsMax = connectionsMax
    }

    /// One line for the log; fields without a value are left out.
    func say(_ event: String, _ fields: KeyValuePairs<String, String>, at now: WallInstant) {
        log.write(LogText.line(event, fields, at: now))
    }

    /// Somebody failed to prove who they are: counted against both, told to the audit log.
    ///
    /// - Parameter names: what a certificate says of itself, whoever signed it.
    func loginFailed(
        _ code: String,
        claimed: String?,
        how: String,
        names: String,
        source: IPEndpoint,
        at now: WallInstant
    ) {
        var details = [AuditEvent.Detail("reason", code)]
        if !names.isEmpty { details.append(AuditEvent.Detail("names", names)) }
        audit.tell(
            AuditEvent(
                .loginFailed,
                .failure,
                who: claimed ?? "",
                how: how,
                origin: source.description,
                object: "gate",
                details: details
            )
        )
        for lockout in lockouts.failed(person: claimed, source: source.address, at: now) {
            say("lockout", ["name": lockout.name, "until": lockout.until.rfc3339], at: now)
            audit.tell(
                AuditEvent.system(
                    .lockoutBegin,
                    object: lockout.name,
                    details: [AuditEvent.Detail("until", lockout.until.rfc3339)]
                )
            )
        }
    }
}
