// SPDX-License-Identifier: Apache-2.0
internal import CLinux

/// Why a password cannot be hashed.
package enum PasswordHashError: Error, Hashable, Sendable {
    case empty
    case containsNUL
    case tooLong(limitBytes: Int)
    /// The C library knows no such scheme, or has no memory or randomness for it.
    case unavailable
}

/// Salted password hashes as crypt(5) writes them.
///
/// A check costs milliseconds by design: whoever checks per request remembers what was right.
package enum PasswordHash {
    /// One less than the C library's own buffer (crypt(3), CRYPT_MAX_PASSPHRASE_SIZE).
    package static let passwordBytesMax = 511

    /// Schemes accepted in files; DES, MD5 and NT hashes are not among them.
    ///
    /// The length is that of the characters after the last `$`.
    private static let schemes: [(prefix: String, tailLength: Int)] = [
        ("$6$", 86), ("$5$", 43), ("$y$", 43), ("$gy$", 43), ("$2b$", 53),
    ]

    /// Hashes with sha512-crypt and fresh salt.
    package static func make(_ password: [UInt8]) throws(PasswordHashError) -> String {
        let phrase = try terminated(password)
        var setting = [CChar](repeating: 0, count: Int(CLINUX_HASH_BYTES))
        guard unsafe clinux_crypt_setting("$6$", &setting) == 0, let hash = crypt(phrase, setting), isWellFormed(hash)
        else { throw .unavailable }
        return hash
    }

    /// Whether `password` is the one behind `hash`; false for a malformed hash, in constant time otherwise.
    package static func verify(_ password: [UInt8], against hash: String) -> Bool {
        guard isWellFormed(hash), let phrase = try? terminated(password) else { return false }
        guard let got = crypt(phrase, hash.utf8.map { CChar(bitPattern: $0) } + [0]) else { return false }
        let left = Array(got.utf8)
        let right = Array(hash.utf8)
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }

    /// Whether `hash` is of an accepted scheme and complete; says nothing about any password.
    package static func isWellFormed(_ hash: String) -> Bool {
        guard let scheme = schemes.first(where: { hash.hasPrefix($0.prefix) }), hash.utf8.count <= 255
        else { return false }
        let fields = hash.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        let isClean = hash.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }
        return isClean && (4...5).contains(fields.count) && fields.last?.count == scheme.tailLength
    }

    private static func terminated(_ password: [UInt8]) throws(PasswordHashError) -> [CChar] {
        guard !password.isEmpty else { throw .empty }
        guard !password.contains(0) else { throw .containsNUL }
        guard password.count <= passwordBytesMax else { throw .tooLong(limitBytes: passwordBytesMax) }
        return password.map { CChar(bitPattern: $0) } + [0]
    }

    private static func crypt(_ phrase: [CChar], _ setting: [CChar]) -> String? {
        var hash = [CChar](repeating: 0, count: Int(CLINUX_HASH_BYTES))
        // SAFETY: both strings end in NUL, and the array is as long as the shim asks.
        guard unsafe clinux_crypt(phrase, setting, &hash) == 0 else { return nil }
        return String(decoding: hash.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
