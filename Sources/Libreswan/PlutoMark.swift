// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// Which pluto it is that runs: another mark means that it was started anew.
package struct PlutoMark: Hashable, Sendable {
    private let processID: [UInt8]
    private let startedAt: WallInstant

    /// Nothing when there is none.
    package init?(_ paths: LibreswanPaths) {
        let path = "\(paths.runtime)/pluto.pid"
        guard let bytes = try? FileStore.read(path, byteCountMax: 64), let status = try? FileStore.status(path) else {
            return nil
        }
        processID = bytes
        startedAt = status.modifiedAt
    }
}
