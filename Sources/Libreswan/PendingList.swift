// SPDX-License-Identifier: Apache-2.0
internal import IPsecConfig
internal import LinuxIO

/// What pluto is yet to be told of: which connections an apply has begun to load, and whether secrets have changed.
///
/// Files alone cannot say it: after a crash between files and pluto they are new while pluto still has the old ones.
struct PendingWork: Hashable, Sendable {
    var connections: [ConnectionName] = []
    var hasSecrets = false

    var isEmpty: Bool { connections.isEmpty && !hasSecrets }
}

/// Written before the first file is replaced, removed when pluto has been read back.
struct PendingList {
    private let path: String

    /// No name of a connection.
    private static let secretsLine = "secrets"

    init(state: String) { path = "\(state)/pending" }

    func read() -> PendingWork {
        guard let bytes = try? FileStore.read(path, byteCountMax: 4 << 20) else { return PendingWork() }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return PendingWork(
            connections: lines.compactMap { ConnectionName($0) },
            hasSecrets: lines.contains { $0 == Self.secretsLine }
        )
    }

    func write(_ work: PendingWork) throws(Errno) {
        let lines = work.connections.map(\.description) + (work.hasSecrets ? [Self.secretsLine] : [])
        try FileStore.replace(path, with: Array(lines.map { "\($0)\n" }.joined().utf8).span, mode: 0o600)
    }

    func clear() {
        do throws(Errno) { try FileStore.remove(path) } catch {
            // Not there is what was wanted; anything else costs one load too many at the next apply.
        }
    }

    /// As it was before an apply that changed nothing after all.
    func restore(_ work: PendingWork) {
        guard !work.isEmpty else { return clear() }
        do throws(Errno) { try write(work) } catch {
            // What stands names more than that: one load too many at the next apply.
        }
    }
}
