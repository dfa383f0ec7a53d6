// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

/// What may stand between the quotes of ipsec.conf and, bare, in ipsec.secrets.
///
/// Narrower than what Libreswan would take: no quote, brace, `%`, `#`, backslash, control character or byte above
/// 0x7e can be written, so that no value ends where it should not and none is rewritten or looked up.
enum Alphabet {
    /// Attribute types of names in certificates that Libreswan keeps (RFC 4514, 3): a name with another is dropped.
    static let attributeTypes: Set<String> = [
        "C", "ST", "L", "O", "OU", "CN", "DC", "UID", "E", "emailAddress", "serialNumber",
    ]

    /// What follows the `@` of an ID_FQDN.
    static func isName(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count) && text.utf8.allSatisfy { isLetterOrDigit($0) || isOne(of: "._-", $0) }
    }

    /// One `@` with something plain on both sides: letters, digits, `.`, `_`, `-` and, before it, `+`.
    static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), isName(String(parts[1])) else { return false }
        return parts[0].utf8.allSatisfy { isLetterOrDigit($0) || isOne(of: "._+-", $0) }
    }

    /// `TYPE=value, TYPE=value`, at most 500 bytes.
    ///
    /// Libreswan 4.10 drops a name with `/`, `,` or several values in one part without a word, and takes `*` for
    /// anything.
    static func isDistinguishedName(_ text: String) -> Bool {
        guard (1...500).contains(text.utf8.count) else { return false }
        for (index, part) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            let attribute = index > 0 && part.first == " " ? part.dropFirst() : part
            let sides = attribute.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, attributeTypes.contains(String(sides[0])), isAttributeValue(sides[1]) else {
                return false
            }
        }
        return true
    }

    private static func isAttributeValue(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, first != space, last != space else {
            return false
        }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || isOne(of: " ._@:()&-", $0) }
    }

    /// The nickname of a certificate in Libreswan's NSS database.
    static func isNickname(_ text: String) -> Bool {
        guard (1...100).contains(text.utf8.count), let first = text.utf8.first, isLetterOrDigit(first) else {
            return false
        }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || isOne(of: "._-", $0) }
    }

    static func isIdentity(_ identity: IKEIdentity) -> Bool {
        switch identity {
        case .name(let name): isName(name)
        case .address(let address): !address.isUnspecified
        case .email(let address): isEmail(address)
        case .distinguishedName(let name): isDistinguishedName(name)
        }
    }

    private static let space = UInt8(ascii: " ")

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    private static func isOne(of characters: String, _ byte: UInt8) -> Bool {
        characters.utf8.contains(byte)
    }
}
