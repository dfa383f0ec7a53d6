// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import LinuxIO

/// A backup as it is read: every member is one the manifest names, and is what the manifest says.
struct BackupContents {
    let manifest: BackupManifest

    /// Reads an archive to its end.
    ///
    /// - Parameter staging: takes each file as it comes; to be trusted only once this returns.
    static func read(_ path: String, into staging: RestoreStaging? = nil) throws(Failure) -> BackupContents {
        var archive = try ArchiveReader(path: path)
        var manifest: BackupManifest?
        var found: [BackupManifest.File] = []
        while let header = try archive.next() {
            guard manifest == nil, isAllowed(header.path) else {
                throw bad(path, "\(header.path.printable) does not belong in a backup")
            }
            if header.path == BackupManifest.memberName {
                manifest = try read(
                    manifest: try archive.content(header, byteCountMax: BackupManifest.bytesMax).bytes,
                    path
                )
                continue
            }
            try staging?.begin(header)
            let sha256 = try archive.content(header) { part throws(Failure) in try staging?.add(part) }
            try staging?.end()
            found.append(.init(path: header.path, bytes: header.byteCount, sha256: Hex.encode(sha256)))
        }
        guard let manifest else {
            throw bad(path, "it has no \(BackupManifest.memberName): it is no backup, or not whole")
        }
        guard found == manifest.files else {
            throw bad(path, "its files are not those its manifest names: it is damaged")
        }
        guard (manifest.store != nil) == found.contains(where: { $0.path == BackupManifest.storeName }) else {
            throw bad(path, "its manifest tells of a store that is not there, or does not")
        }
        return BackupContents(manifest: manifest)
    }

    private static func read(manifest bytes: [UInt8], _ path: String) throws(Failure) -> BackupManifest {
        do throws(DocumentError) {
            return try BackupManifest(json: bytes)
        } catch {
            throw bad(path, "its manifest: \(error.why)")
        }
    }

    /// Nothing is ever written outside the two places, whatever an archive says.
    static func isAllowed(_ path: String) -> Bool {
        if path == BackupManifest.memberName || path == BackupManifest.storeName { return true }
        guard path.hasPrefix(BackupManifest.configurationPrefix) else { return false }
        return path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().allSatisfy { part in
            !part.isEmpty && part != "." && part != ".." && String(part).printable == part
        }
    }

    private static func bad(_ path: String, _ why: String) -> Failure {
        Failure(code: "bad_archive", message: "\(path): \(why)", hint: "nothing was changed; take another backup")
    }
}
