// SPDX-License-Identifier: Apache-2.0
package import Base

/// One IPsec tunnel to a partner (`[[tunnel]]`).
package struct TunnelRule: Hashable, Sendable {
    /// How the two ends prove who they are.
    package enum Authentication: Hashable, Sendable {
        /// `auth = { psk = "FILE" }`: `secrets/FILE`.
        case sharedSecret(file: String)
        /// `auth = { certificate = "NAME", ca = "FILE" }`: ours is `identities/NAME.pem` and `.key`; the partner's
        /// must chain to the authority in `ca/FILE`.
        case certificate(identity: String, authority: String)
    }

    /// Whether ESP is put into UDP (RFC 3948).
    package enum Encapsulation: String, CaseIterable, Hashable, Sendable {
        /// When a NAT was found between the ends.
        case automatic = "auto"
        case always
        case never
    }

    /// `name`, required: `[a-z][a-z0-9]{0,15}`; becomes `conn p_<id>_<name>_s<n>`, 41 characters at most.
    package var name: String
    /// `peer`, required: the address of the partner's VPN gateway.
    package var peer: IPAddress
    /// `backup-peer`, optional: another gateway of the partner with the same networks, used while `peer` is silent.
    package var backupPeer: IPAddress?
    /// `local-address`, default the first of `[tunnels] addresses` in `jumpd.toml` of the peer's family.
    package var localAddress: IPAddress?
    /// `local-id`, required.
    package var localID: IKEIdentity
    /// `remote-id`, required.
    package var remoteID: IKEIdentity
    /// `local-subnets`, required, 1 to 16: canonical networks on our side.
    package var localSubnets: [IPPrefix]
    /// `remote-subnets`, required, 1 to 16: canonical networks on the partner's side.
    package var remoteSubnets: [IPPrefix]
    /// `auth`, required.
    package var authentication: Authentication
    /// `version`, default 2; 1 only under a waiver.
    package var version: IKEVersion
    /// `ike`, 1 to 8, in order of preference; default ``IKEProposal/standard``.
    package var ike: [IKEProposal]
    /// `esp`, 1 to 8, in order of preference; default ``ESPProposal/standard``.
    package var esp: [ESPProposal]
    /// `ike-lifetime`, 5 min to 24 h, default 8 h.
    package var ikeLifetime: Duration
    /// `esp-lifetime`, 5 min to 24 h, default 1 h.
    package var espLifetime: Duration
    /// `liveness`, 5 s to 5 min, default 10 s: how long the peer may be silent before it is asked whether it lives
    /// (RFC 7296, 2.4).
    package var liveness: Duration
    /// `retransmit-timeout`, 10 s to 5 min, default 30 s: how long it is asked before it counts as gone.
    package var retransmitTimeout: Duration
    /// `encapsulation`, default `auto`.
    package var encapsulation: Encapsulation
    /// `[tunnel.waiver]`, optional: which weaknesses somebody answers for, and until when.
    package var waiver: TunnelWaiver?

    /// How many pairs of a network of ours and one of a partner's all tunnels together may have: each needs a number in
    /// the kernel, and Libreswan leaves these to whoever writes a configuration (ipsec.conf(5), `reqid`).
    package static let pairsMax = 16_383
}

/// The version of the key exchange.
package enum IKEVersion: Int, CaseIterable, Hashable, Sendable {
    /// RFC 2409: only under a waiver.
    case v1 = 1
    /// RFC 7296.
    case v2 = 2
}
