// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import AuditTrail
internal import Base
internal import Control
internal import LinuxIO
internal import Partners
internal import Synchronization

/// Live sessions, and who is locked out.
extension GateDesk {
    func listSessions(_ turn: Turn) throws(DeskRefusal) -> ControlResponse {
        let seesAll = turn.asker.has(.sessions) || turn.asker.isOperator
        if !seesAll { _ = try turn.person() }
        let monotonic = Clock.monotonic()
        let items = board.sessions.reversed().filter { seesAll || $0.person == turn.asker.person?.id }
            .map { SessionItem($0, at: monotonic) }
        return ControlResponse(SessionListDocument(sessions: Array(items)))
    }

    /// One's own, or anybody's with the right to; root on this host needs none to take access away.
    func kill(_ turn: Turn, _ id: String) throws(DeskRefusal) -> ControlResponse {
        let asker = turn.asker
        if !asker.isOperator { _ = try turn.person() }
        let note = try turn.order(NoteOrder.self).note
        let endsAny = asker.has(.sessions) || asker.isOperator
        guard let session = board[id], endsAny || session.person == asker.person?.id else {
            throw DeskRefusal(
                404,
                code: "session_unknown",
                message: "there is no such session, or it is somebody else's",
                hint: "see eigctl jump sessions"
            )
        }
        let item = SessionItem(session, at: Clock.monotonic())
        guard kill(id, asker.name) else {
            throw DeskRefusal(409, code: "session_over", message: "it has ended in the meantime")
        }
        var details = [
            AuditEvent.Detail("session", id), AuditEvent.Detail("person", session.person),
            AuditEvent.Detail("grant", item.grant),
        ]
        if let note { details.append(AuditEvent.Detail("note", note)) }
        tell(event(turn, .sessionKill, object: session.destination, details))
        return ControlResponse(SessionDocument(session: item))
    }

    func unlock(_ turn: Turn) throws(DeskRefusal) -> ControlResponse {
        guard turn.asker.isLocal else {
            let message = "this is done on the gate's host only"
            throw DeskRefusal(403, code: "local_only", message: message, hint: "ask who looks after it")
        }
        if !turn.asker.isOperator { _ = try turn.require(.approve) }
        let order = try turn.order(UnlockOrder.self)
        let address = order.address.flatMap { IPAddress($0) }
        guard (order.person == nil) != (order.address == nil), order.address == nil || address != nil else {
            let hint = "{\"person\": \"anna\"} or {\"address\": \"192.0.2.7\"}"
            throw DeskRefusal(422, code: "unlock_malformed", message: "one of `person` and `address`", hint: hint)
        }
        let unlocked = lockouts.unlock(person: order.person, source: address, at: turn.now)
        for entry in unlocked { tell(event(turn, .lockoutEnd, object: entry.name, [])) }
        return ControlResponse(UnlockDocument(unlocked: unlocked.map { LockoutItem($0) }))
    }
}

extension SessionItem {
    init(_ session: LiveSession, at now: MonotonicInstant) {
        let grant = session.currentGrant
        self.init(
            id: session.id,
            who: session.person,
            target: session.target,
            port: Int(session.port),
            way: session.way.rawValue,
            source: session.source.description,
            since: session.since.rfc3339,
            endsAt: grant.endsAt.rfc3339,
            bytesIn: Int64(session.bytesIn.load(ordering: .relaxed)),
            bytesOut: Int64(session.bytesOut.load(ordering: .relaxed)),
            idleSeconds: max(0, Int((now - session.lastActiveAt).components.seconds)),
            grant: grant.id,
            ticket: grant.ticket,
            isBreakGlass: session.isBreakGlass
        )
    }
}
