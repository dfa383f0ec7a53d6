// SPDX-License-Identifier: Apache-2.0
internal import Control
internal import LinuxIO
internal import Partners

/// What `eigctl setup` writes for `--json`.
package struct SetupDocument: ControlDocument {
    package struct File: Codable, Hashable, Sendable {
        package var path: String
        /// `new`, `changed`, `unchanged` or `removed`.
        package var state: String
    }

    package var schema = controlSchema
    package var ok = true
    package var files: [File] = []
    /// What is neither written here nor left to do, and might be missed.
    package var notes: [String] = []
    /// What is left to do, in order.
    package var next: [String] = []
}

/// Everything that setting up would write, compared with what is there.
struct SetupPlan {
    private(set) var files: [FileBatch.File] = []
    private(set) var folders: [FileBatch.Folder] = []
    /// Paths of files that go.
    private(set) var removed: [String] = []
    private(set) var document = SetupDocument()
    /// Configured files that would change: they are somebody's work.
    private(set) var overwritten: [String] = []
    /// The socket units whose addresses change.
    private(set) var changedSockets: [String] = []

    private let group: FileOwner?

    /// - Parameter group: whom what only the gateway may read belongs to; nothing leaves it to the kernel.
    init(group: FileOwner?) { self.group = group }

    /// A file of the configuration: readable by the gateway, and by nobody else.
    mutating func add(_ source: SetupFiles.Source, text: String) {
        if source.isConfigured, text != source.text { overwritten.append(source.path) }
        add(source.path, Array(text.utf8), mode: 0o640, owner: group)
    }

    mutating func add(folder: String, mode: UInt32, owner: FileOwner? = nil) {
        folders.append(FileBatch.Folder(path: folder, mode: mode, owner: owner))
    }

    mutating func add(_ identity: SetupIdentity) {
        let parts = [
            (identity.keyPath, identity.key, UInt32(0o640), group),
            (identity.requestPath, identity.request, 0o644, nil),
            (identity.certificatePath, identity.certificate, 0o644, nil),
        ]
        for (path, bytes, mode, owner) in parts {
            if let bytes {
                add(path, bytes, mode: mode, owner: owner)
            } else if (try? FileStore.status(path)) != nil {
                document.files.append(SetupDocument.File(path: path, state: "unchanged"))
            }
        }
    }

    /// One without addresses goes, if it was made here; what an administrator wrote in its place is left alone.
    mutating func add(_ dropIn: SocketDropIn, under folder: String) {
        let path = "\(folder)/\(dropIn.unit).d/\(SocketDropIn.fileName)"
        let count = files.count + removed.count
        if !dropIn.endpoints.isEmpty {
            add(folder: "\(folder)/\(dropIn.unit).d", mode: 0o755)
            add(path, Array(dropIn.text.utf8), mode: 0o644, owner: nil)
        } else if let present = try? FileStore.read(path), dropIn.made(present) {
            removed.append(path)
            document.files.append(SetupDocument.File(path: path, state: "removed"))
        }
        if files.count + removed.count > count { changedSockets.append(dropIn.unit) }
    }

    mutating func say(note text: String) { document.notes.append(text) }

    mutating func say(next step: String) { document.next.append(step) }

    private mutating func add(_ path: String, _ bytes: [UInt8], mode: UInt32, owner: FileOwner?) {
        let status = try? FileStore.status(path)
        let present = status == nil ? nil : try? FileStore.read(path)
        if present == bytes {
            document.files.append(SetupDocument.File(path: path, state: "unchanged"))
            return
        }
        // Who may read a file that is there already is its administrator's to say.
        let kept = status.map { FileOwner(userID: $0.userID, groupID: $0.groupID) }
        let file = FileBatch.File(path: path, bytes: bytes, mode: status?.mode ?? mode, owner: kept ?? owner)
        files.append(file)
        document.files.append(SetupDocument.File(path: path, state: status == nil ? "new" : "changed"))
    }

    var isEmpty: Bool { files.isEmpty && removed.isEmpty }

    /// Everything, or nothing.
    func write() throws(Failure) {
        guard !isEmpty else { return }
        do throws(FileBatchFailure) {
            try FileBatch.write(files, folders: folders, removing: removed)
        } catch {
            throw Failure(
                code: "not_written",
                message: "\(error); nothing was changed",
                hint: error.errno == .noSpace ? "make room there" : "run it as root"
            )
        }
    }

    func text(usesColour: Bool) -> String {
        var text = document.files.map { file in
            let state = file.state.padding(to: 10)
            return "  \(state)\(file.path)\n"
        }.joined()
        if !document.notes.isEmpty { text += "\n" + document.notes.map { "Note: \($0)\n" }.joined() }
        if !document.next.isEmpty {
            text += "\nNext:\n"
            for (index, step) in document.next.enumerated() { text += "  \(index + 1). \(step)\n" }
        }
        return text
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
