// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import AccessStore
internal import Base
internal import Control
internal import LinuxIO
internal import Partners

/// Who asks, and where they may go.
extension GateDesk {
    func whoami(_ turn: Turn) -> ControlResponse {
        let asker = turn.asker
        let (how, source) =
            switch asker.proof {
            case .certificate: ("certificate", asker.origin)
            case .account(let account, _, _): ("login", account)
            }
        var document = WhoamiDocument(
            who: asker.person?.id,
            how: how,
            source: source,
            gate: turn.policy.rules.gate.name,
            version: productVersion
        )
        switch asker.proof {
        case .certificate(let certificate): document.certificate = .init(certificate, at: turn.now)
        case .account(let account, let userID, let loggedIn):
            document.login = .init(account: account, uid: Int(userID))
            if let loggedIn, loggedIn.userID != userID {
                document.login?.loggedInAs = DeskAsker.account(loggedIn.userID)
                document.login?.isClaimed = loggedIn.isClaimed
            }
        }
        guard let person = asker.person else {
            document.reason = asker.denial?.reason
            document.hint = asker.denial?.hint(nil)
            return ControlResponse(document)
        }
        document.name = person.name
        document.roles = person.admin.roles
        document.rights = person.rights.map(\.rawValue).sorted()
        document.mayBreakGlass = person.admin.isBreakGlass
        document.grants = grants.grants.filter { $0.who == person.id && $0.phase(at: turn.now) == .active }
            .map { GrantItem($0, at: turn.now) }
        return ControlResponse(document)
    }

    func targets(_ turn: Turn) throws(DeskRefusal) -> ControlResponse {
        let rules = turn.policy.rules
        guard let person = turn.asker.person else {
            if !turn.asker.isOperator { _ = try turn.person() }
            return ControlResponse(TargetListDocument(targets: rules.targets.map { item($0, rules) }.sorted()))
        }
        let mine = rules.destinations(of: person.admin)
        let waiting = grants.grants.filter { $0.who == person.id && $0.phase(at: turn.now) == .pending }
        var items: [TargetItem] = []
        for target in rules.targets {
            let given = target.ports.filter { port in
                mine.contains { $0.covers(Destination(target: target.id, port: port)) }
            }
            guard !given.isEmpty else { continue }
            var item = item(target, rules)
            item.ports = given.map(Int.init)
            for port in given {
                let place = Destination(target: target.id, port: port)
                if waiting.contains(where: { $0.covers(place) }) { item.isRequested = true }
                guard case .allowed(let passage) = turn.policy.decide(person, place, now: turn.now) else { continue }
                item.isAllowed = true
                item.grant = passage.grantID
                item.until = passage.until.rfc3339
            }
            items.append(item)
        }
        return ControlResponse(TargetListDocument(who: person.id, targets: items.sorted()))
    }

    private func item(_ target: TargetRule, _ rules: AccessRules) -> TargetItem {
        TargetItem(
            id: target.id,
            ports: target.ports.map(Int.init),
            protocol: target.wire.rawValue,
            records: "metadata",
            leg: target.tls == nil ? "plain" : "tls",
            reason: target.reason,
            host: target.wire == .postgresql ? "\(target.id).\(rules.gate.name)" : nil,
            idleSeconds: Int((target.idle ?? rules.gate.idle).components.seconds),
            longestSeconds: Int((target.longest ?? rules.gate.longest).components.seconds)
        )
    }
}

extension [TargetItem] {
    fileprivate func sorted() -> [TargetItem] { sorted { $0.id < $1.id } }
}

extension WhoamiDocument.Certificate {
    fileprivate init(_ certificate: KnownCertificate, at now: WallInstant) {
        let kind = if case .email = certificate.name { "rfc822Name" } else { "dNSName" }
        self.init(
            subject: certificate.subject,
            issuer: certificate.issuer,
            serial: certificate.serial,
            fingerprint: "sha256:\(certificate.sha256)",
            notBefore: certificate.notBefore.rfc3339,
            notAfter: certificate.notAfter.rfc3339,
            daysLeft: Int((Double(certificate.notAfter.seconds - now.seconds) / 86_400).rounded(.down)),
            matchedName: certificate.name.description,
            matchedKind: kind,
            authority: certificate.ca
        )
    }
}
