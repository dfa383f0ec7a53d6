// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import Base
internal import Control
internal import Engine
internal import Partners

/// What other files would change for the gate, line by line.
struct GateChanges {
    private(set) var items: [ChangeItem] = []

    private static let gate = "gate [gate]"

    init(from old: AccessRules, to new: AccessRules) {
        if old.gate != new.gate { items.append(ChangeItem(.modify, text: Self.gate)) }
        if old.lockout != new.lockout { items.append(ChangeItem(.modify, text: "gate [lockout]")) }
        if old.grants != new.grants { items.append(ChangeItem(.modify, text: "gate [grants]")) }
        compare(old.admins, new.admins, "administrator", \.id)
        compare(old.roles, new.roles, "role", \.id)
        compare(old.targets, new.targets, "target", \.id)
    }

    /// Says beside `[gate]` that its addresses are not taken on by reading files.
    mutating func sayOfListening(_ difference: ListenDifference) {
        guard !difference.isEmpty, let index = items.firstIndex(where: { $0.text == Self.gate }) else { return }
        items[index].text += ", but not where it listens: eigctl setup --yes, then systemctl restart jumpd.socket jumpd"
    }

    private mutating func compare<Rule: Equatable>(
        _ old: [Rule],
        _ new: [Rule],
        _ noun: String,
        _ id: (Rule) -> String
    ) {
        let before = Dictionary(old.map { (id($0), $0) }) { first, _ in first }
        let after = Dictionary(new.map { (id($0), $0) }) { first, _ in first }
        for name in Set(before.keys).union(after.keys).sorted() {
            switch (before[name], after[name]) {
            case (nil, _?): items.append(ChangeItem(.add, text: "\(noun) \(name)"))
            case (_?, nil): items.append(ChangeItem(.remove, text: "\(noun) \(name)"))
            case (let was?, let will?) where was != will: items.append(ChangeItem(.modify, text: "\(noun) \(name)"))
            default: break
            }
        }
    }

    /// Says beside the last line how many of the live sessions the new policy would not let go on.
    ///
    /// By the rules and the grants: a certificate that is revoked by the same change is found when it is done.
    mutating func countCuts(of sessions: [LiveSession], by policy: AccessPolicy, at now: WallInstant) {
        guard let last = items.indices.last else { return }
        let count = sessions.count { session in
            guard let admin = policy.rules.admin(session.person) else { return true }
            let person = Person(admin: admin, rights: [], validUntil: nil)
            let wanted = TargetName(target: session.target, port: session.port)
            if case .allowed = policy.decide(person, wanted, now: now) { return false }
            return true
        }
        guard count > 0 else { return }
        items[last].disruption = "\(count) live session\(count == 1 ? "" : "s") will be cut"
    }
}
