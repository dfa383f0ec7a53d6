// SPDX-License-Identifier: Apache-2.0
import Base
import Glibc
import LinuxIO

/// A folder that goes when its owner does; a volume of its own when it has a size.
final class ScratchFolder: Sendable {
    let path: String
    private let isVolume: Bool

    init(megabytes: Int = 0) throws {
        path = "/tmp/tunnels-\(Hex.encode(Random.bytes(6)))"
        try FileStore.makeFolder(path, mode: 0o700)
        isVolume = megabytes > 0
        guard isVolume else { return }
        guard unsafe mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else { throw Errno.current }
    }

    deinit {
        if isVolume { _ = unsafe umount2(path, CInt(MNT_DETACH)) }
        for name in (try? FileStore.names(in: path)) ?? [] { try? FileStore.remove("\(path)/\(name)") }
        try? FileStore.removeFolder(path)
    }

    subscript(_ name: String) -> String { "\(path)/\(name)" }
}
