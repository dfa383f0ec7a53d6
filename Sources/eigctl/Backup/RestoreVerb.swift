// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import Control
internal import LinuxIO

/// What `eigctl restore` writes for `--json`.
package struct RestoreDocument: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    package var archive: String
    /// When the backup was made.
    package var madeAt: String
    /// Where the configuration that was there is now.
    package var configurationBefore: String?
    /// Where the store that was there is now.
    package var storeBefore: String?
    package var store: BackupManifest.Store?
    package var next: [String]
}

extension Verb {
    private static let yes = SetupOption.yes
    private static let part = OptionRule("--part", value: "PART", "only `configuration` or only `store`")

    static let restore = Verb(
        "restore",
        operands: "FILE",
        operandCount: 1...1,
        summary: "put a backup's configuration, keys and callbacks back",
        details: [
            "Reads the whole archive first and checks it against its manifest, then puts configuration and callback store "
                + "in place in one step each. What was there goes aside under a name that ends in its time, and is "
                + "never deleted here. When anything fails before that, nothing is changed.",
            "Refused while eigd runs or could be started by its sockets, and for a store of a later version than this "
                + "program knows. Callbacks that were delivered after the backup was made are delivered again, "
                + "under the same ids.",
        ],
        options: [yes, part],
        examples: [
            "eigctl restore /var/backups/eig/eig-20261121T031500Z.tar",
            "eigctl restore --yes --part configuration before-upgrade.tar",
        ]
    ) { invocation throws(Failure) in
        let words = ["configuration", "store"]
        if let word = invocation.value(part), !words.contains(word) {
            throw .usage("`--part` is `\(word.printable)`", hint: "write `configuration` or `store`")
        }
        let restore = Restore(invocation, part: invocation.value(part))
        let document = try restore.run()
        invocation.tell(document, restore.text(document))
        return .ok
    }
}

private struct Restore {
    private let invocation: Invocation
    private let archive: String
    private let part: String?

    init(_ invocation: Invocation, part: String?) {
        self.invocation = invocation
        self.part = part
        archive = invocation.operands[0]
    }

    func run() throws(Failure) -> RestoreDocument {
        // Whole and good, before anything is said or asked.
        let manifest = try BackupContents.read(archive).manifest
        if part != "configuration", let store = manifest.store, store.version > StoreFile.newestVersion {
            throw Failure(
                .refused,
                code: "store_too_new",
                message: "\(archive): its callback store has version \(store.version), and this program knows "
                    + "\(StoreFile.newestVersion); nothing was changed",
                hint: "install the version that wrote it, \(manifest.version), or a later one"
            )
        }
        let storePath = manifest.store?.path ?? StoreSource(invocation).path
        try requireNobody(StoreSource(invocation).path, storePath)
        try agree(manifest)
        return try restore(manifest, storePath)
    }

    private func restore(_ manifest: BackupManifest, _ storePath: String) throws(Failure) -> RestoreDocument {
        let staging = try RestoreStaging(
            folder: invocation.folder,
            storePath: storePath,
            takesConfiguration: part != "store",
            takesStore: part != "configuration"
        )
        defer { staging.remove() }
        let found = try BackupContents.read(archive, into: staging).manifest
        guard found == manifest else {
            throw Failure(code: "bad_archive", message: "\(archive) changed while it was read; nothing was changed")
        }
        if staging.hasStore { try inspect(staging.stagedStore, manifest) }
        // Nobody may have started it meanwhile.
        try requireNobody(StoreSource(invocation).path, storePath)
        let time = BackupShelf("").path(at: invocation.now).dropFirst("/eig-".count).dropLast(".tar".count)
        let before = try staging.switchOver(mark: "before-\(time)")
        return RestoreDocument(
            archive: archive,
            madeAt: manifest.madeAt,
            configurationBefore: before.folder,
            storeBefore: before.store,
            store: staging.hasStore ? manifest.store : nil,
            next: [
                "eigctl check", "eigctl setup --yes, so that the sockets listen where eigd.toml and jumpd.toml say",
                "systemctl start \(ServiceUnits.gatewayWords)", "eigctl apply",
            ]
        )
    }

    private func inspect(_ path: String, _ manifest: BackupManifest) throws(Failure) {
        do throws(StoreFileError) {
            let facts = try StoreFile.inspect(path)
            guard BackupManifest.Store(facts, path: manifest.store?.path ?? "") == manifest.store else {
                throw StoreFileError(description: "\(path): it holds other callbacks than the manifest says")
            }
        } catch {
            throw Failure(code: "store_damaged", message: "\(error); nothing was changed")
        }
    }

    /// A gateway that runs would go on with the file it has open, and lose what it accepts.
    private func requireNobody(_ paths: String...) throws(Failure) {
        let active = ServiceUnits.ask(ServiceUnits.gateway).filter(\.isActive).map(\.name)
        guard active.isEmpty else {
            throw running("\(active.joined(separator: ", ")) \(active.count == 1 ? "is" : "are") active")
        }
        for path in Set(paths) {
            if let processID = try StoreSource.holder(of: path) {
                throw running("process \(processID) has \(path) open")
            }
        }
    }

    private func running(_ what: String) -> Failure {
        let hint = "stop it first: `systemctl stop \(ServiceUnits.gatewayWords)`"
        return Failure(.stale, code: "eigd_runs", message: "\(what); nothing was changed", hint: hint)
    }

    private func agree(_ manifest: BackupManifest) throws(Failure) {
        guard !invocation.has(SetupOption.yes) else { return }
        let console = invocation.console
        guard console.isInteractive, !invocation.isJSON else {
            throw .usage("a restore replaces what is there", hint: "repeat with `--yes`")
        }
        console.error("\(archive) of \(Shown.instant(manifest.madeAt)) UTC replaces \(what(manifest)).\n")
        guard let answer = console.readLine("Go on? [y/N] "), ["y", "yes"].contains(answer.lowercased()) else {
            throw Failure(code: "declined", message: "nothing was changed")
        }
    }

    private func what(_ manifest: BackupManifest) -> String {
        var parts: [String] = []
        if part != "store" { parts.append(invocation.folder) }
        if part != "configuration", let store = manifest.store { parts.append(store.path) }
        return parts.joined(separator: " and ")
    }

    func text(_ document: RestoreDocument) -> String {
        var text = "Restored from \(document.archive), made \(Shown.instant(document.madeAt)) UTC.\n"
        if let store = document.store {
            text += "  \(Shown.count(store.messages)) callbacks, \(Shown.count(store.pending)) deliveries pending\n"
        }
        for before in [document.configurationBefore, document.storeBefore].compactMap({ $0 }) {
            text += "  before it: \(before)\n"
        }
        text += "\nNext:\n"
        for (index, step) in document.next.enumerated() { text += "  \(index + 1). \(step)\n" }
        return text
    }
}
