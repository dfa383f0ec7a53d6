// SPDX-License-Identifier: Apache-2.0
package import Base

/// One IPsec tunnel to a partner (`[[tunnel]]`).
package struct TunnelRule: Hashable, Sendable {
    /// How the two ends prove who they are.
    package enum Authentication: Hashable, Sendable {
        /// `auth = { psk = "FILE" }`: `secrets/FILE`.
        case sharedSecret(file: String)
        /// `auth = { certificate = "NAME" }`: `identities/NAME.pem` and `.key`.
        case certificate(identity: String)
    }

    /// `name`, required: `[a-z][a-z0-9]{0,15}`; becomes `conn p_<id>_<name>_s<n>`, 41 characters at most.
    package var name: String
    /// `peer`, required: the address of the partner's VPN gateway.
    package var peer: IPAddress
    /// `local-id`, required: `@` and a name, or an address.
    package var localID: String
    /// `remote-id`, required: `@` and a name, or an address.
    package var remoteID: String
    /// `local-subnets`, required, 1 to 16: canonical networks on our side.
    package var localSubnets: [IPPrefix]
    /// `remote-subnets`, required, 1 to 16: canonical networks on the partner's side.
    package var remoteSubnets: [IPPrefix]
    /// `auth`, required.
    package var authentication: Authentication
}
