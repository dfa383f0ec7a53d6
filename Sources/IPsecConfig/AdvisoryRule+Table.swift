// SPDX-License-Identifier: Apache-2.0
internal import Partners

extension AdvisoryRule {
    /// By year and number.
    static let all = [
        selectors, aggressiveMode, childRekey, quickMode, phaseOneNotify, missingSecret, defaultESP, fragments,
        rawSignature, pkcs1Signature, certificateInFIPS,
    ]

    static let selectors = AdvisoryRule(
        id: "CVE-2023-23009",
        summary: "traffic selectors of a wrong length crash pluto",
        versions: LibreswanVersion(4, 2)...LibreswanVersion(4, 9)
    ) { _ in (false, "nothing we write prevents it: upgrade to 4.10 or later") }

    static let aggressiveMode = AdvisoryRule(
        id: "CVE-2023-30570",
        summary: "an IKEv1 aggressive mode packet crashes pluto before it knows the peer",
        versions: LibreswanVersion(3, 28)...LibreswanVersion(4, 10)
    ) { onlyIKEv1($0, mend: "Debian's 4.10-2+deb12u1 has it mended; upgrade to 4.11 or later elsewhere") }

    static let childRekey = AdvisoryRule(
        id: "CVE-2023-38710",
        summary: "an authenticated peer's rekey with a wrong protocol crashes pluto",
        versions: LibreswanVersion(3, 20)...LibreswanVersion(4, 11)
    ) { _ in (false, "nothing we write prevents it, but only a partner who proved itself can: upgrade to 4.12 or later")
    }

    static let quickMode = AdvisoryRule(
        id: "CVE-2023-38711",
        summary: "an IKEv1 quick mode identity of a wrong kind crashes pluto",
        versions: LibreswanVersion(4, 6)...LibreswanVersion(4, 11)
    ) { onlyIKEv1($0, mend: "upgrade to 4.12 or later") }

    static let phaseOneNotify = AdvisoryRule(
        id: "CVE-2023-38712",
        summary: "an IKEv1 delete or notify without an exchange crashes pluto",
        versions: LibreswanVersion(3, 0)...LibreswanVersion(4, 11)
    ) { onlyIKEv1($0, mend: "upgrade to 4.12 or later") }

    static let missingSecret = AdvisoryRule(
        id: "CVE-2024-2357",
        summary: "a pre-shared key that is missing crashes pluto when the peer repeats its message",
        versions: LibreswanVersion(3, 0)...LibreswanVersion(4, 12)
    ) { _ in (true, "eig.secrets holds a random secret that answers for every pair that has none") }

    static let defaultESP = AdvisoryRule(
        id: "CVE-2024-3652",
        summary: "an IKEv1 peer's proposal crashes pluto where a connection has no `esp=`",
        versions: LibreswanVersion(3, 22)...LibreswanVersion(4, 14)
    ) { _ in (true, "every connection names its `esp=`") }

    static let fragments = AdvisoryRule(
        id: "CVE-2026-12413",
        summary: "an IKEv2 fragment crashes pluto before it knows the peer",
        versions: LibreswanVersion(4, 6)...LibreswanVersion(5, 3)
    ) { connections in
        let exposed = connections.filter { $0.keepsFragmentation }
        guard let names = tunnels(exposed) else {
            return (true, "connections with a pre-shared key have `fragmentation=no`")
        }
        return (
            false, "tunnels with certificates need fragments and stay exposed (\(names)): upgrade to 5.3.1 or later"
        )
    }

    static let rawSignature = AdvisoryRule(
        id: "CVE-2026-50721",
        summary: "an IKEv1 peer's RSA signature can be forged where its key has a small exponent",
        versions: LibreswanVersion(3, 0)...LibreswanVersion(5, 3)
    ) { _ in (true, "IKEv1 is never written with certificates") }

    static let pkcs1Signature = AdvisoryRule(
        id: "CVE-2026-50722",
        summary: "an IKEv2 peer's PKCS #1 v1.5 signature can be forged where its key has a small exponent",
        versions: LibreswanVersion(3, 0)...LibreswanVersion(5, 3)
    ) { connections in
        let exposed = connections.filter { $0.hasCertificate && $0.localKey == .ecdsa && $0.remoteKey == .rsa }
        guard let names = tunnels(exposed) else {
            return (true, "`authby=` is ecdsa or rsa-sha2, neither of which takes such a signature")
        }
        return (
            false,
            "tunnels whose partner has an RSA key and we an ECDSA key take such signatures (\(names)): "
                + "use an RSA key on our side, too, or upgrade to 5.3.1 or later"
        )
    }

    static let certificateInFIPS = AdvisoryRule(
        id: "CVE-2026-14957",
        summary: "a malformed certificate crashes pluto in FIPS mode, where an authority's certificate is loaded",
        versions: LibreswanVersion(3, 0)...LibreswanVersion(5, 3, 1)
    ) { connections in
        guard let names = tunnels(connections.filter(\.hasCertificate)) else {
            return (true, "no tunnel has a certificate, so no authority is loaded")
        }
        return (
            false,
            "only a host in FIPS mode has it, and nothing we write prevents it there (\(names)): "
                + "upgrade to 5.3.2 or later"
        )
    }

    /// Worked around unless a waiver brought IKEv1 back.
    private static func onlyIKEv1(_ connections: [Connection], mend: String) -> Verdict {
        guard let names = tunnels(connections.filter { $0.version == .v1 }) else {
            return (true, "`ikev1-policy=drop`: IKEv1 is not spoken")
        }
        return (false, "a waiver keeps IKEv1 (\(names)): end it; \(mend)")
    }

    /// Each tunnel once, at most five of them; nothing when there is none.
    private static func tunnels(_ connections: [Connection]) -> String? {
        let names = Set(connections.map(\.name.tunnel)).sorted().map(\.description)
        guard !names.isEmpty else { return nil }
        let more = names.count > 5 ? " and \(names.count - 5) more" : ""
        return names.prefix(5).joined(separator: ", ") + more
    }
}

extension Connection {
    var hasCertificate: Bool {
        if case .certificate = authentication { true } else { false }
    }

    /// Certificates make messages larger than a packet; a pre-shared key does not.
    var keepsFragmentation: Bool { hasCertificate && version == .v2 }
}
