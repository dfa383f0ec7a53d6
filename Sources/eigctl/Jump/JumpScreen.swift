// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control

/// What a gate says, for people.
struct JumpScreen {
    let usesColour: Bool

    func targets(_ targets: [TargetItem]) -> String {
        var table = TextTable([
            ("TARGET", .left), ("PORTS", .left), ("PROTOCOL", .left), ("NOW", .left), ("UNTIL", .left),
            ("GRANT", .left), ("RECORDS", .left), ("LEG", .left), ("IDLE", .right), ("LONGEST", .right),
            ("WHY", .left),
        ])
        for target in targets {
            table.add([
                target.id,
                target.ports.map(String.init).joined(separator: ","),
                target.protocol,
                target.isAllowed ? "yes" : target.isRequested ? "requested" : "no",
                target.isAllowed ? Shown.instant(target.until) : "",
                target.isAllowed ? target.grant ?? "" : "",
                target.records,
                target.leg,
                Shown.age(seconds: target.idleSeconds),
                Shown.age(seconds: target.longestSeconds),
                target.reason,
            ])
        }
        return table.text(usesColour: usesColour)
    }

    func sessions(_ sessions: [SessionItem]) -> String {
        var table = TextTable([
            ("ID", .left), ("WHO", .left), ("TARGET", .left), ("BY", .left), ("FROM", .left), ("SINCE", .left),
            ("IN", .right), ("OUT", .right), ("IDLE", .right), ("ENDS", .left), ("GRANT", .left), ("TICKET", .left),
        ])
        for session in sessions {
            table.add([
                session.id,
                session.who + (session.isBreakGlass ? " !" : ""),
                "\(session.target):\(session.port)",
                session.way,
                session.source,
                Shown.instant(session.since),
                Shown.bytes(Int(clamping: session.bytesIn)),
                Shown.bytes(Int(clamping: session.bytesOut)),
                Shown.age(seconds: session.idleSeconds),
                Shown.instant(session.endsAt),
                session.grant,
                session.ticket,
            ])
        }
        return table.text(usesColour: usesColour)
    }

    func whoami(_ answer: WhoamiDocument) -> String {
        var lines: [(String, String?)] = [
            ("who", answer.who ?? "nobody the gate knows"), ("why", answer.reason), ("hint", answer.hint),
            ("name", answer.name), ("roles", list(answer.roles)), ("rights", list(answer.rights)),
            ("break-glass", answer.who == nil ? nil : answer.mayBreakGlass ? "may be used" : "no"),
        ]
        lines += answer.grants.map { ("grant", grant($0)) }
        lines.append(("known by", answer.how))
        if answer.login == nil { lines.append(("from", answer.source)) }
        if let certificate = answer.certificate { lines += facts(certificate) }
        if let login = answer.login { lines += facts(login) }
        return Shown.facts(lines + [("gate", "\(answer.gate), jumpd \(answer.version)")])
    }

    private func facts(_ certificate: WhoamiDocument.Certificate) -> [(String, String?)] {
        let days = certificate.daysLeft
        return [
            ("certificate", certificate.subject), ("issuer", certificate.issuer), ("serial", certificate.serial),
            ("fingerprint", certificate.fingerprint),
            ("its name", "\(certificate.matchedName) (\(certificate.matchedKind)), by \(certificate.authority)"),
            ("good from", Shown.instant(certificate.notBefore)),
            ("good until", "\(Shown.instant(certificate.notAfter)), \(days) day\(days == 1 ? "" : "s") left"),
        ]
    }

    private func facts(_ login: WhoamiDocument.Login) -> [(String, String?)] {
        let word = login.isClaimed ? "claimed by the caller" : "by the kernel's word"
        return [
            ("account", "\(login.account) (uid \(login.uid)), by the kernel's word"),
            ("logged in as", login.loggedInAs.map { "\($0), \(word)" }),
        ]
    }

    private func grant(_ grant: GrantItem) -> String {
        let ticket = grant.ticket.isEmpty ? "" : ", \(grant.ticket)"
        let glass = grant.isBreakGlass ? ", break-glass" : ""
        let places = grant.targets.joined(separator: ", ")
        return "\(grant.id) to \(places), until \(Shown.instant(grant.until))\(ticket)\(glass)"
    }

    private func list(_ words: [String]) -> String? { words.isEmpty ? nil : words.joined(separator: ", ") }
}

extension Shown {
    /// `name: text`, one below the other, in two columns; what is nothing is left out.
    static func facts(_ lines: [(String, String?)]) -> String {
        let width = lines.filter { $0.1 != nil }.map { $0.0.count }.max() ?? 0
        return lines.compactMap { line in
            line.1.map { "\(line.0):\(String(repeating: " ", count: width - line.0.count + 1))\($0.printable)\n" }
        }.joined()
    }
}
