// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

extension TunnelExport {
    /// Commands for configuration mode; a crypto map, because the tunnel is a policy, not an interface.
    ///
    /// A crypto map rekeys with one group, so only proposals of that group are there.
    func iosXE() throws(Failure) -> [String] {
        let name = "EDGE-\(id.name.uppercased())"
        let known: Set<Int> = [2, 5, 14, 15, 16, 19, 20, 21]
        let proposals = tunnel.ike.filter { known.contains($0.group.number) }
        guard let first = proposals.first else { throw .noCommonProposal(id, .iosXE, keyword: "ike") }
        let group = tunnel.esp[0].group ?? first.group
        guard known.contains(group.number) else { throw .noCommonProposal(id, .iosXE, keyword: "esp") }
        let offered = tunnel.esp[0].group == nil ? proposals.filter { $0.group == group } : proposals
        var lines: [String] = []
        for (index, proposal) in offered.enumerated() {
            lines += ["!", "crypto ikev2 proposal \(name)-\(index + 1)", " encryption \(proposal.cipher.ios)"]
            lines += [
                proposal.cipher.isAuthenticated ? " prf \(proposal.hash.plain)" : " integrity \(proposal.hash.plain)"
            ]
            lines.append(" group \(proposal.group.number)")
        }
        lines += ["!", "crypto ikev2 policy \(name)", " match address local \(theirs.address)"]
        lines += offered.indices.map { " proposal \(name)-\($0 + 1)" }
        lines += ["!"] + proof(name) + [" lifetime \(Self.seconds(tunnel.ikeLifetime))"]
        lines += [" dpd \(max(10, Self.seconds(tunnel.liveness))) 3 periodic"]
        for (index, proposal) in tunnel.esp.enumerated() {
            lines += ["!", "crypto ipsec transform-set \(name)-\(index + 1) \(proposal.ios)", " mode tunnel"]
        }
        return lines + policy(name, group) + ["!", "interface YOUR-OUTSIDE-INTERFACE", " \(map)", "!"]
    }

    private func proof(_ name: String) -> [String] {
        let identities = [
            " match identity remote \(ours.id.ios)", " identity local \(hasCertificate ? "dn" : theirs.id.ios)",
        ]
        guard hasCertificate else {
            return [
                "crypto ikev2 keyring \(name)", " peer EDGE", "  address \(ours.address)",
                "  pre-shared-key \(Self.keyPlaceholder)", "!", "crypto ikev2 profile \(name)",
            ] + identities + [
                " authentication remote pre-share", " authentication local pre-share", " keyring local \(name)",
            ]
        }
        return certificateMap(name) + ["crypto ikev2 profile \(name)"] + [
            ours.id.isName ? " match certificate \(name)" : identities[0],
            theirs.id.isName ? identities[1] : " identity local \(theirs.id.ios)",
            " authentication remote \(tunnel.localKey.ios)", " authentication local \(tunnel.remoteKey.ios)",
            " pki trustpoint YOUR-TRUSTPOINT sign", " pki trustpoint OUR-AUTHORITY verify",
        ]
    }

    /// A name of a certificate is matched by its parts.
    private func certificateMap(_ name: String) -> [String] {
        guard ours.id.isName, let certificate else { return [] }
        let parts = certificate.subject.split(separator: ",").map { part in
            " subject-name co \(part.drop { $0 == " " }.replacing("=", with: " = ").lowercased())"
        }
        return ["crypto pki certificate map \(name) 10"] + parts + ["!"]
    }

    private var map: String { theirs.address.isV4 ? "crypto map EDGE" : "ipv6 crypto map EDGE" }

    private func policy(_ name: String, _ group: TunnelGroup) -> [String] {
        let isV4 = theirs.subnet.address.isV4
        var lines = ["!", isV4 ? "ip access-list extended \(name)" : "ipv6 access-list \(name)"]
        for connection in connections {
            lines.append(
                " permit \(isV4 ? "ip" : "ipv6") \(Self.match(connection.remote.subnet)) \(Self.match(connection.local.subnet))"
            )
        }
        let sets = tunnel.esp.indices.map { "\(name)-\($0 + 1)" }.joined(separator: " ")
        return lines + [
            "!", "crypto map \(theirs.address.isV4 ? "" : "ipv6 ")EDGE 10 ipsec-isakmp", " set peer \(ours.address)",
            " set transform-set \(sets)", " set pfs group\(group.number)", " set ikev2-profile \(name)",
            " set security-association lifetime seconds \(Self.seconds(tunnel.espLifetime))", " match address \(name)",
        ]
    }

    /// `172.16.5.0 0.0.0.255`, or a prefix for IPv6.
    private static func match(_ prefix: IPPrefix) -> String {
        guard case .v4 = prefix.address else { return "\(prefix.address)/\(prefix.bitCount)" }
        return "\(prefix.address) \(IPAddress.v4(prefix.bitCount == 32 ? 0 : .max >> UInt32(prefix.bitCount)))"
    }
}

extension IKEIdentity {
    /// Whether it is a name of a certificate.
    var isName: Bool { if case .distinguishedName = self { true } else { false } }

    fileprivate var ios: String {
        switch self {
        case .name(let name): "fqdn \(name)"
        case .address(let address): "address \(address)"
        case .email(let address): "email \(address)"
        case .distinguishedName: "dn"
        }
    }
}

extension KeyKind {
    fileprivate var ios: String { self == .ecdsa ? "ecdsa-sig" : "rsa-sig" }
}

extension TunnelCipher {
    fileprivate var ios: String {
        switch self {
        case .aesGCM256: "aes-gcm-256"
        case .aesGCM128: "aes-gcm-128"
        case .aes256: "aes-cbc-256"
        case .aes192: "aes-cbc-192"
        case .aes128: "aes-cbc-128"
        case .tripleDES: "3des"
        }
    }
}

extension ESPProposal {
    fileprivate var ios: String {
        let cipher =
            switch cipher {
            case .aesGCM256: "esp-gcm 256"
            case .aesGCM128: "esp-gcm 128"
            case .aes256: "esp-aes 256"
            case .aes192: "esp-aes 192"
            case .aes128: "esp-aes"
            case .tripleDES: "esp-3des"
            }
        return cipher + (hash.map { " esp-\($0 == .sha1 ? "sha" : $0.plain)-hmac" } ?? "")
    }
}
