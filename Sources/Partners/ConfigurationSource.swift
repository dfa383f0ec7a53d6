// SPDX-License-Identifier: Apache-2.0

/// The folder a configuration is read from (`/etc/eig`), as the core sees it.
///
/// Paths are relative to that folder and use `/`. Programs give the file system; tests give a ``MemorySource``.
package protocol ConfigurationSource {
    /// The names in a folder, in any order.
    func names(in folder: String) -> FolderListing
    /// At most `limitBytes` bytes of a file.
    func read(_ path: String, limitBytes: Int) -> FileReading
    /// What a file is, following symbolic links.
    func standing(of path: String) -> FileStanding
}

/// What listing one folder came to.
package enum FolderListing: Hashable, Sendable {
    case names([String])
    case missing
    /// It is there but cannot be listed; why, in words.
    case failed(String)
}

/// What reading one file came to.
package enum FileReading: Hashable, Sendable {
    case bytes([UInt8])
    case missing
    /// It is there, but this process may not read it.
    case forbidden
    /// It is longer than the limit, or reading failed; why, in words.
    case failed(String)
}

/// What asking after one file came to.
package enum FileStanding: Hashable, Sendable {
    case present(SourceFileStatus)
    case missing
    /// This process may not even look into the folder.
    case forbidden
}

/// What the lint wants to know of a file without reading it.
package struct SourceFileStatus: Hashable, Sendable {
    package let isRegular: Bool
    /// The nine permission bits.
    package let mode: UInt16

    package init(isRegular: Bool, mode: UInt16) {
        self.isRegular = isRegular
        self.mode = mode
    }
}

/// A configuration folder in memory.
package struct MemorySource: ConfigurationSource, Sendable {
    package struct File: Hashable, Sendable {
        package var bytes: [UInt8]
        package var mode: UInt16
        /// Whether reading it is forbidden to this process.
        package var isForbidden: Bool

        package init(_ text: String, mode: UInt16 = 0o640, isForbidden: Bool = false) {
            bytes = Array(text.utf8)
            self.mode = mode
            self.isForbidden = isForbidden
        }
    }

    /// By path, such as `partners.d/payfast.toml`.
    package var files: [String: File]

    package init(_ files: [String: File] = [:]) { self.files = files }

    package func names(in folder: String) -> FolderListing {
        let names = files.keys.filter { $0.hasPrefix("\(folder)/") }.map { $0.dropFirst(folder.utf8.count + 1) }
            .filter { !$0.contains("/") }.map(String.init)
        return names.isEmpty ? .missing : .names(names)
    }

    package func read(_ path: String, limitBytes: Int) -> FileReading {
        guard let file = files[path] else { return .missing }
        if file.isForbidden { return .forbidden }
        return file.bytes.count <= limitBytes ? .bytes(file.bytes) : .failed("it is longer than \(limitBytes) bytes")
    }

    package func standing(of path: String) -> FileStanding {
        files[path].map { .present(SourceFileStatus(isRegular: true, mode: $0.mode)) } ?? .missing
    }
}
