// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What the algorithms of one tunnel come to: what Libreswan would refuse or ignore, and what is weak and not waived.
///
/// Libreswan itself accepts 3DES, MD5 and group 5 without a word: the policy is ours.
struct TunnelCryptoLint {
    let tunnel: TunnelRule
    let path: String
    let origins: Origins
    let report: Report

    func run() {
        checkVersion()
        checkGroups()
        checkWeaknesses()
    }

    private func add(_ code: DiagnosticCode, _ key: String, _ message: String, mend hint: String) {
        report.add(code, at: origins["\(path).\(key)"], message, mend: hint)
    }

    /// IKEv1 knows fewer of them (RFC 2409 and its registry).
    private func checkVersion() {
        guard tunnel.version == .v1 else { return }
        for (index, proposal) in tunnel.ike.enumerated() where proposal.cipher.isAuthenticated {
            let message = "\(quoted(proposal.description)): IKEv1 does not know \(proposal.cipher.rawValue)"
            add(.tunnelProposal, "ike[\(index)]", message, mend: "use for example \"aes256-sha2_256-dh14\"")
        }
        for (index, proposal) in tunnel.esp.enumerated() where proposal.group != nil {
            let message = "\(quoted(proposal.description)): with IKEv1 the group of `ike` is the one of a rekey"
            add(.tunnelProposal, "esp[\(index)]", message, mend: "leave the group out")
        }
        if case .certificate = tunnel.authentication {
            let message = "IKEv1 with certificates is not supported: Libreswan would sign them with SHA-1"
            add(.tunnelWeak, "auth", message, mend: "use version 2, or a psk")
        }
    }

    /// Libreswan cannot negotiate which group a rekey takes.
    private func checkGroups() {
        guard let first = tunnel.esp.first else { return }
        for (index, proposal) in tunnel.esp.enumerated() where proposal.group != first.group {
            let message =
                "\(quoted(proposal.description)) and \(quoted(first.description)) rekey differently, "
                + "which Libreswan does not support"
            add(.tunnelProposal, "esp[\(index)]", message, mend: "give all of `esp` the same group, or none")
        }
    }

    private func checkWeaknesses() {
        var used: Set<TunnelWeakness> = []
        if tunnel.version == .v1 {
            used.insert(.ikev1)
            judge([.ikev1], "version", "IKEv1 is obsolete (RFC 9395)", instead: "use version 2")
        }
        for (index, proposal) in tunnel.ike.enumerated() {
            used.formUnion(proposal.weaknesses)
            let what = "\(quoted(proposal.description)) in `ike` is weak (RFC 8247)"
            judge(proposal.weaknesses, "ike[\(index)]", what, instead: "use for example \"aes256-sha2_256-dh14\"")
        }
        for (index, proposal) in tunnel.esp.enumerated() {
            used.formUnion(proposal.weaknesses)
            let what = "\(quoted(proposal.description)) in `esp` is weak (RFC 8221)"
            judge(proposal.weaknesses, "esp[\(index)]", what, instead: "use for example \"aes256-sha2_256\"")
        }
        for weakness in (tunnel.waiver?.allows ?? []).subtracting(used).sorted() {
            let message = "[tunnel.waiver] allows \(quoted(weakness.rawValue)), which the tunnel does not use"
            add(.waiverUnused, "waiver.allows", message, mend: "remove it")
        }
    }

    private func judge(_ weaknesses: Set<TunnelWeakness>, _ key: String, _ what: String, instead: String) {
        let missing = weaknesses.subtracting(tunnel.waiver?.allows ?? []).sorted()
        guard !missing.isEmpty else { return }
        let words = missing.map { quoted($0.rawValue) }.joined(separator: ", ")
        let message = "\(what), and no waiver allows \(words)"
        add(.tunnelWeak, key, message, mend: "\(instead), or answer for it in [tunnel.waiver] with an end")
    }
}

extension TunnelWeakness: Comparable {
    /// In the order of their words.
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
