// SPDX-License-Identifier: Apache-2.0
package import IPsecConfig
package import LinuxIO

/// Why tunnels were not made what is wanted.
///
/// All but ``partly(stands:failed:)`` mean that nothing was changed: files and pluto are as before.
package enum ApplyFailure: Error, Hashable, Sendable {
    /// There are tunnels, and no Libreswan.
    case notInstalled
    /// What is wanted cannot be written as text for Libreswan.
    case emission(EmissionFailure)
    /// A rung of the ladder: what is wrong, one line each.
    case refused(step: String, why: [String])
    /// A file or folder.
    case file(path: String, Errno)
    /// Too little is free on the volume of a folder to try the change before it is made.
    case noRoom(folder: String, freeBytes: Int, neededBytes: Int)
    /// A program could not be asked.
    case tool(ToolFailure)
    /// Files stand as wanted, pluto does not: what stands, and what does not, one line each. The next apply goes on.
    case partly(stands: String, failed: [String])
}

extension ApplyFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notInstalled: "there are tunnels, but no Libreswan"
        case .emission(let failure): failure.description
        case .refused(let step, let why): "\(step): \(why.joined(separator: "; "))"
        case .file(let path, let errno): "\(path): \(errno)"
        case .noRoom(let folder, let free, let needed):
            "\(folder): \(free >> 10) KiB are free there, and trying a change takes \(needed >> 20) MiB"
        case .tool(let failure): failure.description
        case .partly(let stands, let failed): "\(failed.joined(separator: "; ")); \(stands)"
        }
    }

    /// The mend, where there is one.
    package var hint: String? {
        switch self {
        case .notInstalled: "apt install libreswan, then systemctl enable --now ipsec"
        case .emission: "run `eigctl check`"
        case .refused: "what Libreswan refuses is shown by `ipsec addconn --checkconfig` and its log"
        case .file(_, .noSpace), .noRoom: "make room on that volume"
        case .file: nil
        case .tool(.plutoSilent): "systemctl enable --now ipsec"
        case .tool(.missing): "apt install libreswan"
        case .tool: nil
        case .partly: "journalctl -u ipsec; then run `eigctl apply` again: it goes on where this one stopped"
        }
    }
}
