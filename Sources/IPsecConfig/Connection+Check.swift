// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

extension Connection {
    /// Refuses whatever could not be written so that Libreswan reads exactly it.
    ///
    /// Partner files are judged by their own checks, with places and mends; this is what holds if one of those errs.
    func refuseWhatMayNotBeWritten() throws(EmissionFailure) {
        // A tunnel is named by a string: only what reads back is a name.
        guard ConnectionName(name.description) == name else { throw refused("conn", "is not a name we generate") }
        try refuse(local, "left")
        try refuse(remote, "right")
        guard local.address.isV4 == remote.address.isV4 else {
            throw refused("right", "is of another family than `left`")
        }
        guard local.subnet.address.isV4 == remote.subnet.address.isV4 else {
            throw refused("rightsubnet", "is of another family than `leftsubnet`")
        }
        try refuseAuthentication()
        try refuseProposals()
        try refuse(ikeLifetime, "ikelifetime", 300...86_400)
        try refuse(espLifetime, "salifetime", 300...86_400)
        try refuse(liveness, "dpddelay", 1...3600)
        try refuse(retransmitTimeout, "retransmit-timeout", 1...3600)
        guard (1...16_383).contains(reqid) else { throw refused("reqid", "is \(reqid), not 1 to 16383") }
    }

    private func refuse(_ end: End, _ side: String) throws(EmissionFailure) {
        guard !end.address.isUnspecified else { throw refused(side, "is every address") }
        guard Alphabet.isIdentity(end.id) else { throw refused("\(side)id", "is not an identity we write") }
    }

    private func refuse(_ value: Duration, _ keyword: String, _ range: ClosedRange<Int64>) throws(EmissionFailure) {
        guard value.components.attoseconds == 0, range.contains(value.components.seconds) else {
            throw refused(keyword, "is \(value), not whole seconds from \(range.lowerBound) to \(range.upperBound)")
        }
    }

    private func refuseAuthentication() throws(EmissionFailure) {
        switch authentication {
        case .sharedSecret:
            guard localKey == .ecdsa, remoteKey == .ecdsa else {
                throw refused("authby", "has a kind of key and no certificate")
            }
            for (side, end) in [("left", local), ("right", remote)] {
                // ipsec.secrets(5) has no quoting that would hold a name with blanks together.
                if case .distinguishedName = end.id {
                    throw refused("\(side)id", "is a name of a certificate, with a secret")
                }
            }
        case .certificate(let nickname, let authority):
            // CVE-2026-50721, and `authby=` of IKEv1 knows no other signature.
            guard version == .v2 else { throw refused("authby", "is a certificate with IKEv1") }
            guard Alphabet.isNickname(nickname) else { throw refused("leftcert", "is not a nickname we write") }
            guard Alphabet.isDistinguishedName(authority) else { throw refused("rightca", "is not a name we write") }
        }
    }

    private func refuseProposals() throws(EmissionFailure) {
        guard (1...8).contains(ike.count) else { throw refused("ike", "has \(ike.count) proposals, not 1 to 8") }
        guard (1...8).contains(esp.count) else { throw refused("esp", "has \(esp.count) proposals, not 1 to 8") }
        for proposal in esp {
            guard proposal.cipher.isAuthenticated == (proposal.hash == nil) else {
                throw refused("esp", "has \(proposal.cipher.rawValue) with the wrong integrity algorithm")
            }
        }
        guard Set(esp.map(\.group)).count == 1 else {
            throw refused("esp", "has several groups: Libreswan takes one for all or none")
        }
        guard version == .v1 else { return }
        guard !ike.contains(where: \.cipher.isAuthenticated) else { throw refused("ike", "has AES-GCM with IKEv1") }
        // The groups of IKEv1 are those without curves.
        let modular = ["dh2", "dh5", "dh14", "dh15", "dh16", "dh17", "dh18"]
        guard esp[0].group.map({ modular.contains($0.rawValue) }) ?? true else {
            throw refused("esp", "has a curve with IKEv1")
        }
    }

    private func refused(_ keyword: String, _ why: String) -> EmissionFailure {
        .value(of: name.description.filter { $0.isASCII && $0 >= " " }, keyword: keyword, why: why)
    }
}
