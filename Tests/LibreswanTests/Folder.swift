// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO

/// A folder that goes with the value.
final class Folder {
    let path = "/tmp/libreswan-\(Hex.encode(Random.bytes(6)))"

    init() throws { try FileStore.makeFolder(path, mode: 0o700) }
    deinit { try? FileStore.removeTree(path) }
}
