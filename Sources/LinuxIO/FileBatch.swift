// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// What one file of a batch could not be, and why.
package struct FileBatchFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let errno: Errno

    package var description: String { "\(path): \(errno)" }
}

/// Several files put in place, and others removed, as one: all of it, or nothing when anything fails.
///
/// Everything is written beside its place and synced first, so that a full disk or missing rights change nothing. A
/// rename that fails after that undoes the ones before it. Only the end of the process in the middle of the renames
/// leaves some done: each file is then whole, old or new, and the same batch may be written again.
package struct FileBatch {
    package struct File: Hashable, Sendable {
        package var path: String
        package var bytes: [UInt8]
        /// The permission bits, such as 0o640.
        package var mode: UInt32
        /// Nothing leaves owner and group as the kernel sets them.
        package var owner: FileOwner?

        package init(path: String, bytes: [UInt8], mode: UInt32, owner: FileOwner? = nil) {
            self.path = path
            self.bytes = bytes
            self.mode = mode
            self.owner = owner
        }
    }

    package struct Folder: Hashable, Sendable {
        package var path: String
        package var mode: UInt32
        package var owner: FileOwner?

        package init(path: String, mode: UInt32, owner: FileOwner? = nil) {
            self.path = path
            self.mode = mode
            self.owner = owner
        }
    }

    private var madeFolders: [String] = []
    private var staged: [(temporary: String, path: String)] = []
    /// What stands at its place already or is gone from it, and where the file before it is kept, if there was one.
    private var placed: [(path: String, before: String?)] = []

    /// - Parameters:
    ///   - folders: made where they are missing, in this order; existing ones are left as they are.
    ///   - removed: the paths of files that go; one that is not there is gone already.
    package static func write(
        _ files: [File],
        folders: [Folder] = [],
        removing removed: [String] = []
    ) throws(FileBatchFailure) {
        var batch = FileBatch()
        do throws(FileBatchFailure) {
            for folder in folders { try batch.make(folder) }
            for file in files { try batch.stage(file) }
            for (temporary, path) in batch.staged { try batch.place(temporary, at: path) }
            for path in removed { try batch.remove(path) }
        } catch {
            batch.undo()
            throw error
        }
        for case (_, let before?) in batch.placed { _ = unsafe unlink(before) }
        for folder in Set((files.map(\.path) + removed).map { FileStore.folder(of: $0) }) {
            try? FileStore.synchronize(folder: folder)
        }
    }

    private mutating func make(_ folder: Folder) throws(FileBatchFailure) {
        if unsafe mkdir(folder.path, folder.mode) == 0 {
            madeFolders.append(folder.path)
        } else {
            let error = Errno.current
            guard error == .exists else { throw FileBatchFailure(path: folder.path, errno: error) }
            return
        }
        guard unsafe chmod(folder.path, folder.mode) == 0 else {
            throw FileBatchFailure(path: folder.path, errno: .current)
        }
        guard let owner = folder.owner, unsafe chown(folder.path, owner.userID, owner.groupID) != 0 else { return }
        throw FileBatchFailure(path: folder.path, errno: .current)
    }

    private mutating func stage(_ file: File) throws(FileBatchFailure) {
        let temporary = TemporaryName.beside(file.path)
        do throws(Errno) {
            // Nobody but us reads it before its owner and mode are what they should be.
            let fd = unsafe clinux_open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
            guard fd >= 0 else { throw Errno.current }
            let output = OwnedDescriptor(adopting: fd)
            staged.append((temporary, file.path))
            try output.writeAll(file.bytes.span)
            if let owner = file.owner, fchown(fd, owner.userID, owner.groupID) != 0 { throw Errno.current }
            guard fchmod(fd, file.mode) == 0, fsync(fd) == 0 else { throw Errno.current }
        } catch {
            throw FileBatchFailure(path: file.path, errno: error)
        }
    }

    private mutating func place(_ temporary: String, at path: String) throws(FileBatchFailure) {
        var before: String?
        let kept = TemporaryName.beside(path)
        if unsafe link(path, kept) == 0 {
            before = kept
        } else {
            let error = Errno.current
            guard error == .noEntry else { throw FileBatchFailure(path: path, errno: error) }
        }
        guard unsafe rename(temporary, path) == 0 else {
            let error = Errno.current
            if let before { _ = unsafe unlink(before) }
            throw FileBatchFailure(path: path, errno: error)
        }
        placed.append((path, before))
    }

    /// The file is kept beside its place until everything else is done.
    private mutating func remove(_ path: String) throws(FileBatchFailure) {
        let kept = TemporaryName.beside(path)
        guard unsafe rename(path, kept) != 0 else { return placed.append((path, kept)) }
        let error = Errno.current
        guard error == .noEntry else { throw FileBatchFailure(path: path, errno: error) }
    }

    private func undo() {
        for (path, before) in placed.reversed() {
            if let before { _ = unsafe rename(before, path) } else { _ = unsafe unlink(path) }
        }
        // Those in place have no temporary file any more.
        for (temporary, _) in staged { _ = unsafe unlink(temporary) }
        for folder in madeFolders.reversed() { _ = unsafe rmdir(folder) }
    }
}
