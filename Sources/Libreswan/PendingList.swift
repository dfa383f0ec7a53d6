// SPDX-License-Identifier: Apache-2.0
internal import IPsecConfig
internal import LinuxIO

/// Which connections an apply has begun to load: written before the first file is replaced, removed when pluto has been
/// read back.
///
/// Files alone cannot say it: after a crash between files and pluto they are new while pluto still has the old ones.
struct PendingList {
    private let path: String

    init(state: String) { path = "\(state)/pending" }

    func read() -> [ConnectionName] {
        guard let bytes = try? FileStore.read(path, byteCountMax: 4 << 20) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { ConnectionName($0) }
    }

    func write(_ names: [ConnectionName]) throws(Errno) {
        let text = names.map { "\($0)\n" }.joined()
        try FileStore.replace(path, with: Array(text.utf8).span, mode: 0o600)
    }

    func clear() {
        do throws(Errno) { try FileStore.remove(path) } catch {
            // Not there is what was wanted; anything else costs one load too many at the next apply.
        }
    }
}
