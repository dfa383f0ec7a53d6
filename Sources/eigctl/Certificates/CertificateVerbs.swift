// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control

extension Verb {
    /// `eigctl cert list`: from the files, so that it answers when nothing runs.
    static let certList = Verb(
        "cert list",
        summary: "list every certificate the configuration names, the first to end first",
        details: [
            "Reads the configuration folder and asks nobody: the server's chain, our certificates for each partner, "
                + "and the partners' authorities. `eigctl status` shows the ones that run.",
            "A file that is named and cannot be read is told on standard error, and exit status 1 says so.",
        ],
        examples: ["eigctl cert list", "eigctl cert list --json"]
    ) { invocation throws(Failure) in
        let document = CertificateSurvey(folder: invocation.folder, now: invocation.now).document
        let text = CertificateTable.text(document.certificates, usesColour: invocation.console.usesColour)
        return tell(document, text, invocation)
    }

    private static let days = OptionRule("--days", value: "N", "certificates that end within N days, 0 to 3650 [30]")
    private static let journal = OptionRule("--journal", "write a warning to the journal for each, with PARTNER=")

    static let certExpiring = Verb(
        "cert expiring",
        summary: "list certificates that end soon; exit status 2 when there are any",
        details: [
            "As `cert list`, but only what ends within N days or has ended; nothing is written and the exit status is 0 "
                + "when there is none. With --journal each is a warning of its own in systemd's journal, too, with "
                + "the fields PARTNER=, CERTIFICATE= and DAYS_LEFT=: what the daily timer runs."
        ],
        options: [days, journal],
        examples: ["eigctl cert expiring", "eigctl cert expiring --days 14 --json", "eigctl cert expiring --journal"]
    ) { invocation throws(Failure) in
        let text = invocation.value(days) ?? "30"
        guard let limit = Int(text), (0...3650).contains(limit) else {
            throw .usage("`--days` is `\(text.printable)`", hint: "write a number from 0 to 3650")
        }
        var document = CertificateSurvey(folder: invocation.folder, now: invocation.now).document
        document.certificates.removeAll { $0.daysLeft >= limit }
        if invocation.has(journal) { try warn(document, invocation.console) }
        let table = CertificateTable.text(document.certificates, usesColour: invocation.console.usesColour)
        let status = tell(document, table, invocation)
        return status == .ok && !document.certificates.isEmpty ? .pending : status
    }

    private static func tell(_ document: CertificateListDocument, _ text: String, _ invocation: Invocation) -> ExitCode
    {
        invocation.tell(document, text)
        if !invocation.isJSON {
            for problem in document.problems { invocation.console.error("eigctl: warning: \(problem.printable)\n") }
        }
        return document.ok ? .ok : .error
    }

    private static func warn(_ document: CertificateListDocument, _ console: Console) throws(Failure) {
        var entries = document.certificates.map { certificate in
            var entry = JournalEntry(priority: .warning, message: sentence(certificate))
            if let partner = certificate.partner { entry.fields.append(("PARTNER", partner)) }
            entry.fields.append(("CERTIFICATE", certificate.file))
            entry.fields.append(("DAYS_LEFT", String(certificate.daysLeft)))
            return entry
        }
        entries += document.problems.map { JournalEntry(priority: .warning, message: $0) }
        for entry in entries { try console.journal(entry.bytes) }
    }

    private static func sentence(_ certificate: CertificateStatus) -> String {
        let whose = certificate.partner.map { " of \($0)" } ?? ""
        let when =
            certificate.daysLeft < 0
            ? "ended on \(certificate.notAfter.prefix(10))"
            : "ends on \(certificate.notAfter.prefix(10)), in \(certificate.daysLeft) days"
        return "\(certificate.use) certificate\(whose) \(when): \(certificate.file) (\(certificate.subject))"
    }
}
