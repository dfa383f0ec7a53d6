// SPDX-License-Identifier: Apache-2.0
internal import Base

extension IKEIdentity {
    /// Reads what a partner file says, and nothing that Libreswan would look up in DNS, rewrite, take for a number or
    /// end a record at.
    ///
    /// `@` and a name; an address; `user@host`; or a distinguished name of 1 to 16 parts such as `C=IN, O=Acme Ltd,
    /// CN=vpn` (RFC 4514 without escapes, quotes and multiple values in one part), of at most 500 characters.
    package init?(_ text: String) {
        // Before anything folds case or composes characters.
        guard text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) else { return nil }
        if let address = IPAddress(text) {
            guard !address.isUnspecified else { return nil }
            self = .address(address)
        } else if text.hasPrefix("@") {
            let name = text.dropFirst()
            guard (1...253).contains(name.utf8.count), name.utf8.allSatisfy(Self.isNameByte) else { return nil }
            self = .name(String(name))
        } else if text.utf8.contains(UInt8(ascii: "=")) {
            guard let name = Self.distinguishedName(text) else { return nil }
            self = .distinguishedName(name)
        } else {
            let parts = text.split(separator: "@", omittingEmptySubsequences: false)
            guard parts.count == 2, Self.isMailbox(parts[0]), DNSName.isValid(parts[1].lowercased()) else { return nil }
            self = .email(text)
        }
    }

    /// Whether it is the subject of a certificate, which no pre-shared key goes with.
    package var isDistinguishedName: Bool { if case .distinguishedName = self { true } else { false } }

    private static func isNameByte(_ byte: UInt8) -> Bool { isWordByte(byte) || "._-".utf8.contains(byte) }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    /// The part before the `@`: RFC 5322's dot-atom of letters, digits, `_`, `+` and `-`.
    private static func isMailbox(_ text: Substring) -> Bool {
        guard (1...64).contains(text.utf8.count) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty && atom.utf8.allSatisfy { isWordByte($0) || "_+-".utf8.contains($0) }
        }
    }

    /// Those of RFC 4514, section 3, and beside it that every supported Libreswan reads.
    private static let attributeTypes: Set<Substring> = [
        "C", "ST", "L", "O", "OU", "CN", "DC", "UID", "E", "emailAddress", "serialNumber",
    ]

    /// The name with one blank after each comma, or nothing: Libreswan drops one with a `/` without a word, and takes a
    /// `*` for anything.
    private static func distinguishedName(_ text: String) -> String? {
        guard text.utf8.count <= 500 else { return nil }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            part.first == " " ? part.dropFirst() : part
        }
        guard parts.count <= 16 else { return nil }
        for part in parts {
            guard let equals = part.firstIndex(of: "="), attributeTypes.contains(part[..<equals]) else { return nil }
            let value = part[part.index(after: equals)...]
            let isPlain = value.utf8.allSatisfy { isWordByte($0) || " ._-@:()&".utf8.contains($0) }
            guard (1...64).contains(value.utf8.count), isPlain, value.first != " ", value.last != " " else {
                return nil
            }
        }
        let name = parts.joined(separator: ", ")
        return name.utf8.count <= 500 ? name : nil
    }
}
