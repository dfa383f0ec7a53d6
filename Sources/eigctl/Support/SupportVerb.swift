// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import LinuxIO

extension Verb {
    private static let output = OptionRule("--output", value: "FILE", "the archive [eig-support-TIME.tar.gz here]")
    private static let lines = OptionRule(
        "--lines",
        value: "N",
        "this many of each unit's last journal lines, 0 to 100000 [1000]"
    )

    static let supportBundle = Verb(
        "support-bundle",
        summary: "gather what helps to find a fault, without secrets, into one archive",
        details: [
            "Writes a tar.gz that only its owner can read: versions, unit states, the last lines of the journal, the "
                + "configuration without its comments, the list of files with modes, status, metrics, certificates' dates "
                + "and our nftables tables. What cannot be had is left out, and said.",
            "Keys, credentials, secrets and the bodies of callbacks are never included. Every secret of this host is "
                + "looked for in all of it, in base 64 and hex, too, and taken out; so is what looks like one. "
                + "Addresses, partners' names and contacts stay: read it before you send it.",
        ],
        options: [output, lines],
        examples: ["eigctl support-bundle", "eigctl support-bundle --output bundle.tar.gz --lines 5000"]
    ) { invocation throws(Failure) in
        let text = invocation.value(lines) ?? "1000"
        guard let count = Int(text), (0...100_000).contains(count) else {
            throw .usage("`--lines` is `\(text.printable)`", hint: "write a number from 0 to 100000")
        }
        let time = invocation.now.rfc3339.prefix(19).filter { $0 != "-" && $0 != ":" }
        let path = invocation.value(output) ?? "eig-support-\(time)Z.tar.gz"
        var collector = SupportCollector(invocation, journalLines: count)
        collector.collect()
        let document = try pack(collector, folder: "eig-support-\(time)Z", at: path, invocation.now)
        invocation.tell(document, document.text)
        return .ok
    }

    private static func pack(
        _ collector: SupportCollector,
        folder: String,
        at path: String,
        _ now: WallInstant
    ) throws(Failure) -> SupportDocument {
        var archive = try ArchiveWriter(path: path)
        let temporary = archive.temporaryPath
        defer { try? FileStore.remove("\(temporary).gz") }
        do throws(Failure) {
            let readme = Array(collector.document.text.utf8)
            for (name, bytes) in [("README.txt", readme)] + collector.parts {
                var header = TarHeader(path: "\(folder)/\(name)", byteCount: bytes.count)
                header.modifiedAt = now
                try archive.add(header, bytes)
            }
            try archive.end()
            try compress(temporary, path)
        } catch {
            archive.abandon()
            throw error
        }
        archive.abandon()
        var document = collector.document
        document.archive = path
        return document
    }

    /// gzip(1) is essential on Debian, and keeps owner and mode.
    private static func compress(_ temporary: String, _ path: String) throws(Failure) {
        let result: ChildProcess.Result
        do throws(Errno) {
            result = try ChildProcess.run(["gzip", "--no-name", "--keep", temporary], timeout: .seconds(300))
        } catch {
            throw Failure(code: "not_written", message: "gzip: \(error)", hint: "install gzip")
        }
        guard result.isSuccess else {
            throw Failure(code: "not_written", message: "\(path): \(result.errorText.printable); nothing of it is left")
        }
        do throws(Errno) {
            try FileStore.rename("\(temporary).gz", to: path)
            try FileStore.synchronize(folder: FileStore.folder(of: path))
        } catch {
            throw Failure(code: "not_written", message: "\(path): \(error); nothing of it is left")
        }
    }
}
