// SPDX-License-Identifier: Apache-2.0
internal import TOML

/// A user name and the salted hash of the password that belongs to it: one line, `USER:$6$SALT$HASH`.
///
/// The hash is SHA-512 crypt (crypt(5)), as `openssl passwd -6` and `mkpasswd -m sha-512` make it. For scheme
/// `terrapay` the password is what arrives in `X-PASSWORD`: the SHA-256 of the partner's password, 64 hex digits in
/// lower case.
package struct Credential: Hashable, Sendable {
    /// 1 to 128 printable ASCII characters without colon or space.
    package let user: String
    /// The whole crypt(3) string, salt included.
    package let hash: String

    /// Why a text is not a credential.
    package enum Flaw: Error, Hashable, Sendable {
        case notOneLine
        case user
        /// The second half is not a hash at all: most likely the password itself.
        case plain
        case hash
        case rounds
    }

    /// Rounds beyond this cost a worker more than 200 ms for each new password.
    package static let roundsMax = 1_000_000

    /// - Throws: the first ``Flaw``.
    package init(_ text: String) throws(Flaw) {
        var line = Substring(text)
        if line.hasSuffix("\n") { line.removeLast() }
        guard !line.isEmpty, !line.contains(where: \.isNewline) else { throw .notOneLine }
        guard let colon = line.firstIndex(of: ":") else { throw .user }
        let user = line[..<colon]
        let hash = line[line.index(after: colon)...]
        guard (1...128).contains(user.utf8.count), user.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { throw .user }
        guard hash.hasPrefix("$") else { throw .plain }
        try Self.check(hash)
        self.user = String(user)
        self.hash = String(hash)
    }

    /// `$6$[rounds=N$]SALT$HASH`: 1 to 16 characters of salt, 86 of hash.
    private static func check(_ text: Substring) throws(Flaw) {
        var fields = text.dropFirst().split(separator: "$", omittingEmptySubsequences: false)
        guard fields.first == "6" else { throw .hash }
        fields.removeFirst()
        if let first = fields.first, first.hasPrefix("rounds=") {
            let digits = first.dropFirst("rounds=".count)
            guard let rounds = Int(digits), String(rounds) == digits, (1000...roundsMax).contains(rounds) else {
                throw .rounds
            }
            fields.removeFirst()
        }
        guard fields.count == 2, (1...16).contains(fields[0].utf8.count), fields[1].utf8.count == 86,
            fields.allSatisfy({ $0.utf8.allSatisfy(isCryptCharacter) })
        else { throw .hash }
    }

    private static func isCryptCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"): true
        default: false
        }
    }
}

extension Credential.Flaw {
    package var code: DiagnosticCode { self == .plain ? .credentialPlain : .credential }

    package var message: String {
        switch self {
        case .notOneLine: "the credential file must hold exactly one line"
        case .user: "the line must begin with a user name and a colon"
        case .plain: "the password is not hashed"
        case .hash: "what follows the colon is not a SHA-512 crypt hash"
        case .rounds: "the rounds must be 1000 to \(Credential.roundsMax)"
        }
    }

    package var hint: String { "write one line: USER, a colon, and the output of `openssl passwd -6`" }
}
