// SPDX-License-Identifier: Apache-2.0

/// Names of certificates as Libreswan, strongSwan and partner files write them.
package enum CertificateName {
    /// Turns the text of RFC 4514, which begins with the last part of a name, into the order of the certificate:
    /// `CN=vpn,O=Acme Ltd,C=IN` becomes `C=IN, O=Acme Ltd, CN=vpn`.
    ///
    /// Libreswan finds no certificate by `rightca=` in the other order, and strongSwan no connection by an identity.
    /// Nothing for a name that cannot be written for Libreswan: with escapes, several values in one part, or an
    /// attribute that it drops.
    package static func inOrder(_ text: String) -> String? {
        guard !text.utf8.contains(UInt8(ascii: "\\")) else { return nil }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).reversed()
        let name = parts.map { $0.drop { $0 == " " } }.joined(separator: ", ")
        return Alphabet.isDistinguishedName(name) ? name : nil
    }
}
