// SPDX-License-Identifier: Apache-2.0
package import Base
package import Partners
package import TLS

/// The files and the grants of one moment, as connections are decided by them.
///
/// Immutable: a change of either is a new policy, by which every live session is decided again.
package final class AccessPolicy: Sendable {
    private struct Key: Hashable, Sendable {
        let anchorSHA256: [UInt8]
        let name: AdminName
    }

    package let rules: AccessRules
    /// Counts up with each policy of one process.
    package let generation: Int
    private let byName: [Key: [AdminRule]]
    private let byLogin: [String: AdminRule]
    private let roles: [String: RoleRule]
    private let targets: [String: TargetRule]
    private let admins: [String: AdminRule]
    private let grants: [String: [Grant]]

    /// - Parameter anchors: for each CA file name, the SHA-256 of each certificate in it.
    /// - Parameter grants: all that are not over; others do no harm.
    package init(_ rules: AccessRules, anchors: [String: [[UInt8]]], grants: [Grant], generation: Int) {
        self.rules = rules
        self.generation = generation
        var byName: [Key: [AdminRule]] = [:]
        for admin in rules.admins {
            for anchor in Set(anchors[admin.ca] ?? []) {
                byName[Key(anchorSHA256: anchor, name: admin.san), default: []].append(admin)
            }
        }
        self.byName = byName
        byLogin = Dictionary(rules.admins.compactMap { admin in admin.login.map { ($0, admin) } }) { first, _ in first }
        roles = Dictionary(rules.roles.map { ($0.id, $0) }) { first, _ in first }
        targets = Dictionary(rules.targets.map { ($0.id, $0) }) { first, _ in first }
        admins = Dictionary(rules.admins.map { ($0.id, $0) }) { first, _ in first }
        self.grants = Dictionary(grouping: grants, by: \.who)
    }

    // MARK: - Who

    /// Who a verified certificate stands for at an address: everything but where they want to go.
    ///
    /// Identity is the authority of administrators, a name in the leaf and, where there are pins, its key; it
    /// resolves to exactly one person.
    package func identify(_ certificate: PeerCertificate, source: IPAddress, now: WallInstant) -> Identification {
        guard let anchor = certificate.anchorSHA256 else { return .refused(.identityUnknown, claimed: nil) }
        let names = Set(certificate.dnsNames.map { AdminName.host($0.lowercased()) })
            .union(certificate.emails.map { AdminName.email(Self.folded($0)) })
        let found = names.flatMap { byName[Key(anchorSHA256: anchor, name: $0)] ?? [] }
        guard let admin = found.first else { return .refused(.identityUnknown, claimed: nil) }
        guard found.allSatisfy({ $0.id == admin.id }) else { return .refused(.identityAmbiguous, claimed: nil) }
        let until = min(admin.until ?? certificate.notAfter, certificate.notAfter)
        let person = Person(admin: admin, rights: rights(of: admin), validUntil: until)
        guard admin.pins.isEmpty || admin.pins.contains(where: { $0.sha256 == certificate.spkiSHA256 }) else {
            return .refused(.certificatePin, claimed: person)
        }
        guard !rules.gate.revoked.contains(where: { $0.names(certificate) }) else {
            return .refused(.certificateRevoked, claimed: person)
        }
        guard certificate.isValid(at: now) else { return .refused(.certificateExpired, claimed: person) }
        if let weakness = certificate.weakness { return .refused(.certificateWeak(weakness), claimed: person) }
        guard certificate.hasClientAuth else { return .refused(.certificatePurpose, claimed: person) }
        // Its holder would be everybody the authority vouches for. One that stands for itself alone does no harm.
        guard !certificate.isAuthority || certificate.sha256 == anchor else {
            return .refused(.certificateWeak("it may sign others"), claimed: person)
        }
        if let denial = standing(of: admin, now: now) { return .refused(denial, claimed: person) }
        guard admin.from.isEmpty || admin.from.contains(where: { $0.contains(source) }) else {
            return .refused(.addressNotAllowed(source), claimed: person)
        }
        return .person(person)
    }

    /// Who an account on this host belongs to.
    package func identify(login: String, now: WallInstant) -> Identification {
        guard let admin = byLogin[login] else { return .refused(.loginUnknown(login), claimed: nil) }
        let person = Person(admin: admin, rights: rights(of: admin), validUntil: admin.until)
        if let denial = standing(of: admin, now: now) { return .refused(denial, claimed: person) }
        return .person(person)
    }

    /// Whose account it is, whether or not they may do anything now.
    package func admin(login: String) -> AdminRule? { byLogin[login] }

    /// The host of an address counts in lower case, what is before the `@` as it is written (RFC 5280 §7.5).
    private static func folded(_ email: String) -> String {
        guard let at = email.lastIndex(of: "@") else { return email }
        return email[..<at] + email[at...].lowercased()
    }

    private func standing(of admin: AdminRule, now: WallInstant) -> AccessDenial? {
        guard admin.isEnabled else { return .personDisabled }
        guard admin.until.map({ now < $0 }) ?? true else { return .personEnded }
        return nil
    }

    private func rights(of admin: AdminRule) -> Set<AccessRight> {
        admin.isBreakGlass ? [] : admin.roles.reduce(into: []) { $0.formUnion(roles[$1]?.may ?? []) }
    }

    // MARK: - Where to

    /// Whether a person may go to a place now, by which grant, and until when.
    package func decide(_ person: Person, _ wanted: Destination, now: WallInstant) -> Verdict {
        guard let admin = admins[person.id] else { return .refused(.identityUnknown) }
        if let denial = standing(of: admin, now: now) { return .refused(denial) }
        if let validUntil = person.validUntil, validUntil < now { return .refused(.certificateExpired) }
        guard Destination.isTarget(wanted.target) else { return .refused(.targetLiteral) }
        let mine = admin.roles.flatMap { roles[$0]?.targets ?? [] }
        guard let target = targets[wanted.target] else {
            let known = Set(mine.map(\.target)).sorted()
            return .refused(.targetUnknown(nearest: Spelling.nearest(to: wanted.target, among: known)))
        }
        guard let port = wanted.port ?? (target.ports.count == 1 ? target.ports.first : nil) else {
            return .refused(.portMissing(target.ports))
        }
        guard target.ports.contains(port) else { return .refused(.portUnknown(target.ports)) }
        let place = Destination(target: target.id, port: port)
        guard mine.contains(where: { $0.covers(place) }) else { return .refused(.targetNotYours) }
        return verdict(admin, person, target, place, port, now: now)
    }

    private func verdict(
        _ admin: AdminRule,
        _ person: Person,
        _ target: TargetRule,
        _ place: Destination,
        _ port: UInt16,
        now: WallInstant
    ) -> Verdict {
        // A sealed identity is let in by nothing but an opening, and nobody else is by one.
        let fitting = (grants[admin.id] ?? []).filter { $0.isBreakGlass == admin.isBreakGlass && $0.covers(place) }
        let active = fitting.filter { $0.phase(at: now) == .active }
        guard let grant = active.max(by: { ($0.until ?? now, $0.id) < ($1.until ?? now, $1.id) }),
            let until = grant.until
        else { return .refused(Self.denial(admin, fitting, now: now)) }
        let ends = [until, person.validUntil, admin.until].compactMap(\.self).min() ?? until
        return .allowed(
            Passage(
                target: target,
                port: port,
                grantID: grant.id,
                ticket: grant.ticket,
                until: ends,
                isBreakGlass: grant.isBreakGlass,
                idle: target.idle ?? rules.gate.idle,
                longest: target.longest ?? rules.gate.longest
            )
        )
    }

    /// The most helpful of what there is to say.
    private static func denial(_ admin: AdminRule, _ fitting: [Grant], now: WallInstant) -> AccessDenial {
        if admin.isBreakGlass { return .breakGlassSealed }
        let scheduled = fitting.filter { $0.phase(at: now) == .scheduled }.min { ($0.from ?? now) < ($1.from ?? now) }
        if let scheduled, let from = scheduled.from { return .grantScheduled(id: scheduled.id, from: from) }
        if let pending = fitting.first(where: { $0.phase(at: now) == .pending }) {
            return .grantPending(id: pending.id)
        }
        let over = fitting.filter { $0.until != nil }.max { $0.lastAt < $1.lastAt }
        if let over, over.revocation != nil { return .grantRevoked(id: over.id) }
        if let over, let until = over.until { return .grantExpired(id: over.id, at: until) }
        return .grantNone
    }
}

extension RevokedCertificate {
    fileprivate func names(_ certificate: PeerCertificate) -> Bool {
        switch self {
        // Files have serial numbers without the leading zero of an odd count of digits.
        case .serial(let serial): certificate.serial.drop { $0 == "0" } == serial
        case .key(let pin): pin.sha256 == certificate.spkiSHA256
        }
    }
}
