// SPDX-License-Identifier: Apache-2.0
import Base
import TestKit
import Testing

@testable import eigctl

@Suite("What leaves the host")
struct ScrubberTests {
    static let secret = "correct-horse+battery/staple"

    func scrubbed(_ text: String, knowing secrets: [String] = [secret]) -> String {
        var scrubber = Scrubber()
        for secret in secrets { scrubber.learn(Array(secret.utf8)) }
        return String(decoding: scrubber.scrub(Array(text.utf8)).text, as: UTF8.self)
    }

    @Test("holds no known secret, as it is or in hex")
    func known() {
        let hex = Hex.encode(Array(Self.secret.utf8))
        for form in [Self.secret, hex, hex.uppercased()] {
            #expect(scrubbed("before \(form) after \(form)") == "before [REDACTED] after [REDACTED]")
        }
        #expect(scrubbed("nothing here") == "nothing here")
    }

    @Test("holds no known secret in base 64, wherever it stands in what was encoded", arguments: 0..<6, 0..<4)
    func base64(before: Int, after: Int) throws {
        let whole =
            [UInt8](repeating: 65, count: before) + Array(Self.secret.utf8) + [UInt8](repeating: 66, count: after)
        let text = Base64.encode(whole)
        let clean = scrubbed("x: \(text) y")
        #expect(clean.contains("[REDACTED]"), "\(text)")
        // What is left around it gives away four characters of the secret at most.
        let left = clean.dropFirst(3).dropLast(2).split(separator: "[REDACTED]", omittingEmptySubsequences: false)
        #expect(left.count == 2 && left[0].count <= (before + 2) / 3 * 4 && left[1].count <= (after + 2) / 3 * 4 + 4)
        let url = text.replacing("+", with: "-").replacing("/", with: "_")
        #expect(scrubbed(url).contains("[REDACTED]"))
    }

    @Test("holds neither the hash of a credential nor each line of a key, and keeps names")
    func parts() {
        let hash = "$6$abcdefgh$0123456789abcdefghijklmnopqrstuvwxyz"
        #expect(scrubbed("mobicash uses \(hash)", knowing: ["mobicash:\(hash)"]) == "mobicash uses [REDACTED]")
        let key = String(decoding: Minted.make(.leaf("x")).keyPEM, as: UTF8.self)
        for line in key.split(separator: "\n") where !line.hasPrefix("-") {
            #expect(!scrubbed("<\(line)>", knowing: [key]).contains(line))
        }
        #expect(scrubbed("@a @b", knowing: [#"@a @b : PSK "0123456789abcdef""#]) == "@a @b")
        #expect(scrubbed("x0123456789abcdefx", knowing: [#"@a @b : PSK "0123456789abcdef""#]) == "x[REDACTED]x")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let want: String
        var testDescription: String { text }

        init(_ text: String, _ want: String) {
            self.text = text
            self.want = want
        }
    }

    static let lookCases: [Case] = [
        Case("password=hunter2", "password=[REDACTED]"),
        Case("PASSWORD: hunter2 and more", "PASSWORD: [REDACTED] and more"),
        Case(#"{"password": "hunter2", "n": 1}"#, #"{"password": "[REDACTED]", "n": 1}"#),
        Case(#"{\"secret\":\"hunter2\"}"#, #"{\"secret\":\"[REDACTED]"}"#),
        Case("X-PASSWORD: ab\r", "X-PASSWORD: [REDACTED]\r"),
        Case("Authorization: Basic dXNlcjpwYXNz", "Authorization: [REDACTED]"),
        Case(#"@a : PSK "x y""#, #"@a : PSK "[REDACTED] y""#),
        Case("$6$salt$0123456789abcdef/.", "[REDACTED]"),
        Case("a $5$rounds=5000$salt$0123456789abc b", "a [REDACTED] b"),
        Case("a token of thanks", "a token [REDACTED] thanks"),
        Case("passwords are hashed", "passwords are hashed"),
        Case("costs $5 or $6", "costs $5 or $6"),
        Case("-----BEGIN PRIVATE KEY-----\nAAAA\nBBBB\n-----END PRIVATE KEY-----\nx", "[REDACTED]\nx"),
        Case("-----BEGIN EC PRIVATE KEY-----\nAAAA", "[REDACTED]"),
        Case("-----BEGIN CERTIFICATE-----\nAAAA", "-----BEGIN CERTIFICATE-----\nAAAA"),
        Case("", ""),
    ]

    @Test("holds nothing that looks like a secret", arguments: lookCases)
    func looks(_ testCase: Case) {
        #expect(scrubbed(testCase.text, knowing: []) == testCase.want)
    }

    static let commentCases: [Case] = [
        Case("a = 1 # password\n# all\nb = \"x # y\"\n", "a = 1 \n\nb = \"x # y\"\n"),
        Case("a = 'x # y' # z", "a = 'x # y' "), Case(#"a = "x \" # y" # z"#, #"a = "x \" # y" "#),
        Case("a = \"\"\"\nx # y\n\"\"\" # z\n", "a = \"\"\"\nx # y\n\"\"\" \n"),
        Case("broken = \"no end # x\nb = 1 # z", "broken = \"no end # x\nb = 1 "),
    ]

    @Test("holds no comment of a configuration file", arguments: commentCases)
    func comments(_ testCase: Case) {
        #expect(TOMLComments.removed(testCase.text) == testCase.want)
    }
}
