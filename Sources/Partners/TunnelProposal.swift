// SPDX-License-Identifier: Apache-2.0
package import Base

/// What may protect the key exchange: one cipher, one pseudo-random function, one group (RFC 7296, 3.3).
package struct IKEProposal: Hashable, Sendable {
    package var cipher: TunnelCipher
    /// The pseudo-random function, and the integrity algorithm where the cipher has none of its own.
    package var hash: TunnelHash
    package var group: TunnelGroup

    package init(_ cipher: TunnelCipher, _ hash: TunnelHash, _ group: TunnelGroup) {
        self.cipher = cipher
        self.hash = hash
        self.group = group
    }

    package static let standard = [
        IKEProposal(.aesGCM256, .sha512, .dh20), IKEProposal(.aesGCM256, .sha512, .dh19),
        IKEProposal(.aes256, .sha512, .dh20), IKEProposal(.aes256, .sha256, .dh19),
    ]
}

/// What may protect the traffic (RFC 7296, 3.3): one cipher, an integrity algorithm unless the cipher has its own,
/// and the group of a rekey (perfect forward secrecy).
package struct ESPProposal: Hashable, Sendable {
    package var cipher: TunnelCipher
    /// Nothing with AES-GCM.
    package var hash: TunnelHash?
    /// Nothing takes the group of the key exchange.
    package var group: TunnelGroup?

    package init(_ cipher: TunnelCipher, _ hash: TunnelHash? = nil, group: TunnelGroup? = nil) {
        self.cipher = cipher
        self.hash = hash
        self.group = group
    }

    package static let standard = [ESPProposal(.aesGCM256), ESPProposal(.aes256, .sha512)]
}

/// Ciphers by the names Libreswan gives them (ipsec.conf(5)).
package enum TunnelCipher: String, CaseIterable, Hashable, Sendable {
    case aesGCM256 = "aes_gcm256"
    case aesGCM128 = "aes_gcm128"
    case aes256
    case aes192
    case aes128
    /// Weak: 64-bit blocks (RFC 8221).
    case tripleDES = "3des"

    /// Whether it proves integrity by itself (RFC 5282).
    package var isAuthenticated: Bool { self == .aesGCM256 || self == .aesGCM128 }
}

/// Hash functions by the names Libreswan gives them.
package enum TunnelHash: String, CaseIterable, Hashable, Sendable {
    case sha512 = "sha2_512"
    case sha384 = "sha2_384"
    case sha256 = "sha2_256"
    /// Weak (RFC 8247).
    case sha1
    /// Weak (RFC 8247).
    case md5
}

/// Diffie-Hellman groups by their numbers (RFC 7296, 3.3.2 and the IANA registry).
///
/// Without group 2, which no waiver allows either: Libreswan 4.10 and later do not know it.
package enum TunnelGroup: String, CaseIterable, Hashable, Sendable {
    /// Curve25519.
    case dh31
    /// 521-bit curve.
    case dh21
    /// 384-bit curve.
    case dh20
    /// 256-bit curve.
    case dh19
    /// 8192 bits.
    case dh18
    /// 6144 bits.
    case dh17
    /// 4096 bits.
    case dh16
    /// 3072 bits.
    case dh15
    /// 2048 bits.
    case dh14
    /// Weak: 1536 bits.
    case dh5
}

/// A dated, reasoned exception for one tunnel (`[tunnel.waiver]`): without it weak settings are refused, and after
/// its last day again.
package struct TunnelWaiver: Hashable, Sendable {
    /// `allows`, required, at least one.
    package var allows: Set<TunnelWeakness>
    /// `reason`, required: why; 1 to 200 characters.
    package var reason: String
    /// `ticket`, required: where it was agreed.
    package var ticket: String
    /// `until`, required: refused from the day after on, in UTC; at most 400 days ahead.
    package var until: WallInstant
}

/// What may be waived, by the word the partner file uses.
package enum TunnelWeakness: String, CaseIterable, Hashable, Sendable {
    case ikev1
    case tripleDES = "3des"
    case sha1
    case md5
    /// Group 5.
    case dh5
}
