// SPDX-License-Identifier: Apache-2.0
import Base
import Partners
import Testing

@Suite("An endpoint's URL")
struct EndpointURLTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let want: Result<String, EndpointURL.Flaw>
        var testDescription: String { text }

        init(_ text: String, _ want: String) {
            self.text = text
            self.want = .success(want)
        }

        init(_ text: String, _ flaw: EndpointURL.Flaw) {
            self.text = text
            want = .failure(flaw)
        }
    }

    /// Wanted: host, port and path, then the authority.
    static let cases: [Case] = [
        Case("https://a.example", "a.example 443  a.example"),
        Case("https://a.example/", "a.example 443 / a.example"),
        Case("https://a.example:443/x", "a.example 443 /x a.example"),
        Case("https://a.example:8443/x/y.z~", "a.example 8443 /x/y.z~ a.example:8443"),
        Case("https://192.0.2.1:8443", "192.0.2.1 8443  192.0.2.1:8443"),
        Case("https://[2001:DB8::1]:8443/x", "2001:db8::1 8443 /x [2001:db8::1]:8443"),
        Case("https://[2001:db8::1]", "2001:db8::1 443  [2001:db8::1]"),
        Case("http://a.example", .scheme),
        Case("HTTPS://a.example", .scheme),
        Case("//a.example", .scheme),
        Case("https://u@a.example", .userInfo),
        Case("https://u:p@a.example", .userInfo),
        Case("https://a.example?x", .query),
        Case("https://a.example/#x", .fragment),
        Case("https://", .host),
        Case("https:///x", .host),
        Case("https://A.example", .host),
        Case("https://a_b.example", .host),
        Case("https://a.example.", .host),
        Case("https://-a.example", .host),
        Case("https://192.0.2.256", .host),
        Case("https://1.2.3", .host),
        Case("https://[192.0.2.1]", .host),
        Case("https://[2001:db8::1", .host),
        Case("https://2001:db8::1", .host),
        Case("https://a.example:", .port),
        Case("https://a.example:0", .port),
        Case("https://a.example:65536", .port),
        Case("https://a.example:+1", .port),
        Case("https://a.example/a//b", .path),
        Case("https://a.example/../b", .path),
        Case("https://a.example/a/.", .path),
        Case("https://a.example/%2e", .path),
        Case("https://a.example/a b", .path),
        Case("https://a.example/é", .path),
        Case("https://a.example/a\\b", .path),
        Case("https://a.example\r\nX: y", .port),
        Case("https://a.example\n", .host),
        Case("https://a.example/" + String(repeating: "x", count: 1024), .path),
    ]

    @Test("is https with a host, perhaps a port and a plain path, and nothing else", arguments: cases)
    func parses(_ testCase: Case) {
        let got = Result { () throws(EndpointURL.Flaw) in try EndpointURL(testCase.text) }
        #expect(got.map { "\($0.host) \($0.port) \($0.path) \($0.authority)" } == testCase.want)
    }

    @Test("knows when its host is an address")
    func address() throws {
        #expect(try EndpointURL("https://[2001:db8::1]").address == IPAddress("2001:db8::1"))
        #expect(try EndpointURL("https://a.example").address == nil)
    }
}

@Suite("A credential file")
struct CredentialTests {
    private static let digest = String(repeating: "./Az09", count: 14) + "ab"

    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let flaw: Credential.Flaw?
        var testDescription: String { text.debugDescription }
    }

    static let cases: [Case] = [
        Case(text: "payfast:$6$salt$\(digest)", flaw: nil),
        Case(text: "payfast:$6$salt$\(digest)\n", flaw: nil),
        Case(text: "pay fast:$6$salt$\(digest)", flaw: .user),
        Case(text: "p@y!:$6$rounds=5000$0123456789abcdef$\(digest)\n", flaw: nil),
        Case(text: "", flaw: .notOneLine),
        Case(text: "\n", flaw: .notOneLine),
        Case(text: "a:$6$s$\(digest)\n\n", flaw: .notOneLine),
        Case(text: "a:$6$s$\(digest)\r\n", flaw: .notOneLine),
        Case(text: "# a\na:$6$s$\(digest)", flaw: .notOneLine),
        Case(text: "$6$s$\(digest)", flaw: .user),
        Case(text: ":$6$s$\(digest)", flaw: .user),
        Case(text: "payfast:secret", flaw: .plain),
        Case(text: "payfast:", flaw: .plain),
        Case(text: "payfast:$1$salt$\(digest)", flaw: .hash),
        Case(text: "payfast:$6$$\(digest)", flaw: .hash),
        Case(text: "payfast:$6$0123456789abcdefg$\(digest)", flaw: .hash),
        Case(text: "payfast:$6$salt$\(digest.dropLast())", flaw: .hash),
        Case(text: "payfast:$6$salt$\(digest.dropLast())!", flaw: .hash),
        Case(text: "payfast:$6$salt$\(digest)$", flaw: .hash),
        Case(text: "payfast:$6$rounds=999$salt$\(digest)", flaw: .rounds),
        Case(text: "payfast:$6$rounds=1000001$salt$\(digest)", flaw: .rounds),
        Case(text: "payfast:$6$rounds=05000$salt$\(digest)", flaw: .rounds),
    ]

    @Test("is one line with a user name and a salted hash, never a password", arguments: cases)
    func parses(_ testCase: Case) {
        let got = Result { () throws(Credential.Flaw) in try Credential(testCase.text) }
        switch got {
        case .success(let credential):
            #expect(testCase.flaw == nil)
            #expect("\(credential.user):\(credential.hash)" == testCase.text.replacing("\n", with: ""))
        case .failure(let flaw):
            #expect(flaw == testCase.flaw)
            #expect(flaw.code == (flaw == .plain ? .credentialPlain : .credential))
        }
    }

    @Test("is what openssl passwd -6 makes")
    func openssl() throws {
        let hash =
            "$6$NaCl$wgUT.rFtuFRzXtzjaakQ6lE.TCT0Xxym5UHcUwqQ5Bn9ZZpLjv0cFjJO1wZkQ6aY.TmOUuozSJ0cmnWQ.k16U1"
        #expect(try Credential("payfast:\(hash)\n").hash == hash)
    }
}

@Suite("Revoked certificates")
struct RevokedCertificateTests {
    @Test("are one value however a serial number is spelt")
    func spelling() {
        #expect(RevokedCertificate("0A:1B:2c") == .serial("a1b2c"))
        #expect(RevokedCertificate("a1b2c") == .serial("a1b2c"))
        #expect(RevokedCertificate("00") == .serial("0"))
        #expect(RevokedCertificate("") == nil)
        #expect(RevokedCertificate("0x1b") == nil)
        #expect(RevokedCertificate(String(repeating: "a", count: 41)) == nil)
        #expect(RevokedCertificate("sha256:00") == nil)
        let pin = "sha256:" + String(repeating: "0f", count: 32)
        #expect(RevokedCertificate(pin) == KeyPin(pin).map { .key($0) })
        #expect(KeyPin(pin)?.description == pin)
    }
}

@Suite("Spelling")
struct SpellingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let word: String
        let want: String?
        var testDescription: String { word }
    }

    static let candidates = ["requests-per-second", "burst", "concurrent", "body-bytes", "to"]

    static let cases: [Case] = [
        Case(word: "busrt", want: "burst"),
        Case(word: "burts", want: "burst"),
        Case(word: "bursts", want: "burst"),
        Case(word: "Burst", want: "burst"),
        Case(word: "body_bytes", want: "body-bytes"),
        Case(word: "requests-per-sec", want: "requests-per-second"),
        Case(word: "ot", want: "to"),
        Case(word: "x", want: nil),
        Case(word: "timeout", want: nil),
        Case(word: "", want: nil),
        Case(word: String(repeating: "b", count: 65), want: nil),
    ]

    @Test("guesses slips and nothing wilder", arguments: cases)
    func guesses(_ testCase: Case) {
        #expect(Spelling.nearest(to: testCase.word, among: Self.candidates) == testCase.want)
    }
}
