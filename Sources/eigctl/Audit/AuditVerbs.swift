// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import AuditTrail
internal import Base
internal import LinuxIO

extension Verb {
    private static let follow = OptionRule(
        "--follow",
        short: "-f",
        "go on with what is written from now on, until Ctrl-C"
    )
    private static let lines = OptionRule("--lines", value: "N", "how many, 0 to 100000 [20]")
    private static let output = OptionRule(
        "--output",
        value: "FILE",
        "a new file, mode 600, instead of standard output"
    )

    /// `eigctl audit tail`: the last events.
    static let auditTail = Verb(
        "audit tail",
        summary: "show the last events of the audit log, and what follows",
        details: [
            "One line for each: when (UTC), the line's number, what, who, on what, from where, and the details. Checkpoints "
                + "are left out, unless `--kind log.checkpoint` asks for them. With `--json` the log's own lines, as they are.",
            "Reads the files themselves, so that it works while nothing runs. That somebody reads is an event, too.",
        ],
        options: [follow, lines] + AuditFilter.options + [.auditFolder, .auditEvents],
        examples: [
            "eigctl audit tail", "eigctl audit tail -f --kind session", "eigctl audit tail --who anna --since 2h",
        ]
    ) { invocation throws(Failure) in
        try AuditTail(invocation, count: number(invocation) ?? 20, isFollowing: invocation.has(follow)).run()
        return .ok
    }

    private static func number(_ invocation: Invocation) throws(Failure) -> Int? {
        guard let text = invocation.value(lines) else { return nil }
        guard let value = Int(text), (0...100_000).contains(value) else {
            throw .usage("`\(lines.name)` is `\(text.printable)`", hint: "write a number from 0 to 100000")
        }
        return value
    }

    /// `eigctl audit show`: one event, whole.
    static let auditShow = Verb(
        "audit show",
        operands: "NUMBER",
        operandCount: 1...1,
        summary: "show one event of the audit log with everything that is known of it",
        details: ["NUMBER is the line's, as `eigctl audit tail` shows it. With `--json` the log's own line, as it is."],
        options: [.auditFolder, .auditEvents],
        examples: ["eigctl audit show 4711"]
    ) { invocation throws(Failure) in
        let text = invocation.operands[0]
        guard let seq = Int(text), seq > 0 else {
            throw .usage("`\(text.printable)` is no number of a line", hint: "`eigctl audit tail` shows them")
        }
        let files = try AuditFiles(invocation)
        let names = try files.names()
        files.report(invocation, "show", details: [.init("line", seq)])
        guard let name = names.last(where: { (AuditFolder.firstSeq(of: $0) ?? 0) <= seq }),
            let found = try find(seq, in: name, files)
        else {
            throw Failure(code: "not_found", message: "there is no line \(seq)", hint: "`eigctl audit verify` says why")
        }
        invocation.console.output(
            invocation.isJSON
                ? String(decoding: found.bytes, as: UTF8.self) + "\n" : AuditScreen.whole(found.line, at: found.place)
        )
        return .ok
    }

    private static func find(
        _ seq: Int,
        in name: String,
        _ files: AuditFiles
    ) throws(Failure) -> (bytes: [UInt8], line: TrailLine, place: TrailPlace)? {
        var reader = try files.reader(name)
        var number = 0
        do throws(Errno) {
            while let bytes = try reader.next() {
                number += 1
                if let line = TrailLine(bytes), line.seq == seq {
                    return (bytes, line, TrailPlace(file: name, line: number))
                }
            }
        } catch { throw files.unreadable(error, name) }
        return nil
    }

    /// `eigctl audit export`: the lines of a time, as they are.
    static let auditExport = Verb(
        "audit export",
        summary: "write the log's lines of a time, byte for byte, for an auditor",
        details: [
            "Whole lines, checkpoints among them, in their order, unchanged: whoever has the public key can check the "
                + "signatures of what lies between two checkpoints. `--who` and `--kind` are not for this: what is left "
                + "out breaks the chain. For the whole log with its beginning copy its folder."
        ],
        options: [AuditFilter.since, AuditFilter.until, output, .auditFolder, .auditEvents],
        examples: ["eigctl audit export --since 2026-10-01 --until 2026-11-01 --output october.jsonl"]
    ) { invocation throws(Failure) in
        let filter = try AuditFilter(invocation)
        let files = try AuditFiles(invocation)
        let names = try files.names()
        files.report(invocation, "export", details: filter.details)
        let count: Int
        if let path = invocation.value(output) {
            do throws(Errno) {
                let file = try FileStore.create(path, mode: 0o600)
                count = try AuditExport(files, names, filter).run { part throws(Errno) in try file.writeAll(part.span) }
                try file.synchronize()
            } catch {
                throw Failure(code: "not_written", message: "\(path.printable): \(error)", hint: "give a new file")
            }
            let noun = count == 1 ? "line" : "lines"
            invocation.console.output("\(Shown.count(count)) \(noun) in \(path.printable)\n")
        } else {
            do throws(Errno) {
                count = try AuditExport(files, names, filter).run { part throws(Errno) in
                    invocation.console.output(String(decoding: part, as: UTF8.self))
                }
            } catch { throw files.unreadable(error, files.folder.path) }
        }
        return .ok
    }
}

/// Every line of a time, in pieces of whole lines.
struct AuditExport {
    private let files: AuditFiles
    private let names: [String]
    private let filter: AuditFilter

    init(_ files: AuditFiles, _ names: [String], _ filter: AuditFilter) {
        self.files = files
        self.names = names
        self.filter = filter
    }

    /// - Returns: how many lines there were.
    func run(_ write: ([UInt8]) throws(Errno) -> Void) throws(Errno) -> Int {
        var count = 0
        for name in names {
            var reader = try LineReader(files.folder.path(of: name))
            var part: [UInt8] = []
            while let bytes = try reader.next() {
                // What cannot be read belongs to what was asked for: leaving it out would hide it.
                if let line = TrailLine(bytes), !filter.isInTime(line) { continue }
                part += bytes
                part.append(UInt8(ascii: "\n"))
                count += 1
                if part.count >= 256 << 10 {
                    try write(part)
                    part.removeAll(keepingCapacity: true)
                }
            }
            if !part.isEmpty { try write(part) }
        }
        return count
    }
}
