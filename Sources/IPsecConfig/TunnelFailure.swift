// SPDX-License-Identifier: Apache-2.0

/// Why a tunnel could not be set up, in plain words; made of what pluto writes into its log.
package struct TunnelFailure: Hashable, Sendable {
    /// The reasons, as metrics and JSON name them.
    package enum Reason: String, CaseIterable, Hashable, Sendable {
        case noAnswer = "no_answer"
        case ikeProposal = "ike_proposal"
        case espProposal = "esp_proposal"
        /// The peer did not accept who we are: its secret or its authority differs from ours.
        case refusedByPeer = "refused_by_peer"
        /// The peer's proof is wrong: its secret differs from ours.
        case secretDiffers = "secret_differs"
        case secretMissing = "secret_missing"
        case identity
        case certificate
        case ownCertificate = "own_certificate"
        case networks
        case kernel
    }

    package var reason: Reason
    /// pluto's own words, printable, at most 300 characters.
    package var detail: String
    /// What the partner offered, where pluto says it.
    package var theirs: String?

    package init(_ reason: Reason, detail: String, theirs: String? = nil) {
        self.reason = reason
        self.detail = detail
        self.theirs = theirs
    }
}

extension TunnelFailure.Reason {
    /// One sentence without a full stop, from our side of the tunnel.
    package var words: String {
        switch self {
        case .noAnswer: "the partner's gateway does not answer"
        case .ikeProposal: "no IKE proposal in common with the partner"
        case .espProposal: "no ESP proposal in common with the partner"
        case .refusedByPeer: "the partner refused our secret, certificate or identity"
        case .secretDiffers: "the partner's secret is not ours"
        case .secretMissing: "we have no secret for this partner"
        case .identity: "the partner's identity is another than configured"
        case .certificate: "the partner's certificate is refused"
        case .ownCertificate: "our own certificate or its key cannot be used"
        case .networks: "the networks (traffic selectors) are not what the other end has"
        case .kernel: "this host's kernel could not set up the tunnel"
        }
    }

    /// What to do about it.
    package var mend: String {
        switch self {
        case .noAnswer:
            "ask the partner whether its gateway is up and takes UDP 500 and 4500 from our address; `peer` must be its "
                + "address"
        case .ikeProposal: "agree with the partner on `ike`"
        case .espProposal: "agree with the partner on `esp`"
        case .refusedByPeer: "the partner's log says which; compare the secret, `local-id` and our certificate"
        case .secretDiffers: "exchange the secret anew with the partner"
        case .secretMissing: "`eigctl apply` writes it; `auth.psk` names its file"
        case .identity: "compare `remote-id` with what the partner's gateway sends"
        case .certificate: "compare the partner's certificate and its authority with `auth.ca`; it may have ended"
        case .ownCertificate: "`eigctl apply` imports it; is its key of the kind `auth` says?"
        case .networks: "compare `local-subnets` and `remote-subnets` with the partner's, pair by pair"
        case .kernel:
            "look at `journalctl -u ipsec` and `dmesg`; the kernel needs ESP (CONFIG_INET_ESP, CONFIG_INET6_ESP)"
        }
    }

    /// How much it says: of what is heard about one attempt, what says most is kept.
    var weight: Int {
        switch self {
        case .noAnswer: 0
        case .refusedByPeer: 1
        default: 2
        }
    }
}

extension TunnelFailure {
    /// Reads one line of the log; nothing when it tells of no failure.
    package init?(log text: some StringProtocol) {
        let text = String(text.prefix(2000))
        guard let reason = Self.reasons.first(where: { rule in rule.phrases.allSatisfy { text.contains($0) } })?.reason
        else { return nil }
        var theirs: String?
        if let offer = text.firstRange(of: "remote proposals ") {
            theirs = Self.printable(String(text[offer.upperBound...]), 1000)
        } else if let offer = text.firstRange(of: "Peer ID ") {
            theirs = Self.between(text[offer.upperBound...])
        } else if reason == .identity, let offer = text.firstRange(of: "; peer ID") {
            theirs = Self.between(text[offer.upperBound...])
        }
        self.init(reason, detail: Self.printable(text), theirs: theirs)
    }

    /// Phrases of Libreswan 4.10, each measured; those of version 5 as its source has them. The first that fits counts.
    private static let reasons: [(phrases: [String], reason: Reason)] = [
        (["No response (or no acceptable response)"], .noAnswer),
        (["liveness", "timeout exceeded"], .noAnswer),
        (["retransmission timeout"], .noAnswer),
        (["second timeout exceeded after"], .noAnswer),
        (["asynchronous network error report", "onnection refused"], .noAnswer),
        (["asynchronous network error report", "unreachable"], .noAnswer),
        (["No route to host"], .noAnswer),
        (["no local proposal matches remote proposals", ":ESP:"], .espProposal),
        (["no local proposal matches remote proposals"], .ikeProposal),
        (["rejected Child SA with NO_PROPOSAL_CHOSEN"], .espProposal),
        (["IKE_SA_INIT", "NO_PROPOSAL_CHOSEN"], .ikeProposal),
        (["CREATE_CHILD_SA", "NO_PROPOSAL_CHOSEN"], .espProposal),
        (["TS_UNACCEPTABLE"], .networks),
        (["No IKEv2 connection found with compatible Traffic Selectors"], .networks),
        (["no PSK found for"], .secretMissing),
        (["Failed to find our PreShared Key"], .secretMissing),
        (["computed hash does not match hash received"], .secretDiffers),
        (["mismatched on first found connection"], .identity),
        (["authentication failed; peer ID", "does not match expected"], .identity),
        (["IPsec certificate", "invalid:"], .certificate),
        (["no certificate matched"], .certificate),
        (["peer authentication requires policy"], .certificate),
        (["X509: certificate payload rejected"], .certificate),
        (["rejecting received zero-length signature"], .certificate),
        (["authentication failed: "], .certificate),
        (["sign function failed"], .ownCertificate),
        (["private key", "not found"], .ownCertificate),
        (["AUTHENTICATION_FAILED", "rejected by peer"], .refusedByPeer),
        (["netlink response for Add SA"], .kernel),
        (["netlink", "Function not implemented"], .kernel),
    ]

    private static func between(_ text: Substring) -> String? {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 ? printable(String(parts[1])) : nil
    }

    /// Without control characters, and not longer than somebody reads.
    static func printable(_ text: String, _ countMax: Int = 300) -> String {
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(countMax) {
            kept.append(scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) ? "?" : scalar)
        }
        return String(kept)
    }
}
