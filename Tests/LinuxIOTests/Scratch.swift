// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO

/// A folder that goes when its owner does, with the files in it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = "/tmp/linux-io-\(Hex.encode(Random.bytes(6)))"
        try FileStore.makeFolder(path, mode: 0o700)
    }

    deinit {
        for name in (try? FileStore.names(in: path)) ?? [] { try? FileStore.remove("\(path)/\(name)") }
        try? FileStore.removeFolder(path)
    }

    subscript(_ name: String) -> String { "\(path)/\(name)" }
}
