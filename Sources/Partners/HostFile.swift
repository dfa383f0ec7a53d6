// SPDX-License-Identifier: Apache-2.0
package import Base

/// `jumpd.toml`: what this host is, for the kernel's allow-list, and who gets through its gate.
package struct HostFile: Hashable, Sendable {
    /// Networks, and the ports they may connect to.
    package struct Zone: Hashable, Sendable {
        /// `from`, required, 1 to 100: canonical networks.
        package var from: [IPPrefix]
        /// `ports`, required, 1 to 16: TCP ports, no port twice.
        package var ports: [UInt16]
    }

    /// Networks this host may connect to, and the ports there.
    package struct Reach: Hashable, Sendable {
        /// `to`, required, 1 to 100: canonical networks.
        package var to: [IPPrefix]
        /// `ports`, required, 1 to 16: TCP and UDP ports, no port twice.
        package var ports: [UInt16]
    }

    /// Where IPsec tunnels begin, and the program that looks after them.
    package struct Tunnels: Hashable, Sendable {
        /// `addresses`, 1 to 16: where tunnels begin unless they say otherwise; default those of `[host]`.
        package var addresses: [IPAddress]
        /// `control`, default ``controlDefault``: the Unix socket of the program that looks after the tunnels.
        package var control: String

        package static let controlDefault = "/run/eig/tunnels.sock"

        package init(addresses: [IPAddress], control: String = controlDefault) {
            self.addresses = addresses
            self.control = control
        }

        /// The address of ours from which a tunnel to `peer` begins unless it says otherwise: the first of its family.
        package func address(towards peer: IPAddress) -> IPAddress? {
            addresses.first { $0.isV4 == peer.isV4 }
        }
    }

    /// `[host] addresses`, required, 1 to 64: the addresses partners connect to.
    package var addresses: [IPAddress]
    /// `[management]`: where administrators come from, and what they may reach.
    package var management: Zone
    /// `[partners] ports`, required, 1 to 16: the ports of the gateway's partner listeners.
    package var partnerPorts: [UInt16]
    /// `[internal]`: the networks of the backends, and the ports of the gateway's inside listeners.
    package var `internal`: Zone
    /// `[[egress]]`, 0 to 64: what this host may reach besides partners, backends, names and time.
    package var egress: [Reach]
    /// `[control] path`, default ``controlDefault``: the Unix socket for operators.
    package var control: String

    package static let controlDefault = "/run/eig/enforce.sock"
    /// `[tunnels]`: where IPsec tunnels begin.
    package var tunnels: Tunnels
    /// `[audit]`, required with `[gate]`: how the audit log is kept.
    package var audit: AuditRule?
    /// `[gate]` and what belongs to it, optional: administrators, and where they get to.
    package var access: AccessRules?
    /// Where each key was written.
    package var origins: Origins
}
