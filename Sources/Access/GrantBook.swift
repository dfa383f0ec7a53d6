// SPDX-License-Identifier: Apache-2.0
package import Base
package import Partners

/// Every grant there is, and what may be done to it by whom.
///
/// A value: a caller changes a copy, writes the grant down that came out, and only then takes the copy for the book.
package struct GrantBook: Hashable, Sendable {
    /// What somebody asks for.
    package struct Order: Hashable, Sendable {
        /// As people write them.
        package var targets: [String]
        package var minutes: Int
        /// When it shall begin; nothing for as soon as it is approved.
        package var startsAt: WallInstant?
        package var reason: String
        package var ticket: String

        package init(targets: [String], minutes: Int, startsAt: WallInstant? = nil, reason: String, ticket: String) {
            self.targets = targets
            self.minutes = minutes
            self.startsAt = startsAt
            self.reason = reason
            self.ticket = ticket
        }
    }

    package static let minutesMin = 1
    package static let targetsMax = 100
    package static let textLengthMax = 500
    package static let ticketLengthMax = 100
    /// Undecided requests of one person.
    package static let pendingMax = 20
    package static let grantsMax = 20_000
    /// What is over and forgotten at once where there are so many, so that it is not looked for with each request.
    package static let forgottenAtOnce = 200
    /// A start this many days ahead at most.
    package static let startDaysMax = 30
    /// What is over is kept this long, for reviews.
    package static let keptDays = 400

    private var byID: [String: Grant]

    package init(_ grants: some Sequence<Grant> = []) {
        byID = Dictionary(grants.map { ($0.id, $0) }) { _, later in later }
    }

    package var count: Int { byID.count }

    package subscript(_ id: String) -> Grant? { byID[id] }

    /// The newest first.
    package var grants: [Grant] {
        byID.values.sorted { ($1.requestedAt, $1.id) < ($0.requestedAt, $0.id) }
    }

    /// Those a connection could be let in by, now or later.
    package func live(at now: WallInstant) -> [Grant] {
        byID.values.filter { [.scheduled, .active, .pending].contains($0.phase(at: now)) }
    }

    /// Puts a grant in as it is: one that was stored.
    package mutating func put(_ grant: Grant) { byID[grant.id] = grant }

    // MARK: - Asking

    /// - Parameter draw: random numbers, until one makes an id that is not taken.
    /// - Throws: ``GrantRefusal``.
    package mutating func request(
        _ order: Order,
        by who: String,
        _ rules: AccessRules,
        at now: WallInstant,
        draw: () -> UInt64
    ) throws(GrantRefusal) -> Grant {
        let admin = try admin(who, rules, at: now)
        guard !admin.isBreakGlass else { throw .breakGlassOnly }
        let targets = try targets(order.targets, of: admin, rules)
        try Self.check(order.reason, "reason", missing: .reasonMissing)
        try Self.check(order.ticket, "ticket", missing: .ticketMissing, lengthMax: Self.ticketLengthMax)
        let minutesMax = Int(rules.grants.longest.components.seconds / 60)
        guard (Self.minutesMin...minutesMax).contains(order.minutes) else {
            throw .durationOutside(minutesMax: minutesMax)
        }
        var lapsesAt = now + rules.grants.pending
        let duration = Duration.seconds(60 * order.minutes)
        if let startsAt = order.startsAt {
            guard now <= startsAt else { throw .startPassed }
            guard startsAt <= now + .seconds(86_400 * Self.startDaysMax) else {
                throw .startFar(days: Self.startDaysMax)
            }
            lapsesAt = min(lapsesAt, startsAt + duration)
        }
        let waiting = byID.values.count { $0.who == who && $0.phase(at: now) == .pending }
        guard waiting < Self.pendingMax else { throw .pendingMany(Self.pendingMax) }
        let grant = Grant(
            id: try freshID(at: now, draw),
            who: who,
            targets: targets,
            reason: order.reason,
            ticket: order.ticket,
            requestedAt: now,
            duration: duration,
            startsAt: order.startsAt,
            lapsesAt: lapsesAt,
            isBreakGlass: false
        )
        byID[grant.id] = grant
        return grant
    }

    /// Opens everything a sealed identity's roles lead to, at once and without anybody's approval.
    ///
    /// - Throws: ``GrantRefusal``.
    package mutating func breakGlass(
        by who: String,
        reason: String,
        ticket: String?,
        _ rules: AccessRules,
        at now: WallInstant,
        draw: () -> UInt64
    ) throws(GrantRefusal) -> Grant {
        let admin = try admin(who, rules, at: now)
        guard admin.isBreakGlass else { throw .breakGlassNot }
        try Self.check(reason, "reason", missing: .reasonMissing)
        if let ticket, !ticket.isEmpty {
            try Self.check(ticket, "ticket", missing: .ticketMissing, lengthMax: Self.ticketLengthMax)
        }
        if let open = byID.values.first(where: { $0.isBreakGlass && $0.who == who && $0.phase(at: now) == .active }) {
            throw .breakGlassOpen(id: open.id)
        }
        var grant = Grant(
            id: try freshID(at: now, draw),
            who: who,
            targets: rules.destinations(of: admin),
            reason: reason,
            ticket: ticket ?? "",
            requestedAt: now,
            duration: rules.grants.breakGlassLongest,
            startsAt: nil,
            lapsesAt: now,
            isBreakGlass: true
        )
        grant.from = now
        grant.until = now + rules.grants.breakGlassLongest
        byID[grant.id] = grant
        return grant
    }

    // MARK: - Deciding

    package mutating func approve(
        _ id: String,
        by who: String,
        note: String?,
        _ rules: AccessRules,
        at now: WallInstant
    ) throws(GrantRefusal) -> Grant {
        var grant = try deciding(id, by: who, note: note, "approved", rules, at: now)
        // What the file no longer gives is not given.
        let owner = try admin(grant.who, rules, at: now)
        _ = try targets(grant.targets.map(\.description), of: owner, rules)
        let from = max(grant.startsAt ?? now, now)
        let until = (grant.startsAt ?? now) + min(grant.duration, rules.grants.longest)
        guard from < until else { throw .phaseWrong(id, .lapsed, verb: "approved") }
        grant.from = from
        grant.until = until
        grant.decision = Grant.Step(who: who, at: now, note: note)
        byID[id] = grant
        return grant
    }

    package mutating func deny(
        _ id: String,
        by who: String,
        note: String?,
        _ rules: AccessRules,
        at now: WallInstant
    ) throws(GrantRefusal) -> Grant {
        var grant = try deciding(id, by: who, note: note, "denied", rules, at: now)
        grant.decision = Grant.Step(who: who, at: now, note: note)
        byID[id] = grant
        return grant
    }

    /// Ends a grant before its time, or withdraws a request: the owner, or who may approve.
    package mutating func revoke(
        _ id: String,
        by who: String,
        note: String?,
        _ rules: AccessRules,
        at now: WallInstant
    ) throws(GrantRefusal) -> Grant {
        let admin = try admin(who, rules, at: now)
        try Self.check(note)
        guard var grant = byID[id] else { throw .grantUnknown(id) }
        guard grant.who == who || rules.rights(of: admin).contains(.approve) else { throw .notYours(id) }
        let phase = grant.phase(at: now)
        guard !phase.isOver else { throw .phaseWrong(id, phase, verb: "revoked") }
        grant.revocation = Grant.Step(who: who, at: now, note: note)
        byID[id] = grant
        return grant
    }

    /// Closes the review of a use of break-glass: somebody else who may approve, once it is over.
    package mutating func close(
        _ id: String,
        by who: String,
        note: String?,
        _ rules: AccessRules,
        at now: WallInstant
    ) throws(GrantRefusal) -> Grant {
        let admin = try admin(who, rules, at: now)
        try Self.check(note)
        guard var grant = byID[id] else { throw .grantUnknown(id) }
        guard grant.isBreakGlass else { throw .notBreakGlass(id) }
        guard grant.who != who else { throw .ownGrant(id) }
        guard rules.rights(of: admin).contains(.approve) else { throw .rightMissing(.approve) }
        if let closure = grant.closure { throw .closedAlready(id, by: closure.who) }
        if let until = grant.until, grant.phase(at: now) == .active { throw .stillOpen(id, until: until) }
        grant.closure = Grant.Step(who: who, at: now, note: note)
        byID[id] = grant
        return grant
    }

    private func deciding(
        _ id: String,
        by who: String,
        note: String?,
        _ verb: String,
        _ rules: AccessRules,
        at now: WallInstant
    ) throws(GrantRefusal) -> Grant {
        let admin = try admin(who, rules, at: now)
        try Self.check(note)
        guard let grant = byID[id] else { throw .grantUnknown(id) }
        guard grant.who != who else { throw .ownGrant(id) }
        guard rules.rights(of: admin).contains(.approve) else { throw .rightMissing(.approve) }
        let phase = grant.phase(at: now)
        guard phase == .pending else { throw .phaseWrong(id, phase, verb: verb) }
        return grant
    }

    // MARK: - Time

    /// Those that lapsed or expired and were not told yet; told from now on.
    package mutating func takeEnded(at now: WallInstant) -> [Grant] {
        var ended: [Grant] = []
        for grant in byID.values where !grant.isEndTold {
            let phase = grant.phase(at: now)
            guard phase == .lapsed || phase == .expired else { continue }
            var told = grant
            told.isEndTold = true
            byID[told.id] = told
            ended.append(told)
        }
        return ended.sorted { ($0.lastAt, $0.id) < ($1.lastAt, $1.id) }
    }

    /// The next instant at which a grant begins or ends by itself.
    package func nextChange(after now: WallInstant) -> WallInstant? {
        byID.values.flatMap { grant -> [WallInstant] in
            switch grant.phase(at: now) {
            case .pending: [grant.lapsesAt]
            case .scheduled: [grant.from].compactMap(\.self)
            case .active: [grant.until].compactMap(\.self)
            case .denied, .lapsed, .expired, .revoked: []
            }
        }.min()
    }

    /// Forgets what was over long ago and has no open review.
    ///
    /// - Returns: their ids.
    package mutating func prune(at now: WallInstant) -> [String] {
        let oldest = now + .seconds(-86_400 * Self.keptDays)
        let gone = byID.values.filter { grant in
            grant.phase(at: now).isOver && !grant.isReviewOpen && grant.lastAt < oldest
        }.map(\.id)
        for id in gone { byID[id] = nil }
        return gone.sorted()
    }

    /// Forgets some of what is over where there are as many grants as there may be, so that nobody can keep others out by
    /// asking and withdrawing: first what was never given, then what was; the oldest first, and nothing whose review is
    /// open.
    ///
    /// - Returns: their ids; the audit log still has them.
    package mutating func makeRoom(at now: WallInstant) -> [String] {
        guard byID.count >= Self.grantsMax else { return [] }
        let over = byID.values.filter { grant in
            let phase = grant.phase(at: now)
            let isTold = grant.isEndTold || phase == .denied || phase == .revoked
            return phase.isOver && isTold && !grant.isReviewOpen
        }
        let oldestFirst = over.sorted { left, right in
            let (wasLeftGiven, wasRightGiven) = (left.from != nil, right.from != nil)
            guard wasLeftGiven == wasRightGiven else { return !wasLeftGiven }
            return (left.requestedAt, left.id) < (right.requestedAt, right.id)
        }
        let gone = oldestFirst.prefix(Self.forgottenAtOnce).map(\.id)
        for id in gone { byID[id] = nil }
        return gone
    }

    // MARK: - Checks

    private func admin(_ id: String, _ rules: AccessRules, at now: WallInstant) throws(GrantRefusal) -> AdminRule {
        guard let admin = rules.admin(id), admin.isEnabled, admin.until.map({ now < $0 }) ?? true else {
            throw .personUnknown(id)
        }
        return admin
    }

    private func targets(
        _ names: [String],
        of admin: AdminRule,
        _ rules: AccessRules
    ) throws(GrantRefusal) -> [Destination] {
        guard !names.isEmpty else { throw .targetsNone }
        guard names.count <= Self.targetsMax else { throw .targetsMany(Self.targetsMax) }
        let mine = rules.destinations(of: admin)
        var targets: [Destination] = []
        for name in names {
            guard let wanted = Destination(name), let target = rules.target(wanted.target) else {
                let known = Set(mine.map(\.target)).sorted()
                let word = name.split(separator: ":").first.map(String.init) ?? name
                throw .targetUnknown(GrantText.shown(name), nearest: Spelling.nearest(to: word, among: known))
            }
            if let port = wanted.port, !target.ports.contains(port) {
                throw .portUnknown(wanted, ports: target.ports)
            }
            // Without a port, what the roles give of the target.
            let given = wanted.port == nil ? mine.filter { $0.target == wanted.target } : [wanted]
            guard !given.isEmpty, given.allSatisfy({ place in mine.contains { $0.covers(place) } }) else {
                throw .targetNotYours(wanted)
            }
            targets += given.filter { !targets.contains($0) }
        }
        return targets
    }

    private func freshID(at now: WallInstant, _ draw: () -> UInt64) throws(GrantRefusal) -> String {
        guard byID.count < Self.grantsMax else { throw .bookFull(Self.grantsMax) }
        while true {
            let id = "g-" + Hex.encode((0..<4).map { [word = draw()] in UInt8(truncatingIfNeeded: word >> (8 * $0)) })
            if byID[id] == nil { return id }
        }
    }

    private static func check(
        _ text: String,
        _ field: String,
        missing: GrantRefusal,
        lengthMax: Int = textLengthMax
    ) throws(GrantRefusal) {
        guard text.contains(where: { !$0.isWhitespace }) else { throw missing }
        guard GrantText.isLine(text, lengthMax: lengthMax) else { throw .textLong(field: field) }
    }

    private static func check(_ note: String?) throws(GrantRefusal) {
        guard let note else { return }
        guard GrantText.isLine(note, lengthMax: textLengthMax) else { throw .textLong(field: "note") }
    }
}

/// What people write about a grant.
enum GrantText {
    /// No control characters, so that a terminal and a log show it as it is.
    static func isLine(_ text: String, lengthMax: Int) -> Bool {
        text.unicodeScalars.count <= lengthMax
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
                default: true
                }
            }
    }

    /// A name somebody sent, short and without what a terminal would obey.
    static func shown(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(64).map { $0.isASCII && $0.value >= 0x20 && $0.value != 0x7f ? $0 : "?" }
            )
        )
    }
}
