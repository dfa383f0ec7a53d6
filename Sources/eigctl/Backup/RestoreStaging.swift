// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import LinuxIO

/// Files of a backup, written beside the places they will take.
///
/// Until ``switchOver(at:)`` nothing is where a program looks for it; ``remove()`` leaves no trace.
final class RestoreStaging {
    private let folder: String
    private let storePath: String
    private let takesConfiguration: Bool
    private let takesStore: Bool
    private let folderOwner: FileOwner?
    let stagedFolder: String
    let stagedStore: String
    private var path = ""
    private var output: OwnedDescriptor?
    private(set) var hasConfiguration = false
    private(set) var hasStore = false

    init(folder: String, storePath: String, takesConfiguration: Bool, takesStore: Bool) throws(Failure) {
        self.folder = folder
        self.storePath = storePath
        self.takesConfiguration = takesConfiguration
        self.takesStore = takesStore
        let mark = "restore-\(Hex.encode(Random.bytes(6)))"
        stagedFolder = "\(folder).\(mark)"
        stagedStore = "\(storePath).\(mark)"
        let status = try? FileStore.status(folder)
        // Only root gives files away.
        folderOwner = Limits.userID == 0 ? status.map { FileOwner(userID: $0.userID, groupID: $0.groupID) } : nil
        guard takesConfiguration else { return }
        try run(stagedFolder) { () throws(Errno) in try self.makeFolder(self.stagedFolder, mode: status?.mode ?? 0o750)
        }
    }

    func begin(_ header: TarHeader) throws(Failure) {
        let isStore = header.path == BackupManifest.storeName
        guard isStore ? takesStore : takesConfiguration else { return }
        if isStore { hasStore = true } else { hasConfiguration = true }
        path =
            isStore ? stagedStore : "\(stagedFolder)/\(header.path.dropFirst(BackupManifest.configurationPrefix.count))"
        try run(path) { () throws(Errno) in
            if !isStore { try self.makeParents() }
            let file = try FileStore.create(self.path, mode: 0o600)
            if let owner = isStore ? self.storeOwner : Self.owner(header) { try file.setOwner(owner) }
            try file.setMode(isStore ? 0o600 : header.mode & 0o777)
            self.output = consume file
        }
    }

    func add(_ bytes: [UInt8]) throws(Failure) {
        guard output != nil else { return }
        try run(path) { () throws(Errno) in try self.output?.writeAll(bytes.span) }
    }

    func end() throws(Failure) {
        guard output != nil else { return }
        try run(path) { () throws(Errno) in try self.output?.synchronize() }
        output = nil
    }

    /// What is there goes aside under a name with `mark`, and what was staged takes its place.
    ///
    /// - Throws: with everything as it was before.
    /// - Returns: where the old folder and the old store are now.
    func switchOver(mark: String) throws(Failure) -> (folder: String?, store: String?) {
        let oldStore = "\(storePath).\(mark)"
        var storeBefore: String?
        if hasStore { storeBefore = try switchStore(aside: oldStore) }
        guard hasConfiguration else { return (nil, storeBefore) }
        do throws(Failure) {
            return (try switchFolder(aside: "\(folder).\(mark)"), storeBefore)
        } catch {
            if hasStore { undoStore(aside: oldStore, hadStore: storeBefore != nil) }
            throw error
        }
    }

    func remove() {
        output = nil
        try? FileStore.removeTree(stagedFolder)
        try? FileStore.remove(stagedStore)
    }

    /// The write-ahead log belongs to the old file: it goes with it, first, so that no other file is ever read with it.
    private func switchStore(aside: String) throws(Failure) -> String? {
        let hadStore = (try? FileStore.linkStatus(storePath)) != nil
        do throws(Failure) {
            try run(storePath) { () throws(Errno) in
                do throws(Errno) {
                    try FileStore.rename(self.storePath + "-wal", to: aside + "-wal")
                } catch {
                    guard error == .noEntry else { throw error }
                }
                if hadStore { try FileStore.rename(self.storePath, to: aside) }
                try FileStore.rename(self.stagedStore, to: self.storePath)
                try FileStore.synchronize(folder: FileStore.folder(of: self.storePath))
            }
        } catch {
            undoStore(aside: aside, hadStore: hadStore)
            throw error
        }
        return hadStore ? aside : nil
    }

    private func undoStore(aside: String, hadStore: Bool) {
        if (try? FileStore.linkStatus(aside)) != nil {
            try? FileStore.rename(aside, to: storePath)
        } else if !hadStore {
            try? FileStore.remove(storePath)
        }
        try? FileStore.rename(aside + "-wal", to: storePath + "-wal")
    }

    private func switchFolder(aside: String) throws(Failure) -> String? {
        var before: String?
        try run(folder) { () throws(Errno) in
            if (try? FileStore.linkStatus(self.folder)) == nil {
                try FileStore.rename(self.stagedFolder, to: self.folder)
            } else {
                try FileStore.exchange(self.stagedFolder, self.folder)
                try FileStore.rename(self.stagedFolder, to: aside)
                before = aside
            }
            try FileStore.synchronize(folder: FileStore.folder(of: self.folder))
        }
        return before
    }

    private func makeParents() throws(Errno) {
        var made = stagedFolder
        for name in path.dropFirst(stagedFolder.count + 1).split(separator: "/").dropLast() {
            made += "/\(name)"
            if (try? FileStore.status(made)) == nil {
                let present = try? FileStore.status(folder + made.dropFirst(stagedFolder.count))
                try makeFolder(made, mode: present?.mode ?? 0o750)
            }
        }
    }

    private func makeFolder(_ path: String, mode: UInt32) throws(Errno) {
        try FileStore.makeFolder(path, mode: 0o700)
        if let folderOwner { try FileStore.setOwner(path, folderOwner) }
        try FileStore.setMode(path, mode)
    }

    /// A store belongs to whom its folder belongs to: the gateway's user.
    private var storeOwner: FileOwner? {
        guard Limits.userID == 0, let status = try? FileStore.status(FileStore.folder(of: storePath)) else {
            return nil
        }
        return FileOwner(userID: status.userID, groupID: status.groupID)
    }

    /// By name where the name is known here: numbers differ between hosts.
    private static func owner(_ header: TarHeader) -> FileOwner? {
        guard Limits.userID == 0 else { return nil }
        return FileOwner(
            userID: Accounts.userID(named: header.userName) ?? header.userID,
            groupID: Accounts.groupID(named: header.groupName) ?? header.groupID
        )
    }

    private func run(_ path: String, _ body: () throws(Errno) -> Void) throws(Failure) {
        do throws(Errno) {
            try body()
        } catch {
            let hint =
                switch error {
                case .noSpace: "make room there"
                case .noEntry: "make its folder first"
                case .crossDevice, .busy:
                    "it cannot change its place in one step: is it a mount point, or part of a container's image?"
                default: "run it as root"
                }
            throw Failure(code: "not_restored", message: "\(path): \(error); nothing was changed", hint: hint)
        }
    }
}
