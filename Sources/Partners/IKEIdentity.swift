// SPDX-License-Identifier: Apache-2.0
package import Base

/// Who one end of a tunnel says it is (RFC 7296, 3.5), as far as Libreswan takes it without a question to DNS.
package enum IKEIdentity: Hashable, Sendable {
    /// `@` and 1 to 253 of letters, digits, `.`, `-` and `_`: an ID_FQDN. Without the `@`.
    case name(String)
    /// An address: ID_IPV4_ADDR or ID_IPV6_ADDR.
    case address(IPAddress)
    /// `user@host`: an ID_RFC822_ADDR.
    case email(String)
    /// An RFC 4514 name, as in the certificate's subject: an ID_DER_ASN1_DN.
    case distinguishedName(String)
}

extension IKEIdentity: CustomStringConvertible {
    /// As the partner file writes it and Libreswan reads it.
    package var description: String {
        switch self {
        case .name(let name): "@\(name)"
        case .address(let address): address.description
        case .email(let address): address
        case .distinguishedName(let name): name
        }
    }
}
