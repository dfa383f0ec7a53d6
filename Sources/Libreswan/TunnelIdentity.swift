// SPDX-License-Identifier: Apache-2.0

/// Our certificate and key for one or more tunnels, as they go into Libreswan's NSS database.
package struct TunnelIdentity: Hashable, Sendable {
    /// `<partner>-<serial number>`.
    package var nickname: String
    /// PEM; the first certificate is ours.
    package var certificate: [UInt8]
    /// PEM, of the first certificate.
    package var key: [UInt8]

    package init(nickname: String, certificate: [UInt8], key: [UInt8]) {
        self.nickname = nickname
        self.certificate = certificate
        self.key = key
    }
}

/// A certificate of the authority that a partner's certificate must chain to.
package struct TunnelAuthority: Hashable, Sendable {
    /// `eig-ca-` and the beginning of its SHA-256.
    package var nickname: String
    package var der: [UInt8]
    /// Whether chains may end in it; else it is a link of them.
    package var isRoot: Bool

    package init(nickname: String, der: [UInt8], isRoot: Bool) {
        self.nickname = nickname
        self.der = der
        self.isRoot = isRoot
    }
}
