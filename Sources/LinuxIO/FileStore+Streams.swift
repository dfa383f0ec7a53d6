// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CLinux
internal import Glibc

/// Files too long to hold, and what is done with names.
extension FileStore {
    /// Opens a file to read it from its beginning; a symbolic link is refused (`ELOOP`).
    package static func open(_ path: String) throws(Errno) -> OwnedDescriptor {
        let fd = unsafe clinux_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0)
        guard fd >= 0 else { throw Errno.current }
        return OwnedDescriptor(adopting: fd)
    }

    /// Makes a file that is not there yet, to write it.
    package static func create(_ path: String, mode: UInt32) throws(Errno) -> OwnedDescriptor {
        let fd = unsafe clinux_open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
        guard fd >= 0 else { throw Errno.current }
        return OwnedDescriptor(adopting: fd)
    }

    /// Where paths without a leading `/` begin; `.` when that folder is gone.
    package static var workingFolder: String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard unsafe getcwd(&path, path.count) != nil else { return "." }
        return String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package static func rename(_ path: String, to other: String) throws(Errno) {
        guard unsafe Glibc.rename(path, other) == 0 else { throw Errno.current }
    }

    /// Exchanges what two names stand for, in one step (renameat2(2), RENAME_EXCHANGE).
    package static func exchange(_ path: String, _ other: String) throws(Errno) {
        guard unsafe clinux_exchange(path, other) == 0 else { throw Errno.current }
    }

    package static func setMode(_ path: String, _ mode: UInt32) throws(Errno) {
        guard unsafe chmod(path, mode) == 0 else { throw Errno.current }
    }

    package static func setOwner(_ path: String, _ owner: FileOwner) throws(Errno) {
        guard unsafe lchown(path, owner.userID, owner.groupID) == 0 else { throw Errno.current }
    }

    /// Removes a folder with everything in it; links are removed, not followed.
    package static func removeTree(_ path: String) throws(Errno) {
        guard try linkStatus(path).isDirectory else { return try remove(path) }
        for name in try names(in: path) { try removeTree("\(path)/\(name)") }
        try removeFolder(path)
    }

    /// The process that holds a lock on any part of a file (fcntl(2), F_GETLK), if one does.
    package static func lockHolder(_ path: String) throws(Errno) -> Int32? {
        let file = try open(path)
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        guard unsafe clinux_get_lock(file.rawValue, &lock) == 0 else { throw Errno.current }
        return lock.l_type == Int16(F_UNLCK) ? nil : lock.l_pid
    }

    /// Bytes an unprivileged process may still write on the volume of `path`, and its size.
    package static func volume(of path: String) throws(Errno) -> (freeBytes: Int, totalBytes: Int) {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { throw Errno.current }
        let block = Int(clamping: status.f_frsize)
        return (Int(clamping: status.f_bavail) * block, Int(clamping: status.f_blocks) * block)
    }
}

extension OwnedDescriptor {
    /// Makes what was written outlast a power cut (fsync(2)).
    package borrowing func synchronize() throws(Errno) {
        guard fsync(rawValue) == 0 else { throw Errno.current }
    }

    package borrowing func setMode(_ mode: UInt32) throws(Errno) {
        guard fchmod(rawValue, mode) == 0 else { throw Errno.current }
    }

    package borrowing func setOwner(_ owner: FileOwner) throws(Errno) {
        guard fchown(rawValue, owner.userID, owner.groupID) == 0 else { throw Errno.current }
    }

    package borrowing func status() throws(Errno) -> FileStatus {
        var status = stat()
        guard unsafe fstat(rawValue, &status) == 0 else { throw Errno.current }
        return FileStatus(status)
    }
}
