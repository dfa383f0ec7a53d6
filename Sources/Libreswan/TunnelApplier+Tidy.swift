// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO

extension TunnelApplier {
    /// Removes what an apply that was killed in the middle left lying about: copies that were not yet in place, some with
    /// secrets or keys, and a throw-away pluto.
    ///
    /// For the start of the program: what is under way meanwhile would lose its own.
    package func tidy() {
        let state = tools.paths.state
        ShadowPluto.endForgotten(tools.paths)
        remove(in: tools.paths.folder) { TunnelFiles.isLeftover($0) }
        remove(in: state) { Self.scratch.contains($0) || TemporaryName.place(of: $0) != nil }
        remove(in: "\(state)/revisions") { TemporaryName.place(of: $0) != nil }
    }

    /// What lies in the state folder for a moment.
    private static let scratch: Set = [
        loadName, TunnelLadder.textName, ShadowPluto.folderName, CertificateDatabase.authorityName,
        CertificateDatabase.bundleName, CertificateDatabase.passwordName,
    ]

    private func remove(in folder: String, _ isLeftover: (String) -> Bool) {
        for name in (try? FileStore.names(in: folder)) ?? [] where isLeftover(name) {
            do throws(Errno) { try FileStore.removeTree("\(folder)/\(name)") } catch {
                // It is in nobody's way, and the next start tries again.
            }
        }
    }
}
