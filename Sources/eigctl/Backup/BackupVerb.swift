// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import LinuxIO

extension Verb {
    private static let output = OptionRule("--output", value: "FILE", "the archive [/var/backups/eig/eig-TIME.tar]")
    private static let keep = OptionRule("--keep", value: "N", "leave only the N newest archives there, 1 to 1000")
    private static let to = OptionRule("--directory", value: "DIR", "where archives are kept [/var/backups/eig]")

    static let backup = Verb(
        "backup",
        summary: "write configuration, keys and callbacks into one archive",
        details: [
            "Writes a tar archive that only its owner can read: the whole configuration folder with its keys and "
                + "secrets, a consistent copy of the callback store, and a manifest with the SHA-256 of each. While "
                + "eigd runs it makes the copy itself, a little at a time between callbacks; otherwise it is made "
                + "from the file. The copy's integrity is checked and the archive read again to its end before it "
                + "takes its name; when anything fails nothing is left.",
            "The archive holds private keys and secrets in the clear: keep it where only root can read it, and encrypt "
                + "it before it leaves the host.",
        ],
        options: [output, to, keep],
        examples: ["eigctl backup", "eigctl backup --keep 14", "eigctl backup --output before-upgrade.tar"]
    ) { invocation throws(Failure) in
        guard invocation.value(output) == nil || (invocation.value(keep) == nil && invocation.value(to) == nil) else {
            throw .usage("`--output` goes with neither `--directory` nor `--keep`")
        }
        let kept = invocation.value(keep) ?? "1000"
        guard let count = Int(kept), (1...1000).contains(count) else {
            throw .usage("`--keep` is `\(kept.printable)`", hint: "write a number from 1 to 1000")
        }
        let shelf = BackupShelf(invocation.value(to) ?? "/var/backups/eig")
        if invocation.value(output) == nil { try shelf.make() }
        let path = invocation.value(output) ?? shelf.path(at: invocation.now)
        var backup = Backup(invocation, output: path)
        let manifest = try backup.make()
        invocation.tell(manifest, text(manifest))
        if !invocation.isJSON {
            let warning = "it holds private keys and secrets in the clear: only root may read it, encrypt it elsewhere"
            invocation.console.error("eigctl: warning: \(path): \(warning)\n")
        }
        if invocation.value(keep) != nil { try shelf.tidy(keeping: count) }
        return .ok
    }

    private static func text(_ manifest: BackupManifest) -> String {
        let files = manifest.files.count { $0.path != BackupManifest.storeName }
        let store = manifest.store.map { store in
            "\(Shown.count(store.messages)) callbacks, \(Shown.count(store.pending)) deliveries pending"
        }
        let size = Shown.bytes(manifest.archiveBytes ?? 0)
        let left = manifest.leftOut.map { "  left out, no file: \($0.printable)\n" }.joined()
        return "\(manifest.archive ?? ""): \(size), \(files) files, \(store ?? "no callback store"), verified\n\(left)"
    }
}

/// The folder backups are kept in, by name in the order they were made.
struct BackupShelf {
    private let folder: String

    init(_ folder: String) { self.folder = folder }

    func path(at now: WallInstant) -> String {
        let text = now.rfc3339
        let time = text.prefix(19).filter { $0 != "-" && $0 != ":" }
        return "\(folder)/eig-\(time)Z.tar"
    }

    func make() throws(Failure) {
        do throws(Errno) {
            try FileStore.makeFolder(folder, mode: 0o700)
        } catch {
            guard error != .exists else { return }
            throw Failure(
                code: "not_written",
                message: "\(folder): \(error)",
                hint: "run it as root, or use `--output`"
            )
        }
    }

    /// Removes all but the newest; only what this program named.
    func tidy(keeping count: Int) throws(Failure) {
        do throws(Errno) {
            let archives = try FileStore.names(in: folder).filter(Self.isArchive)
            for name in archives.dropLast(count) { try FileStore.remove("\(folder)/\(name)") }
        } catch {
            throw Failure(code: "not_removed", message: "\(folder): old archives could not be removed: \(error)")
        }
    }

    private static func isArchive(_ name: String) -> Bool {
        let shape = "eig-00000000T000000Z.tar"
        return name.utf8.count == shape.utf8.count
            && zip(name.utf8, shape.utf8).allSatisfy { byte, model in
                model == UInt8(ascii: "0") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == model
            }
    }
}
