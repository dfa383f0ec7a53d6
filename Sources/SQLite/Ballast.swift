// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A file of real blocks that holds room for the store while the volume is not full.
///
/// SQLite needs room in its log even to delete: on a full volume a relay could record no delivery and so
/// never drain. Letting go of the ballast gives that room back.
package struct Ballast: Sendable {
    package let path: String
    package let byteCount: Int64
    /// Whether the file holds its blocks now.
    package private(set) var isHeld: Bool

    /// A file an earlier process left counts as held when it is whole.
    package init(path: String, byteCount: Int64) {
        self.path = path
        self.byteCount = byteCount
        isHeld = byteCount > 0 && Volume.fileBytes(at: path) == byteCount
    }

    /// Allocates the blocks.
    ///
    /// - Returns: false when the volume has no room for them; nothing is kept then.
    package mutating func take() -> Bool {
        if isHeld { return true }
        guard byteCount > 0 else { return false }
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        isHeld = posix_fallocate(descriptor, 0, off_t(byteCount)) == 0
        if !isHeld { _ = ftruncate(descriptor, 0) }
        _ = close(descriptor)
        return isHeld
    }

    /// Gives the blocks back to the volume.
    package mutating func drop() {
        isHeld = false
        _ = unsafe unlink(path)
    }
}

/// The volume a path lies on.
package enum Volume {
    /// Bytes an unprivileged process may still write on the volume of `path`; nothing when it cannot be read.
    package static func freeBytes(at path: String) -> Int64? {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return nil }
        return Int64(clamping: status.f_bavail) * Int64(clamping: status.f_frsize)
    }

    /// The length of a file, without opening it; 0 when there is none.
    package static func fileBytes(at path: String) -> Int64 {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
