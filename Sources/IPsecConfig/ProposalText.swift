// SPDX-License-Identifier: Apache-2.0
internal import Partners

/// Proposals as `ike=` and `esp=` of ipsec.conf(5) spell them.
enum ProposalText {
    /// `aes256-sha2_512;dh20`, several separated by commas.
    static func ike(_ proposals: [IKEProposal]) -> String {
        proposals.map { "\($0.cipher.rawValue)-\($0.hash.rawValue);\($0.group.rawValue)" }.joined(separator: ",")
    }

    /// `aes256-sha2_512;dh20` or `aes_gcm256`, several separated by commas.
    static func esp(_ proposals: [ESPProposal]) -> String {
        proposals.map { proposal in
            let hash = proposal.hash.map { "-\($0.rawValue)" } ?? ""
            let group = proposal.group.map { ";\($0.rawValue)" } ?? ""
            return proposal.cipher.rawValue + hash + group
        }.joined(separator: ",")
    }

    /// Nothing for any text that ``ike(_:)`` does not write.
    static func readIKE(_ text: String) -> [IKEProposal]? {
        var proposals: [IKEProposal] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let parts = parts(of: word), let cipher = TunnelCipher(rawValue: parts.cipher),
                let hash = parts.hash.flatMap({ TunnelHash(rawValue: $0) }),
                let group = parts.group.flatMap({ TunnelGroup(rawValue: $0) })
            else { return nil }
            proposals.append(IKEProposal(cipher, hash, group))
        }
        return proposals
    }

    /// Nothing for any text that ``esp(_:)`` does not write.
    static func readESP(_ text: String) -> [ESPProposal]? {
        var proposals: [ESPProposal] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let parts = parts(of: word), let cipher = TunnelCipher(rawValue: parts.cipher) else { return nil }
            let hash = parts.hash.map { TunnelHash(rawValue: $0) }
            let group = parts.group.map { TunnelGroup(rawValue: $0) }
            if case .some(.none) = hash { return nil }
            if case .some(.none) = group { return nil }
            proposals.append(ESPProposal(cipher, hash ?? nil, group: group ?? nil))
        }
        return proposals
    }

    private static func parts(of word: Substring) -> (cipher: String, hash: String?, group: String?)? {
        let halves = word.split(separator: ";", omittingEmptySubsequences: false)
        let names = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        guard halves.count <= 2, names.count <= 2 else { return nil }
        return (
            String(names[0]), names.count > 1 ? String(names[1]) : nil, halves.count > 1 ? String(halves[1]) : nil
        )
    }
}
