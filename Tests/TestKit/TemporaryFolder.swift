// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Glibc
package import LinuxIO

/// A folder of its own for one test, gone with its owner and with all that is in it.
///
/// Its path is short enough for sockets, whatever `TMPDIR` is (108 bytes, unix(7)).
package final class TemporaryFolder: Sendable {
    package let path: String
    private let isVolume: Bool

    /// - Parameters:
    ///   - isInMemory: for thousands of commits none of which is about the disk: in shared memory, where there is some.
    ///   - megabytes: the size of a volume of its own, which takes root; by default it is none.
    /// - Throws: what mkdir(2) or mount(2) came to.
    package init(isInMemory: Bool = false, megabytes: Int? = nil) throws(Errno) {
        let parent = isInMemory && (try? FileStore.status("/dev/shm")) != nil ? "/dev/shm" : "/tmp"
        path = "\(parent)/eig-test-\(Hex.encode(Random.bytes(6)))"
        isVolume = megabytes != nil
        try FileStore.makeFolder(path, mode: 0o700)
        guard let megabytes else { return }
        guard unsafe mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else { throw Errno.current }
    }

    deinit {
        if isVolume { _ = unsafe umount2(path, CInt(MNT_DETACH)) }
        try? FileStore.removeTree(path)
    }

    /// The path of what has this name in it.
    package subscript(_ name: String) -> String { "\(path)/\(name)" }

    /// Takes all the room that the volume has left, to the last byte.
    package func fill() throws(Errno) {
        let file = unsafe open(filler, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Errno.current }
        for size in [64 << 10, 4 << 10, 1] {
            let block = [UInt8](repeating: 0x42, count: size)
            while unsafe write(file, block, size) > 0 {}
        }
        _ = close(file)
    }

    /// Gives back what ``fill()`` took.
    ///
    /// The file stays, empty: one that is removed keeps its room for as long as anybody has it open.
    package func empty() throws(Errno) {
        guard unsafe truncate(filler, 0) == 0 else { throw Errno.current }
    }

    private var filler: String { self["filler"] }
}
