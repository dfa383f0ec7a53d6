// SPDX-License-Identifier: Apache-2.0
internal import IPsecConfig
internal import LinuxIO
internal import Synchronization

/// The version of an installed program, asked of it once: it is forgotten when the file is another.
///
/// Every status and every scrape asks for it, and each answer would be a process.
final class VersionMemory: Sendable {
    private let known = Mutex<(file: FileStatus, version: LibreswanVersion)?>(nil)

    /// - Parameter path: of the program; its content counts as another when its length or the time of its last change is.
    /// - Parameter ask: the program itself; what it fails with is not remembered.
    func version(
        of path: String,
        ask: () throws(ToolFailure) -> LibreswanVersion
    ) throws(ToolFailure) -> LibreswanVersion {
        // Before it is asked: one that is replaced meanwhile is asked again.
        guard let file = try? FileStore.status(path) else { return try ask() }
        if let known = known.withLock({ $0 }), known.file == file { return known.version }
        let version = try ask()
        known.withLock { $0 = (file, version) }
        return version
    }
}
