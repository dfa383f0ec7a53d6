// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import LinuxIO
internal import Partners
internal import TLS

/// What `eigctl credential` writes for `--json`.
package struct CredentialDocument: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    package var scheme: String
    /// The one line of the credential file, without its newline.
    package var line: String
}

extension Verb {
    private static let scheme = OptionRule(
        "--scheme",
        value: "SCHEME",
        "`terrapay` or `basic`, as the partner file says [terrapay]"
    )

    /// `eigctl credential`: the line a credential file holds.
    static let credential = Verb(
        "credential",
        operands: "USER",
        operandCount: 1...1,
        summary: "make the line of a credential file from a password",
        details: [
            "Asks twice for the password without showing it, or reads it from standard input when that is not a "
                + "terminal (one newline at its end does not count), and writes `USER:HASH`, the hash salted and "
                + "slow (sha512-crypt). The password itself is kept nowhere.",
            "With scheme terrapay partners send not the password but its SHA-256 in hex, so that is what is "
                + "hashed.",
        ],
        options: [scheme],
        examples: [
            "eigctl credential payfast > /etc/eig/credentials/payfast.credential",
            "eigctl credential mobicash --scheme basic < password.txt",
        ]
    ) { invocation throws(Failure) in
        let word = invocation.value(scheme) ?? CredentialRule.Scheme.terrapay.rawValue
        guard let chosen = CredentialRule.Scheme(rawValue: word), chosen != .none else {
            throw .usage("`--scheme` is `\(word.printable)`", hint: "write `terrapay` or `basic`")
        }
        let user = invocation.operands[0]
        guard (1...128).contains(user.utf8.count),
            user.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") })
        else { throw .usage("the user name must be 1 to 128 printable ASCII characters without colon or space") }
        var password = try PasswordQuestion.ask(invocation.console)
        if chosen == .terrapay { password = Array(Hex.encode(Digest.sha256(password)).utf8) }
        let line: String
        do throws(PasswordHashError) {
            line = "\(user):\(try PasswordHash.make(password))"
        } catch {
            throw Failure(code: "bad_password", message: PasswordQuestion.sentence(error))
        }
        invariant((try? Credential(line)) != nil, "a credential line that no program would take")
        invocation.tell(CredentialDocument(scheme: chosen.rawValue, line: line), "\(line)\n")
        return .ok
    }
}

/// Getting a password out of somebody.
enum PasswordQuestion {
    static func ask(_ console: Console) throws(Failure) -> [UInt8] {
        var password = try console.readSecret("Password: ")
        if console.isInteractive {
            guard try console.readSecret("Once more: ") == password else {
                throw Failure(code: "passwords_differ", message: "the two passwords differ")
            }
        } else if password.last == UInt8(ascii: "\n") {
            password.removeLast()
            if password.last == UInt8(ascii: "\r") { password.removeLast() }
        }
        guard !password.isEmpty else { throw Failure(code: "bad_password", message: "the password is empty") }
        guard !password.contains(where: { $0 == UInt8(ascii: "\n") || $0 == 0 }) else {
            throw Failure(code: "bad_password", message: "the password has more than one line, or a zero byte")
        }
        return password
    }

    static func sentence(_ error: PasswordHashError) -> String {
        switch error {
        case .empty: "the password is empty"
        case .containsNUL: "the password has a zero byte"
        case .tooLong(let limitBytes): "the password has more than \(limitBytes) bytes"
        case .unavailable: "the C library has no sha512-crypt"
        }
    }
}
