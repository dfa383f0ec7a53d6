// SPDX-License-Identifier: Apache-2.0
package import Base
internal import CLinux
internal import Glibc

/// What `stat(2)` says of one file.
package struct FileStatus: Hashable, Sendable {
    package let byteCount: Int
    /// The permission bits, such as 0o640.
    package let mode: UInt32
    package let userID: UInt32
    package let groupID: UInt32
    package let isDirectory: Bool
    /// Neither a folder nor a device, a pipe or a socket.
    package let isRegular: Bool
    /// The file's content was last changed then.
    package let modifiedAt: WallInstant
}

/// To whom a file belongs.
package struct FileOwner: Hashable, Sendable {
    package var userID: UInt32
    package var groupID: UInt32

    package init(userID: UInt32, groupID: UInt32) {
        self.userID = userID
        self.groupID = groupID
    }
}

/// Whole small files: read with a bound, replaced atomically.
package enum FileStore {
    /// - Throws: `ENOENT`, `EACCES` and the like; `EFBIG` when the file is longer than the bound.
    package static func read(_ path: String, byteCountMax: Int = 16 << 20) throws(Errno) -> [UInt8] {
        let fd = unsafe clinux_open(path, O_RDONLY, 0)
        guard fd >= 0 else { throw Errno.current }
        let file = OwnedDescriptor(adopting: fd)
        var buffer = ByteBuffer()
        while case .received = try file.read(into: &buffer, byteCountMax: 64 << 10) {
            guard buffer.count <= byteCountMax else { throw .fileTooLarge }
        }
        return buffer.array
    }

    package static func status(_ path: String) throws(Errno) -> FileStatus {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw Errno.current }
        return FileStatus(status)
    }

    /// The same of a symbolic link itself.
    package static func linkStatus(_ path: String) throws(Errno) -> FileStatus {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw Errno.current }
        return FileStatus(status)
    }

    /// The names in a folder, sorted, without `.` and `..`.
    package static func names(in folder: String) throws(Errno) -> [String] {
        guard let stream = unsafe opendir(folder) else { throw Errno.current }
        defer { _ = unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // SAFETY: d_name is a terminated string inside the entry, copied before the next readdir.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Replaces `path` whole: temporary file beside it, fsync, rename, fsync of the folder.
    ///
    /// After a crash at any point the path holds the old bytes or the new ones.
    package static func replace(_ path: String, with bytes: Span<UInt8>, mode: UInt32) throws(Errno) {
        let temporary = TemporaryName.beside(path)
        let fd = unsafe clinux_open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode)
        guard fd >= 0 else { throw Errno.current }
        let file = OwnedDescriptor(adopting: fd)
        do throws(Errno) {
            try file.writeAll(bytes)
            guard fchmod(fd, mode) == 0, fsync(fd) == 0 else { throw Errno.current }
            guard unsafe Glibc.rename(temporary, path) == 0 else { throw Errno.current }
        } catch {
            _ = unsafe unlink(temporary)
            throw error
        }
        try synchronize(folder: folder(of: path))
    }

    package static func remove(_ path: String) throws(Errno) {
        guard unsafe unlink(path) == 0 else { throw Errno.current }
    }

    package static func makeFolder(_ path: String, mode: UInt32) throws(Errno) {
        guard unsafe mkdir(path, mode) == 0 else { throw Errno.current }
    }

    /// - Throws: `ENOTEMPTY` when there is still something in it.
    package static func removeFolder(_ path: String) throws(Errno) {
        guard unsafe rmdir(path) == 0 else { throw Errno.current }
    }

    /// The folder a path lies in.
    package static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    /// Makes what was renamed or removed in a folder outlast a power cut (fsync(2)).
    package static func synchronize(folder: String) throws(Errno) {
        let fd = unsafe clinux_open(folder, O_RDONLY | O_DIRECTORY, 0)
        guard fd >= 0 else { throw Errno.current }
        defer { _ = Glibc.close(fd) }
        guard fsync(fd) == 0 else { throw Errno.current }
    }
}

extension FileStatus {
    init(_ status: stat) {
        self.init(
            byteCount: Int(status.st_size),
            mode: status.st_mode & 0o7777,
            userID: status.st_uid,
            groupID: status.st_gid,
            isDirectory: status.st_mode & S_IFMT == S_IFDIR,
            isRegular: status.st_mode & S_IFMT == S_IFREG,
            modifiedAt: WallInstant(seconds: Int64(status.st_mtim.tv_sec), nanoseconds: UInt32(status.st_mtim.tv_nsec))
        )
    }
}
