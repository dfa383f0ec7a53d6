// SPDX-License-Identifier: Apache-2.0
package import Base
package import Partners

/// One Libreswan connection (`conn`, ipsec.conf(5)): one network of ours and one of the partner's, through one peer.
///
/// Made from checked partner files only; what is emitted, read back from the emitted text and read back from pluto is
/// compared with it.
package struct Connection: Hashable, Sendable {
    /// One side of it.
    package struct End: Hashable, Sendable {
        package var address: IPAddress
        package var id: IKEIdentity
        package var subnet: IPPrefix

        package init(address: IPAddress, id: IKEIdentity, subnet: IPPrefix) {
            self.address = address
            self.id = id
            self.subnet = subnet
        }
    }

    /// How the two ends prove who they are.
    package enum Authentication: Hashable, Sendable {
        /// The secret is not part of the connection: see ``SharedSecret``.
        case sharedSecret
        /// - Parameter nickname: of our certificate in Libreswan's NSS database.
        /// - Parameter authority: the subject of the authority the partner's certificate must chain to, in
        ///   the order of the certificate.
        case certificate(nickname: String, authority: String)
    }

    package var name: ConnectionName
    /// `left`: us.
    package var local: End
    /// `right`: the partner.
    package var remote: End
    package var authentication: Authentication
    /// The kind of our certificate's key; Libreswan 4.10 must be told. Always `.ecdsa` with a shared secret.
    package var localKey: KeyKind
    /// The kind of the partner's. Always `.ecdsa` with a shared secret.
    package var remoteKey: KeyKind
    package var version: IKEVersion
    package var ike: [IKEProposal]
    package var esp: [ESPProposal]
    package var ikeLifetime: Duration
    package var espLifetime: Duration
    package var liveness: Duration
    package var retransmitTimeout: Duration
    package var encapsulation: TunnelRule.Encapsulation
    /// The kernel's number of its policies and states, 1 to 16383; it stays while others come and go.
    package var reqid: Int

    package init(
        name: ConnectionName,
        local: End,
        remote: End,
        authentication: Authentication,
        localKey: KeyKind = .ecdsa,
        remoteKey: KeyKind = .ecdsa,
        version: IKEVersion = .v2,
        ike: [IKEProposal] = IKEProposal.standard,
        esp: [ESPProposal] = ESPProposal.standard,
        ikeLifetime: Duration = .seconds(8 * 3600),
        espLifetime: Duration = .seconds(3600),
        liveness: Duration = .seconds(10),
        retransmitTimeout: Duration = .seconds(30),
        encapsulation: TunnelRule.Encapsulation = .automatic,
        reqid: Int
    ) {
        self.name = name
        self.local = local
        self.remote = remote
        self.authentication = authentication
        self.localKey = localKey
        self.remoteKey = remoteKey
        self.version = version
        self.ike = ike
        self.esp = esp
        self.ikeLifetime = ikeLifetime
        self.espLifetime = espLifetime
        self.liveness = liveness
        self.retransmitTimeout = retransmitTimeout
        self.encapsulation = encapsulation
        self.reqid = reqid
    }
}

/// What kind of key a certificate carries: each is asked for a kind of signature of its own.
package enum KeyKind: String, CaseIterable, Hashable, Sendable {
    case ecdsa
    case rsa
}

/// The pre-shared key of one tunnel and the two identities it belongs to (ipsec.secrets(5)).
package struct SharedSecret: Hashable, Sendable {
    package var tunnel: TunnelID
    package var local: IKEIdentity
    package var remote: IKEIdentity
    /// 1 to 512 bytes; never written but as hex.
    package var key: [UInt8]

    package init(tunnel: TunnelID, local: IKEIdentity, remote: IKEIdentity, key: [UInt8]) {
        self.tunnel = tunnel
        self.local = local
        self.remote = remote
        self.key = key
    }
}
