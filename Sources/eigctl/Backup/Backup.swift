// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import Control
internal import LinuxIO
internal import TLS

/// Writes one archive of configuration, keys and callbacks, and reads it again before it counts.
struct Backup {
    private static let filesMax = 20_000
    private static let fileBytesMax = 16 << 20
    private static let depthMax = 8

    private let invocation: Invocation
    private let output: String
    private var manifest: BackupManifest

    init(_ invocation: Invocation, output: String) {
        self.invocation = invocation
        self.output = output
        manifest = BackupManifest(version: productVersion, madeAt: invocation.now.rfc3339)
    }

    /// - Throws: with nothing left behind.
    mutating func make() throws(Failure) -> BackupManifest {
        var archive = try ArchiveWriter(path: output)
        do throws(Failure) {
            try fill(&archive)
            try verify(archive.temporaryPath)
        } catch {
            archive.abandon()
            throw error
        }
        manifest.archiveBytes = archive.byteCount
        manifest.archive = output
        try archive.place()
        return manifest
    }

    private mutating func fill(_ archive: inout ArchiveWriter) throws(Failure) {
        try add(folder: invocation.folder, as: BackupManifest.configurationPrefix, depth: 0, to: &archive)
        try addStore(to: &archive)
        var header = TarHeader(path: BackupManifest.memberName, byteCount: 0)
        let bytes = manifest.json
        header.byteCount = bytes.count
        header.modifiedAt = invocation.now
        try archive.add(header, bytes)
        try archive.end()
    }

    private mutating func add(
        folder: String,
        as prefix: String,
        depth: Int,
        to archive: inout ArchiveWriter
    ) throws(Failure) {
        let names: [String]
        do throws(Errno) { names = try FileStore.names(in: folder) } catch { throw unreadable(folder, error) }
        for name in names {
            let path = "\(folder)/\(name)"
            let member = "\(prefix)\(name)"
            let status: FileStatus
            do throws(Errno) { status = try FileStore.status(path) } catch { throw unreadable(path, error) }
            if status.isDirectory, depth < Self.depthMax, (try? FileStore.linkStatus(path).isDirectory) == true {
                try add(folder: path, as: "\(member)/", depth: depth + 1, to: &archive)
            } else if status.isRegular {
                try add(path, status, as: member, to: &archive)
            } else {
                manifest.leftOut.append(member)
            }
        }
    }

    /// A symbolic link to a file becomes the file.
    private mutating func add(
        _ path: String,
        _ status: FileStatus,
        as member: String,
        to archive: inout ArchiveWriter
    ) throws(Failure) {
        guard manifest.files.count < Self.filesMax else {
            throw Failure(code: "too_many_files", message: "\(invocation.folder) has more than \(Self.filesMax) files")
        }
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try FileStore.read(path, byteCountMax: Self.fileBytesMax)
        } catch {
            throw unreadable(path, error)
        }
        try archive.add(TarHeader(member, bytes.count, status), bytes)
        manifest.files.append(.init(path: member, bytes: bytes.count, sha256: Hex.encode(Digest.sha256(bytes))))
    }

    private mutating func addStore(to archive: inout ArchiveWriter) throws(Failure) {
        let source = StoreSource(invocation)
        guard let copy = try source.copy(to: "\(archive.temporaryPath).db") else { return }
        defer { copy.remove() }
        let facts: StoreFacts
        do throws(StoreFileError) {
            facts = try StoreFile.inspect(copy.path)
        } catch {
            throw Failure(code: "store_damaged", message: "the copy of the callback store: \(error)")
        }
        if let pending = copy.pending, pending != facts.backlogCount {
            throw Failure(
                code: "store_differs",
                message: "the copy of the store has \(facts.backlogCount) callbacks to deliver, eigd had \(pending)",
                hint: "run it again; if it stays so, report it"
            )
        }
        manifest.store = BackupManifest.Store(facts, path: source.path)
        let input = try openRegular(copy.path)
        let status: FileStatus
        do throws(Errno) { status = try input.status() } catch { throw unreadable(copy.path, error) }
        let header = TarHeader(BackupManifest.storeName, status.byteCount, status)
        let sha256 = try archive.add(header, from: input)
        manifest.files.append(.init(path: header.path, bytes: status.byteCount, sha256: Hex.encode(sha256)))
    }

    /// The gateway's user could put anything where its copy is looked for.
    private func openRegular(_ path: String) throws(Failure) -> OwnedDescriptor {
        do throws(Errno) {
            let input = try FileStore.open(path)
            guard try input.status().isRegular else { throw .accessDenied }
            return input
        } catch {
            throw unreadable(path, error)
        }
    }

    /// What was written is read again from the file, to its last byte.
    private func verify(_ path: String) throws(Failure) {
        let found = try BackupContents.read(path).manifest
        guard found.files == manifest.files, found.store == manifest.store else {
            throw Failure(code: "not_verified", message: "\(output): what was written reads back otherwise")
        }
    }

    private func unreadable(_ path: String, _ error: Errno) -> Failure {
        Failure(
            code: "unreadable",
            message: "\(path.printable): \(error)",
            hint: error == .accessDenied ? "run it as root" : nil
        )
    }
}

extension TarHeader {
    fileprivate init(_ path: String, _ byteCount: Int, _ status: FileStatus) {
        self.init(path: path, byteCount: byteCount)
        mode = status.mode
        userID = status.userID
        groupID = status.groupID
        userName = Accounts.userName(status.userID) ?? ""
        groupName = Accounts.groupName(status.groupID) ?? ""
        modifiedAt = status.modifiedAt
    }
}
