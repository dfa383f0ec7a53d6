// SPDX-License-Identifier: Apache-2.0

/// Which of the partner's two gateways a tunnel is led to.
package enum TunnelPeer: String, CaseIterable, Hashable, Sendable {
    /// `peer`.
    case primary
    /// `backup-peer`; means ``primary`` where a tunnel has none.
    case backup
}

/// What a connection must say of the certificates of its tunnel; read from the files by whoever can read X.509.
package struct TunnelCertificate: Hashable, Sendable {
    /// Of our certificate in Libreswan's NSS database, `<partner>-<serial number>`.
    package var nickname: String
    /// The subject of the authority the partner's certificate must chain to, as ``CertificateName/inOrder(_:)`` has it.
    package var authoritySubject: String
    /// The kind of our key.
    package var localKey: KeyKind
    /// The kind of the partner's: that of its authority's, where nobody knows better.
    package var remoteKey: KeyKind

    package init(
        nickname: String,
        authoritySubject: String,
        localKey: KeyKind = .ecdsa,
        remoteKey: KeyKind = .ecdsa
    ) {
        self.nickname = nickname
        self.authoritySubject = authoritySubject
        self.localKey = localKey
        self.remoteKey = remoteKey
    }
}
