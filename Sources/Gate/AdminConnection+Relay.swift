// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import AccessStore
internal import AuditTrail
internal import Base
internal import Engine
internal import Synchronization

/// The session itself: bytes both ways, until one side or the rules end it.
extension AdminConnection {
    /// The target is there: the session begins.
    func dialed() {
        guard !isClosed, phase == .dialing, let target, admission != nil else { return }
        phase = .relaying
        admission?.hasBegun = true
        if let session = admission?.session {
            environment.board.add(session)
            environment.ledger.began(session)
            environment.counters.admitted.add(1, ordering: .relaxed)
        }
        setRelayDeadline()
        if speech == .http {
            lendOutgoing()
            channel.outgoing.append("HTTP/1.1 200 Connection established\r\n\r\n" as StaticString)
        }
        // What came behind the request, or PostgreSQL's start-up message.
        if hasInput {
            var bytes = beginReading()
            admission?.session.count(in: bytes.count, at: worker.now)
            target.lendOutgoing()
            target.channel.outgoing.append(bytes.bytes)
            bytes.removeAll()
            endReading(bytes)
            target.send()
        }
        guard !isClosed else { return }
        send()
        guard !isClosed else { return }
        relay()
    }

    // MARK: time

    /// The first of idling too long, lasting too long and the end of its grant; clocks that are set are looked at
    /// once a second, besides.
    func setRelayDeadline() {
        guard let admission else { return }
        let grantLeft = max(.zero, admission.passage.until - worker.wallNow)
        setDeadline(min(idleUntil(admission), admission.longestUntil, worker.now + grantLeft))
    }

    /// When nothing more is waited for unless a byte goes either way until then.
    private func idleUntil(_ admission: Admission) -> MonotonicInstant {
        let lastActiveAt = admission.session.lastActiveAt
        let idleUntil = lastActiveAt + admission.passage.idle
        guard let halfClosedAt = admission.halfClosedAt else { return idleUntil }
        return min(idleUntil, max(lastActiveAt, halfClosedAt) + GateTimes.halfClosed)
    }

    func relayDeadlinePassed() {
        guard let admission else { return close() }
        if worker.now >= admission.longestUntil { return finish(.longest) }
        if worker.now >= admission.session.lastActiveAt + admission.passage.idle { return finish(.idle) }
        if worker.now >= idleUntil(admission) { return finish(.closed) }
        if isGrantOver { return reconsider() }
        setRelayDeadline()
    }

    /// Whether the grant that lets it live is over by the clock on the wall.
    var isGrantOver: Bool { admission.map { worker.wallNow >= $0.passage.until } ?? false }

    // MARK: the end

    /// Ends the session: told to the audit log, the log and the client, as far as it can be.
    func finish(_ end: SessionEnd) {
        guard !isClosed, let admission else { return close() }
        let session = admission.session
        let (bytesIn, bytesOut) = (session.bytesIn.load(ordering: .relaxed), session.bytesOut.load(ordering: .relaxed))
        let milliseconds = (worker.now - session.sinceMonotonic).milliseconds
        environment.counters.bytesIn.add(bytesIn, ordering: .relaxed)
        environment.counters.bytesOut.add(bytesOut, ordering: .relaxed)
        environment.counters.countEnd(end.code)
        environment.ledger.ended(session)
        environment.grants.noteUse(
            who: session.person,
            target: session.destination,
            Usage(sessionCount: 1, bytesIn: Int64(bytesIn), bytesOut: Int64(bytesOut), lastAt: worker.wallNow)
        )
        var details = [
            AuditEvent.Detail("session", session.id), AuditEvent.Detail("reason", end.code),
            AuditEvent.Detail("bytes_in", bytesIn), AuditEvent.Detail("bytes_out", bytesOut),
            AuditEvent.Detail("duration_ms", Int(milliseconds)),
            AuditEvent.Detail("grant", session.currentGrant.id),
            AuditEvent.Detail("ticket", session.currentGrant.ticket),
        ]
        if let detail = end.detail { details.append(AuditEvent.Detail("detail", detail)) }
        environment.audit.tell(
            AuditEvent(
                .sessionEnd,
                who: session.person,
                how: certificate.map(AuditWords.how) ?? "",
                origin: peer.description,
                object: session.destination,
                details: details
            )
        )
        worker.say(
            "session_end",
            [
                "session": session.id, "person": session.person, "target": session.destination, "reason": end.code,
                "bytes_in": String(bytesIn), "bytes_out": String(bytesOut), "duration_ms": String(milliseconds),
            ]
        )
        // A session that was cut ends without the farewell of TLS: its client must not take it for a proper end
        // (RFC 8446, 6.1). So does one whose target was still to answer.
        if end == .closed, target?.hasInputEnded == true, !hasOutputEnded {
            channel.queueClose()
            try? channel.flush(scratch: &worker.wireOut)
        }
        close()
    }
}
