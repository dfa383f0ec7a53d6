// SPDX-License-Identifier: Apache-2.0

/// Why a text is no proposal, and the mend.
package struct ProposalFlaw: Error, Hashable, Sendable {
    package let message: String
    package let hint: String
}

extension IKEProposal: CustomStringConvertible {
    /// Reads `CIPHER-HASH-GROUP`, such as `aes256-sha2_256-dh19`.
    package init(_ text: String) throws(ProposalFlaw) {
        let words = ProposalWords(text)
        guard words.count == 3 else {
            throw words.flaw("it must be a cipher, a hash and a group", example: "aes_gcm256-sha2_512-dh20")
        }
        self.init(try words.cipher(0), try words.hash(1), try words.group(2))
    }

    package var description: String { "\(cipher.rawValue)-\(hash.rawValue)-\(group.rawValue)" }

    package var weaknesses: Set<TunnelWeakness> {
        Set([cipher.weakness, hash.weakness, group.weakness].compactMap(\.self))
    }
}

extension ESPProposal: CustomStringConvertible {
    /// Reads `CIPHER[-HASH][-GROUP]`, such as `aes_gcm256`, `aes256-sha2_256` or `aes_gcm256-dh20`.
    ///
    /// The hash is left out exactly where the cipher proves integrity by itself: encryption without integrity is no
    /// choice (RFC 8221, 4).
    package init(_ text: String) throws(ProposalFlaw) {
        let words = ProposalWords(text)
        guard (1...3).contains(words.count) else {
            throw words.flaw("it must be a cipher, and a hash and a group where they are needed", example: "aes_gcm256")
        }
        let cipher = try words.cipher(0)
        var next = 1
        var hash: TunnelHash?
        if cipher.isAuthenticated {
            if words.count > 1, words.isHash(1) {
                let message = "\(cipher.rawValue) proves integrity by itself and takes no hash"
                throw ProposalFlaw(message: message, hint: "write \(quoted(cipher.rawValue))")
            }
        } else {
            guard words.count > 1, !words.isGroup(1) else {
                let message = "\(cipher.rawValue) alone proves no integrity"
                throw ProposalFlaw(message: message, hint: "write \"\(cipher.rawValue)-sha2_256\", or use aes_gcm256")
            }
            hash = try words.hash(1)
            next = 2
        }
        guard words.count <= next + 1 else {
            throw words.flaw("it has more than a cipher, a hash and a group", example: "aes_gcm256")
        }
        self.init(cipher, hash, group: words.count > next ? try words.group(next) : nil)
    }

    package var description: String {
        [cipher.rawValue, hash?.rawValue, group?.rawValue].compactMap(\.self).joined(separator: "-")
    }

    package var weaknesses: Set<TunnelWeakness> {
        Set([cipher.weakness, hash?.weakness, group?.weakness].compactMap(\.self))
    }
}

extension TunnelCipher {
    var weakness: TunnelWeakness? { self == .tripleDES ? .tripleDES : nil }
}

extension TunnelHash {
    var weakness: TunnelWeakness? {
        switch self {
        case .sha1: .sha1
        case .md5: .md5
        case .sha512, .sha384, .sha256: nil
        }
    }
}

extension TunnelGroup {
    var weakness: TunnelWeakness? { self == .dh5 ? .dh5 : nil }
}

/// The words of one proposal, between its dashes.
private struct ProposalWords {
    let text: String
    let words: [String]

    init(_ text: String) {
        self.text = text
        words = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    }

    var count: Int { words.count }

    func flaw(_ rule: String, example: String) -> ProposalFlaw {
        ProposalFlaw(message: "\(quoted(text)): \(rule)", hint: "write for example \(quoted(example))")
    }

    func cipher(_ index: Int) throws(ProposalFlaw) -> TunnelCipher { try word(index, "a cipher") }
    func hash(_ index: Int) throws(ProposalFlaw) -> TunnelHash { try word(index, "a hash") }
    func group(_ index: Int) throws(ProposalFlaw) -> TunnelGroup { try word(index, "a group") }
    func isHash(_ index: Int) -> Bool { TunnelHash(rawValue: known(index)) != nil }
    func isGroup(_ index: Int) -> Bool { TunnelGroup(rawValue: known(index)) != nil }

    private func word<Word: RawRepresentable & CaseIterable>(
        _ index: Int,
        _ noun: String
    ) throws(ProposalFlaw) -> Word where Word.RawValue == String {
        let text = words[index]
        if let word = Word(rawValue: text) { return word }
        if let why = Self.refused[text.lowercased()] {
            throw ProposalFlaw(message: "\(quoted(self.text)): \(why)", hint: "agree on \"dh14\" or a later group")
        }
        let all = Word.allCases.map(\.rawValue)
        let near = all.contains(known(index)) ? known(index) : Spelling.nearest(to: text.lowercased(), among: all)
        throw ProposalFlaw(
            message: "\(quoted(self.text)): \(quoted(text)) is not \(noun)",
            hint: near.map { "did you mean \(quoted($0))?" } ?? "write one of \(all.joined(separator: ", "))"
        )
    }

    /// Our word for what others call it.
    private func known(_ index: Int) -> String { Self.others[words[index].lowercased()] ?? words[index] }

    /// Groups that no supported Libreswan has, whatever a waiver says.
    private static let refused = [
        "dh1": "group 1 (768 bits) is broken, and Libreswan has it no more",
        "modp768": "group 1 (768 bits) is broken, and Libreswan has it no more",
        "dh2": "group 2 (1024 bits) is broken, and Libreswan is built without it",
        "modp1024": "group 2 (1024 bits) is broken, and Libreswan is built without it",
        "dh22": "group 22 is not to be trusted (RFC 8247)",
        "dh23": "group 23 is not to be trusted (RFC 8247)",
        "dh24": "group 24 is not to be trusted (RFC 8247)",
    ]

    /// The names strongSwan, OpenSSL and the registry give them.
    private static let others = [
        "aes": "aes256", "aes-256": "aes256", "aes256gcm": "aes_gcm256", "aes256gcm16": "aes_gcm256",
        "aes256gcm128": "aes_gcm256", "aes128gcm16": "aes_gcm128", "aes128gcm128": "aes_gcm128",
        "aes_gcm": "aes_gcm256",
        "gcm256": "aes_gcm256", "3des_cbc": "3des", "des3": "3des", "sha": "sha1", "sha2": "sha2_256",
        "sha256": "sha2_256", "sha384": "sha2_384", "sha512": "sha2_512", "prfsha256": "sha2_256",
        "prfsha384": "sha2_384", "prfsha512": "sha2_512", "modp1536": "dh5", "modp2048": "dh14", "modp3072": "dh15",
        "modp4096": "dh16", "modp6144": "dh17", "modp8192": "dh18", "ecp256": "dh19", "ecp384": "dh20",
        "ecp521": "dh21", "curve25519": "dh31", "x25519": "dh31",
    ]
}
