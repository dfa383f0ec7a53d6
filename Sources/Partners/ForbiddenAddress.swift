// SPDX-License-Identifier: Apache-2.0
package import Base

/// Addresses nobody is led to, whatever a file says.
package enum ForbiddenAddress {
    private static let kinds: [(prefix: String, why: String)] = [
        ("0.0.0.0/8", "no host's address"),
        ("::/128", "no host's address"),
        ("127.0.0.0/8", "a loopback address"),
        ("::1/128", "a loopback address"),
        ("169.254.0.0/16", "a link-local address, as those of cloud metadata are"),
        ("fe80::/10", "a link-local address"),
        ("fd00:ec2::254/128", "the metadata service of a cloud"),
        ("100.100.100.200/32", "the metadata service of a cloud"),
        ("192.0.0.192/32", "the metadata service of a cloud"),
        ("224.0.0.0/4", "a multicast address"),
        ("ff00::/8", "a multicast address"),
        ("240.0.0.0/4", "no host's address"),
    ]

    private static let table: [(prefix: IPPrefix, why: String)] = kinds.compactMap { kind in
        IPPrefix(kind.prefix).map { ($0, kind.why) }
    }

    /// What kind of address it is, or nothing when a target may be there.
    package static func reason(_ address: IPAddress) -> String? {
        table.first { $0.prefix.contains(address) }?.why
    }
}
