// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import AuditTrail
internal import Base
internal import Control
internal import LinuxIO
internal import TLS

extension Verb {
    private static let key = OptionRule("--key", value: "FILE", "public keys, PEM, that the log was ever signed with")
    private static let remember = OptionRule(
        "--remember",
        value: "FILE",
        "check that the log still has the line FILE names, then note its last one there"
    )
    private static let head = OptionRule("--head", value: "HEAD", "a line that must be there: SEQ:sha256:HEX")
    private static let copy = OptionRule(
        "--copy",
        value: "FILE",
        "the copy a log server has, as lines of syslog or JSON"
    )

    /// `eigctl audit verify`: is the log what was written?
    static let auditVerify = Verb(
        "audit verify",
        summary: "check the audit log's chain and signatures, and name the first bad line",
        details: [
            "Tells a line that was altered from lines that were removed, put in or written anew by somebody without the "
                + "key, from a log whose end was cut, and from lines that got lost while nothing ran. Reads every file "
                + "once, whatever its size, and works on a copied folder without this host.",
            "That the end was cut the log itself cannot show: compare it with what is known elsewhere, by `--remember` with a "
                + "file on another host or medium, by `--head`, or by `--copy` with what the log server received.",
            "Without `--key` the key of jumpd.toml is used, or else the public key beside the log, which whoever can write "
                + "there could replace, too. After the key was changed, give all of them. Exit status 0 says that nothing was "
                + "found, 1 that something was, 2 that no signature could be checked, or only with the key beside the log.",
        ],
        options: [key, remember, head, copy, .auditFolder, .auditEvents],
        examples: [
            "eigctl audit verify", "eigctl audit verify --remember /media/auditor/edge-1.head",
            "eigctl audit verify --folder ./copy --key audit.pub --copy received.log --json",
        ]
    ) { invocation throws(Failure) in
        let files = try AuditFiles(invocation)
        let (keys, from, areBesideLog) = try files.keys(invocation.value(key))
        var known: [TrailHead] = []
        if let text = invocation.value(head) {
            guard let line = TrailHead(text) else {
                throw .usage("`\(head.name)` is `\(text.printable)`", hint: "write what verify shows: 17:sha256:3f…")
            }
            known.append(line)
        }
        if let path = invocation.value(remember) { known += try KnownLines.remembered(path) }
        if let path = invocation.value(copy) { known += try KnownLines.copied(path) }
        let report = try AuditCheck(files).run(keys, known)
        files.report(invocation, "verify", details: [.init("findings", report.findings.count)])
        var document = AuditReportDocument(report, folder: files.folder.path, knownCount: known.count)
        document.key = keys.isEmpty ? nil : from
        if areBesideLog {
            document.notes.append("the key was taken from \(from), beside the log: give your own with `--key`")
        }
        if invocation.value(key) == nil, report.findings.contains(where: { $0.kind == .rewritten }) {
            document.notes.append("if the log's key was changed meanwhile, give all its public keys with `--key`")
        }
        if let path = invocation.value(remember), report.isSound { try KnownLines.remember(report.head, path) }
        invocation.tell(document, AuditCheck.text(document, usesColour: invocation.console.usesColour))
        return !report.isSound ? .error : keys.isEmpty || areBesideLog ? .pending : .ok
    }
}

/// The whole log, checked.
struct AuditCheck {
    private let files: AuditFiles

    init(_ files: AuditFiles) { self.files = files }

    func run(_ keys: [Ed25519.PublicKey], _ known: [TrailHead]) throws(Failure) -> TrailReport {
        let names: [String]
        do throws(Errno) { names = try files.folder.files() } catch {
            throw files.unreadable(error, files.folder.path)
        }
        // A log that is gone altogether is not sound where a line of it is known.
        if names.isEmpty, known.isEmpty { _ = try files.names() }
        var verifier = TrailVerifier(keys: keys, known: known)
        for name in names {
            verifier.begin(file: name)
            var reader = try files.reader(name)
            do throws(Errno) {
                while let line = try reader.next() { verifier.add(line) }
            } catch { throw files.unreadable(error, name) }
            verifier.end(unfinished: reader.unfinished, isLast: name == names.last)
        }
        return verifier.finish()
    }

    static func text(_ document: AuditReportDocument, usesColour: Bool) -> String {
        func marked(_ colour: String, _ text: String) -> String {
            usesColour ? "\u{1b}[\(colour)m\(text)\u{1b}[0m\n" : "\(text)\n"
        }
        let noun = document.fileCount == 1 ? "file" : "files"
        var text =
            "\(document.folder.printable): \(Shown.count(document.lineCount)) lines in \(document.fileCount) \(noun)"
        if let first = document.firstAt, let last = document.lastAt {
            text += ", \(Shown.instant(first)) to \(Shown.instant(last))"
        }
        text += "\n\(Shown.count(document.checkpointCount)) checkpoints"
        if let last = document.lastCheckpointSeq { text += ", the last good one at line \(Shown.count(last))" }
        text += "\n"
        for finding in document.findings {
            let place = finding.file.isEmpty ? "" : "\(finding.file):\(finding.line): "
            text += marked("31", "✗ \(finding.kind): \(place)\(finding.text)".printable)
        }
        if document.findings.isEmpty {
            text += marked("32", document.key == nil ? "✓ the chain fits" : "✓ the chain and its signatures fit")
        }
        for note in document.notes { text += "! \(note.printable)\n" }
        return text + "head \(document.head)\n"
    }
}

extension AuditReportDocument {
    init(_ report: TrailReport, folder: String, knownCount: Int) {
        self.init(
            ok: report.isSound,
            folder: folder,
            fileCount: report.fileCount,
            lineCount: report.lineCount,
            checkpointCount: report.checkpointCount,
            head: report.head.description,
            knownCount: knownCount,
            findings: report.findings.map { finding in
                Finding(
                    kind: finding.kind.rawValue,
                    file: finding.place.file,
                    line: finding.place.line,
                    seq: finding.seq,
                    text: finding.text
                )
            },
            notes: report.notes.map(Self.text)
        )
        firstSeq = report.firstSeq
        firstAt = report.firstAt
        lastAt = report.lastAt
        lastCheckpointSeq = report.lastCheckpoint?.seq
    }

    private static func text(_ note: TrailReport.Note) -> String {
        switch note {
        case .unsigned(let lines): "\(lines) lines behind the last checkpoint: only the chain vouches for them yet"
        case .noKey: "no signature was checked: there is no public key; give one with `--key`"
        case .unfinishedLine(let place): "\(place): half a line: it is being written, or the writer has just died"
        case .uncleanStart(let place): "\(place): started without having been stopped: killed, or the power failed"
        case .tornLine(let place, let bytes): "\(place): half a line of \(bytes) bytes was set aside at this start"
        case .foundAtStart(let place, let text): "\(place): this start found: \(text)"
        case .retired(let seq): "lines 1 to \(seq) are no longer kept, as the log says itself"
        case .refused(let place, let events): "\(place): could not be written for a time, \(events) events were refused"
        case .clockWentBack(let place): "\(place): the clock went back"
        }
    }
}
