// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import AccessStore
internal import AuditTrail
internal import Base
internal import Control
internal import Partners

/// Who could, who did, who allowed it.
extension GateDesk {
    private static let daysMax = 400
    private static let grantsMax = 2000

    func review(_ turn: Turn) throws(DeskRefusal) -> ControlResponse {
        if !turn.asker.isOperator { _ = try turn.require(.audit) }
        let text = turn.query["days"] ?? "180"
        guard let days = Int(text), (1...Self.daysMax).contains(days) else {
            throw DeskRefusal(400, code: "days_outside", message: "`days` is 1 to \(Self.daysMax)")
        }
        let rules = turn.policy.rules
        let since = turn.now + .seconds(-86_400 * days)
        var document = ReviewDocument(from: since.rfc3339, until: turn.now.rfc3339, days: days)
        let usage = grants.usage(since: since)
        let lastSeen = grants.lastSeen()
        document.people = rules.admins.map { admin in
            ReviewDocument.Person(
                id: admin.id,
                name: admin.name,
                isEnabled: admin.isEnabled,
                roles: admin.roles,
                rights: rules.rights(of: admin).map(\.rawValue).sorted(),
                mayBreakGlass: admin.isBreakGlass,
                until: admin.until?.rfc3339,
                lastSeenAt: lastSeen[admin.id]?.rfc3339
            )
        }
        let inTime = grants.grants.filter { grant in
            grant.requestedAt >= since || grant.until.map { $0 >= since } ?? false || grant.isReviewOpen
        }
        document.reach = reach(rules, inTime, usage)
        document.grants = inTime.prefix(Self.grantsMax).map { GrantItem($0, at: turn.now) }
        document.isCut = inTime.count > Self.grantsMax
        document.refusals = refusals().map { CountedReason(reason: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
        document.signatures = grants.signatures.map { ReviewSignature($0) }
        return ControlResponse(document)
    }

    /// What roles give now, and what was done since that they no longer give.
    private func reach(_ rules: AccessRules, _ granted: [Grant], _ usage: [UsageKey: Usage]) -> [ReviewDocument.Reach] {
        struct Place: Hashable {
            let who: String
            let target: Destination
        }
        var roles: [Place: [String]] = [:]
        for admin in rules.admins {
            for role in admin.roles {
                for target in rules.role(role)?.targets ?? [] {
                    roles[Place(who: admin.id, target: target), default: []].append(role)
                }
            }
        }
        var items: [Place: ReviewDocument.Reach] = [:]
        for (place, names) in roles {
            items[place] = ReviewDocument.Reach(who: place.who, target: place.target.description, roles: names)
        }
        for grant in granted {
            let places = items.keys.filter { place in
                place.who == grant.who && grant.targets.contains { $0.covers(place.target) || place.target.covers($0) }
            }
            for place in places { items[place]?.grantCount += 1 }
        }
        for (key, use) in usage {
            guard let target = Destination(key.target) else { continue }
            let place =
                items.keys.first { $0.who == key.who && $0.target.covers(target) }
                ?? Place(who: key.who, target: target)
            var item =
                items[place] ?? ReviewDocument.Reach(who: place.who, target: place.target.description, roles: [])
            item.sessionCount += use.sessionCount
            item.bytesIn += use.bytesIn
            item.bytesOut += use.bytesOut
            item.lastAt = max(item.lastAt ?? "", use.lastAt.rfc3339)
            items[place] = item
        }
        return items.values.sorted { ($0.who, $0.target) < ($1.who, $1.target) }
    }

    func sign(_ turn: Turn) throws(DeskRefusal) -> ControlResponse {
        let person = try turn.require(.audit)
        let order = try turn.order(ReviewSignOrder.self)
        let isHash = order.sha256.utf8.count == 64 && order.sha256.utf8.allSatisfy { Hex.value(of: $0) != nil }
        guard isHash, (1...Self.daysMax).contains(order.days) else {
            throw DeskRefusal(422, code: "signature_malformed", message: "`sha256` is 64 digits, `days` 1 to 400")
        }
        guard (1...500).contains(order.note.count), !order.note.contains(where: \.isNewline) else {
            throw DeskRefusal(
                422,
                code: "note_missing",
                message: "say in one line what came of it",
                hint: "--note TEXT"
            )
        }
        let signing = ReviewSigning(
            at: turn.now,
            who: person.id,
            note: order.note,
            days: order.days,
            sha256: order.sha256.lowercased()
        )
        do throws(GrantRefusal) { try grants.sign(signing) } catch { throw DeskRefusal(error) }
        let details = [
            AuditEvent.Detail("days", order.days), AuditEvent.Detail("sha256", signing.sha256),
            AuditEvent.Detail("note", order.note),
        ]
        tell(event(turn, .reviewSign, object: "review", details))
        return ControlResponse(ReviewSignatureDocument(signature: ReviewSignature(signing)), status: 201)
    }
}
