// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What can only be told from all files together.
struct SetLint {
    let gateway: GatewayFile?
    let host: HostFile?
    let partners: [Partner]
    /// The contents of the files in `ca/` that partners name, by name.
    let authorities: [String: [UInt8]]
    /// The contents of the files in `ca/` that administrators name, by name.
    let adminAuthorities: [String: [UInt8]]
    let now: WallInstant
    let reader: ConfigurationReader
    let reports: [String: Report]

    func run() {
        checkExpiry()
        checkAllowOverlap()
        checkTunnelOverlap()
        let isForOperators = reader == .anybody
        TunnelSetLint(host: host, partners: partners, now: now, isForOperators: isForOperators, reports: reports).run()
        checkMarks()
        checkIdentities()
        if let gateway, let host {
            HostAgreement(gateway: gateway, host: host, report: reports[gateway.origins.file]).run()
        }
        if let gateway { checkBodyLimits(gateway) }
        if let host, let rules = host.access { accessLint(host, rules).run() }
    }

    private func accessLint(_ host: HostFile, _ rules: AccessRules) -> AccessSetLint {
        AccessSetLint(
            host: host,
            rules: rules,
            partners: partners,
            authorities: authorities,
            adminAuthorities: adminAuthorities,
            now: now,
            report: reports[host.origins.file]
        )
    }

    private func add(_ code: DiagnosticCode, at origin: Origin, _ message: String, mend hint: String) {
        reports[origin.file]?.add(code, at: origin, message, mend: hint)
    }

    private func checkExpiry() {
        for partner in partners {
            for (index, entry) in partner.allow.enumerated() where !entry.isInForce(at: now) {
                let message = "this [[allow]] has ended and lets nobody in"
                let origin = partner.origins["allow[\(index)].until"]
                add(.allowExpired, at: origin, message, mend: "remove the entry, or extend `until` with a new ticket")
            }
        }
    }

    /// Who claims a network, and where that is written.
    private struct Claim {
        let partner: Int
        let path: String
    }

    private func checkAllowOverlap() {
        var claims: [PrefixClaims<Claim>.Claim] = []
        for (number, partner) in partners.enumerated() {
            for (index, entry) in partner.allow.enumerated() {
                for (item, prefix) in entry.from.enumerated() {
                    claims.append(
                        .init(prefix: prefix, owner: Claim(partner: number, path: "allow[\(index)].from[\(item)]"))
                    )
                }
            }
        }
        report(claims, .allowOverlap) { "is allowed for \($0) too" }
    }

    private func checkTunnelOverlap() {
        var claims: [PrefixClaims<Claim>.Claim] = []
        for (number, partner) in partners.enumerated() {
            for (index, tunnel) in partner.tunnels.enumerated() {
                for (item, prefix) in tunnel.remoteSubnets.enumerated() {
                    let path = "tunnel[\(index)].remote-subnets[\(item)]"
                    claims.append(.init(prefix: prefix, owner: Claim(partner: number, path: path)))
                }
            }
        }
        report(claims, .tunnelOverlap) { "is behind a tunnel of \($0) too" }
    }

    /// Each overlap is told at the later partner of the two.
    private func report(_ claims: [PrefixClaims<Claim>.Claim], _ code: DiagnosticCode, _ words: (PartnerID) -> String) {
        for (outer, inner) in PrefixClaims(claims).overlaps() where outer.owner.partner != inner.owner.partner {
            let isOuterLater = outer.owner.partner > inner.owner.partner
            let (later, earlier) = isOuterLater ? (outer, inner) : (inner, outer)
            let other = partners[earlier.owner.partner]
            let place = other.origins[earlier.owner.path]
            let message = "\"\(later.prefix)\" \(words(other.id)), as \"\(earlier.prefix)\" (\(place))"
            let hint = "let each address belong to one partner only"
            add(code, at: partners[later.owner.partner].origins[later.owner.path], message, mend: hint)
        }
    }

    private func checkMarks() {
        var owners: [UInt32: PartnerID] = [:]
        for partner in partners {
            if let other = owners[partner.id.mark] {
                let message = "\(partner.id) and \(other) have the same number in the kernel"
                add(
                    .markCollision,
                    at: partner.origins["id"],
                    message,
                    mend: "rename one of the two, `\(partner.id)2` will do"
                )
            } else {
                owners[partner.id.mark] = partner.id
            }
        }
    }

    /// One certificate must never be able to stand for two partners; authorities count by what is in them.
    private func checkIdentities() {
        struct Identity: Hashable {
            let ca: [UInt8]
            let san: String
        }
        var names: [Identity: Int] = [:]
        var pins: [KeyPin: Int] = [:]
        for (number, partner) in partners.enumerated() {
            for (index, rule) in partner.certificates.enumerated() {
                let identity = Identity(ca: authorities[rule.ca] ?? Array(rule.ca.utf8), san: rule.san)
                if let other = names[identity], other != number {
                    let message = "\(quoted(rule.san)) under \(rule.ca) stands for \(partners[other].id) too"
                    let origin = partner.origins["certificate[\(index)].san"]
                    add(.identityShared, at: origin, message, mend: "give each partner its own authority and name")
                }
                names[identity] = names[identity] ?? number
                guard let pin = rule.pin else { continue }
                if let other = pins[pin], other != number {
                    let message = "this key stands for \(partners[other].id) too"
                    let origin = partner.origins["certificate[\(index)].pin"]
                    add(.identityShared, at: origin, message, mend: "let each partner make its own key")
                }
                pins[pin] = pins[pin] ?? number
            }
        }
    }

    private func checkBodyLimits(_ gateway: GatewayFile) {
        for partner in partners where partner.roles.contains(.receive) {
            guard partner.limits.bodyBytesMax > gateway.relay.bodyBytesMax else { continue }
            let message =
                "bodies of \(partner.limits.bodyBytesMax) bytes are let in, but callbacks over "
                + "\(gateway.relay.bodyBytesMax) are refused by the relay"
            let hint = "raise `body-bytes` in [relay], or lower it here"
            add(.bodyLimit, at: partner.origins["limits.body-bytes"], message, mend: hint)
        }
    }
}
