// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import AccessStore
internal import AuditTrail
internal import Base
internal import Control
internal import LinuxIO
internal import Partners

/// Grants: asked for, decided on, ended.
extension GateDesk {
    /// Listed at once.
    private static let listMax = 500

    func listGrants(_ turn: Turn) throws(DeskRefusal) -> ControlResponse {
        let seesAll = turn.asker.has(.approve) || turn.asker.has(.audit) || turn.asker.isOperator
        if !seesAll { _ = try turn.person() }
        let wanted = turn.query["state"]
        let phases = wanted.map(Self.phases)
        if let wanted, phases?.isEmpty ?? true {
            let words = (Grant.Phase.allCases.map(\.rawValue) + ["ended", "open"]).joined(separator: ", ")
            throw DeskRefusal(
                400,
                code: "state_unknown",
                message: "there is no state \(wanted)",
                hint: "use one of \(words)"
            )
        }
        let found = grants.grants.filter { grant in
            (seesAll || grant.who == turn.asker.person?.id)
                && (wanted == "open" ? grant.isReviewOpen : phases?.contains(grant.phase(at: turn.now)) ?? true)
        }
        let items = found.prefix(Self.listMax).map { GrantItem($0, at: turn.now) }
        return ControlResponse(GrantListDocument(grants: items, isCut: found.count > items.count))
    }

    private static func phases(_ word: String) -> [Grant.Phase] {
        switch word {
        case "ended": Grant.Phase.allCases.filter(\.isOver)
        case "open": Grant.Phase.allCases
        default: [Grant.Phase(rawValue: word)].compactMap(\.self)
        }
    }

    func request(_ turn: Turn) throws(DeskRefusal) -> ControlResponse {
        let order = try turn.order(GrantOrder.self)
        var startsAt: WallInstant?
        if let from = order.from {
            guard let instant = WallInstant(rfc3339: from) else {
                let hint = "write it in UTC: 2026-11-22T20:00:00Z"
                throw DeskRefusal(422, code: "from_malformed", message: "`from` is not an instant", hint: hint)
            }
            startsAt = instant
        }
        let wanted = GrantBook.Order(
            targets: order.targets,
            minutes: order.minutes,
            startsAt: startsAt,
            reason: order.reason,
            ticket: order.ticket
        )
        let named = order.targets.prefix(8).joined(separator: " ")
        let object = named.isEmpty ? "grant" : named
        let grant = try changed(turn, .grantRequest, object: object) { person throws(GrantRefusal) in
            try grants.request(wanted, by: person.id, now: turn.now, draw: Random.uint64)
        }
        return ControlResponse(GrantDocument(grant: GrantItem(grant, at: turn.now)), status: 201)
    }

    func breakGlass(_ turn: Turn) throws(DeskRefusal) -> ControlResponse {
        let order = try turn.order(BreakGlassOrder.self)
        let grant = try changed(turn, .breakGlassBegin, object: "break-glass") { person throws(GrantRefusal) in
            try grants.breakGlass(
                by: person.id,
                reason: order.reason,
                ticket: order.ticket,
                now: turn.now,
                draw: Random.uint64
            )
        }
        say(
            "break_glass",
            [
                "person": grant.who, "grant": grant.id, "until": grant.until?.rfc3339 ?? "", "reason": grant.reason,
                "origin": turn.asker.origin,
            ]
        )
        return ControlResponse(GrantDocument(grant: GrantItem(grant, at: turn.now)), status: 201)
    }

    /// `approve`, `deny`, `revoke` or `close` one grant.
    func change(_ turn: Turn, _ id: String, _ verb: String) throws(DeskRefusal) -> ControlResponse {
        let isKnown = ["approve", "deny", "revoke", "close"].contains(verb)
        guard isKnown else { throw DeskRefusal(404, code: "no_such_path", message: "a grant has no such verb") }
        let note = try turn.order(NoteOrder.self).note
        let isGlass = grants[id]?.isBreakGlass ?? false
        let kind: AuditKind =
            switch verb {
            case "approve": .grantApprove
            case "deny": .grantDeny
            case "revoke": isGlass ? .breakGlassEnd : .grantRevoke
            default: isGlass ? .breakGlassClose : .grantClose
            }
        let before = sessions(by: id)
        let grant = try changed(turn, kind, object: "grant \(id.prefix(32))") { person throws(GrantRefusal) in
            if verb != "revoke" { try checkDecider(turn.asker, of: id) }
            return switch verb {
            case "approve": try grants.approve(id, by: person.id, note: note, now: turn.now)
            case "deny": try grants.deny(id, by: person.id, note: note, now: turn.now)
            case "revoke": try grants.revoke(id, by: person.id, note: note, now: turn.now)
            default: try grants.close(id, by: person.id, note: note, now: turn.now)
            }
        }
        let left = Set(board.sessions.map(\.id))
        let cut = before.count { !left.contains($0) }
        return ControlResponse(GrantDocument(grant: GrantItem(grant, at: turn.now), sessionsCut: cut))
    }

    /// Nobody decides on their own, from another account of this host either.
    private func checkDecider(_ asker: DeskAsker, of id: String) throws(GrantRefusal) {
        if let grant = grants[id], asker.isAlso(grant.who) { throw .ownGrant(id) }
        // Who may not decide on it does not learn whether it is there.
        guard asker.has(.approve) else { throw .rightMissing(.approve) }
    }

    private func sessions(by grant: String) -> [String] {
        board.sessions.filter { $0.currentGrant.id == grant }.map(\.id)
    }

    /// Does it for whoever asks, if the gate knows them, and writes down that it was done or refused.
    private func changed(
        _ turn: Turn,
        _ kind: AuditKind,
        object: String,
        _ body: (Person) throws(GrantRefusal) -> Grant
    ) throws(DeskRefusal) -> Grant {
        let grant: Grant
        do throws(DeskRefusal) {
            let person = try turn.person()
            do throws(GrantRefusal) { grant = try body(person) } catch { throw DeskRefusal(error) }
        } catch {
            tell(event(turn, kind, .failure, object: object, [AuditEvent.Detail("refused", error.code)]))
            var refusal = error
            refusal.isTold = true
            throw refusal
        }
        var details = GrantEvents.details(grant)
        if !grants.isStored(grant.id) { details.append(AuditEvent.Detail("stored", "no")) }
        tell(event(turn, kind, object: "grant \(grant.id)", details))
        return grant
    }
}

extension GrantItem {
    init(_ grant: Grant, at now: WallInstant) {
        self.init(
            id: grant.id,
            who: grant.who,
            targets: grant.targets.map(\.description),
            state: grant.phase(at: now).rawValue,
            reason: grant.reason,
            ticket: grant.ticket,
            requestedAt: grant.requestedAt.rfc3339,
            minutes: Int(grant.duration.components.seconds / 60)
        )
        from = (grant.from ?? grant.startsAt)?.rfc3339
        until = grant.until?.rfc3339
        decidedBy = grant.decision?.who
        decidedAt = grant.decision?.at.rfc3339
        note = grant.decision?.note
        revokedBy = grant.revocation?.who
        revokedAt = grant.revocation?.at.rfc3339
        revokedNote = grant.revocation?.note
        isBreakGlass = grant.isBreakGlass
        isReviewOpen = grant.isReviewOpen
        closedBy = grant.closure?.who
        closedAt = grant.closure?.at.rfc3339
        closedNote = grant.closure?.note
    }
}
