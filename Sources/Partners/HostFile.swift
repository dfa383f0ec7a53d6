// SPDX-License-Identifier: Apache-2.0
package import Base

/// `jumpd.toml`: what this host is, for the kernel's allow-list.
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
    /// Where each key was written.
    package var origins: Origins
}
