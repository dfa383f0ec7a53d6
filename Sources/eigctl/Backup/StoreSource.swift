// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import Control
internal import LinuxIO
internal import Partners

/// Gets a consistent copy of the callback store: from the running gateway, which alone may touch it, or, where none runs,
/// from the file.
struct StoreSource {
    private let invocation: Invocation
    private static let standardPath = "/var/lib/eig/relay.db"
    /// As eigd.toml names it.
    let path: String

    /// Where the store of a folder is.
    init(_ invocation: Invocation) {
        self.invocation = invocation
        let text = try? FileStore.read("\(invocation.folder)/eigd.toml", byteCountMax: 1 << 20)
        let file = text.flatMap { GatewayFile.parse(String(decoding: $0, as: UTF8.self)).file }
        path = file?.store.path ?? Self.standardPath
    }

    /// A copy in a file, which the caller removes by ``Copy/remove()``.
    struct Copy {
        let path: String
        /// What the gateway said was not yet delivered at that instant.
        let pending: Int?
        fileprivate let eigd: Program?

        /// Freeing the blocks of a long file takes time: here, not on the gateway's thread.
        func remove() {
            try? FileStore.remove(path)
            if let eigd { _ = try? eigd.ask("DELETE", "/v1/store/backup", for: StoreBackupDocument.self) }
        }
    }

    /// - Parameter scratch: where the copy goes when it is made here.
    /// - Returns: nothing where there is no store.
    func copy(to scratch: String) throws(Failure) -> Copy? {
        guard (try? FileStore.linkStatus(path)) != nil else { return nil }
        guard try Self.holder(of: path) == nil else { return try ask() }
        do throws(StoreFileError) {
            try StoreFile.copy(path, to: scratch)
        } catch {
            try? FileStore.remove(scratch)
            throw Failure(code: "store_unreadable", message: "the callback store: \(error)")
        }
        return Copy(path: scratch, pending: nil, eigd: nil)
    }

    /// The process that has a store open, which is the gateway.
    static func holder(of path: String) throws(Failure) -> Int32? {
        do throws(Errno) {
            return try FileStore.lockHolder(path)
        } catch {
            if error == .noEntry { return nil }
            throw Failure(code: "unreadable", message: "\(path): \(error)", hint: "run it as root")
        }
    }

    private func ask() throws(Failure) -> Copy {
        let eigd = invocation.eigd
        var status = try eigd.ask("POST", "/v1/store/backup", for: StoreBackupDocument.self)
        while status.state == "running" {
            Clock.sleep(.milliseconds(50))
            status = try eigd.ask("GET", "/v1/store/backup", for: StoreBackupDocument.self)
        }
        guard status.state == "done" else {
            throw Failure(
                code: "store_not_copied",
                message: "eigd: the copy of the store: \(status.why ?? status.state)"
            )
        }
        // Root reads this file and removes it: which one is not for the gateway's user to say.
        guard status.path == "\(path).backup" else {
            throw Failure(
                code: "store_elsewhere",
                message: "eigd copied its store to \(status.path.printable), not beside \(path)",
                hint: "does eigd run with another configuration than \(invocation.folder)? nothing was read or removed"
            )
        }
        return Copy(path: status.path, pending: status.pending, eigd: eigd)
    }
}
