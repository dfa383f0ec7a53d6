// SPDX-License-Identifier: Apache-2.0
import Base
import HTTP
import Partners
import Testing

@testable import Edge

@Suite("A presented credential")
struct PresentedCredentialTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let sentence: String
        let scheme: CredentialRule.Scheme
        let fields: [String]
        /// User and password, or nothing when there is none.
        let want: [String]?
        var testDescription: String { sentence }

        init(_ sentence: String, _ scheme: CredentialRule.Scheme, _ fields: [String], _ want: [String]?) {
            self.sentence = sentence
            self.scheme = scheme
            self.fields = fields
            self.want = want
        }
    }

    private static let digits = String(repeating: "0123456789abcdef", count: 4)

    static let cases: [Case] = [
        Case(
            "the example of RFC 7617",
            .basic,
            ["Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="],
            ["Aladdin", "open sesame"]
        ),
        Case("its scheme in capitals", .basic, ["AUTHORIZATION: BASIC YTpi"], ["a", "b"]),
        Case("its scheme in small letters", .basic, ["authorization: basic YTpi"], ["a", "b"]),
        Case("a password with colons", .basic, ["Authorization: Basic YTpiOmM6"], ["a", "b:c:"]),
        Case("an empty password", .basic, ["Authorization: Basic YTo="], ["a", ""]),
        Case("an empty user", .basic, ["Authorization: Basic OmI="], ["", "b"]),
        Case("a user's case is kept", .basic, ["Authorization: Basic QTpC"], ["A", "B"]),
        Case("no colon", .basic, ["Authorization: Basic YQ=="], nil),
        Case("nothing behind the scheme", .basic, ["Authorization: Basic"], nil),
        Case("no base 64", .basic, ["Authorization: Basic a:b"], nil),
        Case("base 64 without its padding", .basic, ["Authorization: Basic YTo"], nil),
        Case("base 64 with bits under its padding", .basic, ["Authorization: Basic YTp="], nil),
        Case("two spaces", .basic, ["Authorization: Basic  YTpi"], nil),
        Case("another scheme", .basic, ["Authorization: Bearer YTpi"], nil),
        Case("a scheme that begins like it", .basic, ["Authorization: BasicYTpi"], nil),
        Case("no such field", .basic, ["X-Username: a", "X-Password: \(digits)"], nil),
        Case("both fields", .terrapay, ["X-USERNAME: PayFast", "X-PASSWORD: \(digits)"], ["payfast", digits]),
        Case(
            "both in any case",
            .terrapay,
            ["x-username: payfast", "X-Password: \(digits.uppercased())"],
            ["payfast", digits]
        ),
        Case("no user", .terrapay, ["X-PASSWORD: \(digits)"], nil),
        Case("an empty user's name", .terrapay, ["X-USERNAME:", "X-PASSWORD: \(digits)"], nil),
        Case("no password", .terrapay, ["X-USERNAME: payfast"], nil),
        Case("a password that is no SHA-256", .terrapay, ["X-USERNAME: payfast", "X-PASSWORD: secret"], nil),
        Case("a digit too few", .terrapay, ["X-USERNAME: payfast", "X-PASSWORD: \(digits.dropLast())"], nil),
        Case("a digit too many", .terrapay, ["X-USERNAME: payfast", "X-PASSWORD: \(digits)0"], nil),
        Case("basic where terrapay is asked for", .terrapay, ["Authorization: Basic YTpi"], nil),
        Case("none is asked for", .none, ["Authorization: Basic YTpi"], nil),
    ]

    @Test("is read as its scheme says, or not at all", arguments: cases)
    func reads(_ testCase: Case) {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(testCase.fields.map { $0 + "\r\n" }.joined())\r\n".utf8)
        var parser = RequestParser()
        var head = RequestHead()
        guard case .complete = parser.parse(bytes.span, into: &head) else {
            Issue.record("the head was not taken")
            return
        }
        let got = PresentedCredential(testCase.scheme, head: head, bytes: bytes.span).map {
            [String(decoding: $0.user, as: UTF8.self), String(decoding: $0.password, as: UTF8.self)]
        }
        #expect(got == testCase.want)
    }

    @Test("is every scheme's", arguments: CredentialRule.Scheme.allCases)
    func complete(_ scheme: CredentialRule.Scheme) {
        #expect(Self.cases.contains { $0.scheme == scheme && ($0.want != nil || scheme == .none) })
    }

    struct Name: Sendable, CustomTestStringConvertible {
        let scheme: CredentialRule.Scheme
        let field: String
        let name: String
        let isSame: Bool
        var testDescription: String { "\(scheme) \(field) \(name)" }
    }

    /// `PayFast:x` and `payfast:x` as Basic.
    static let names: [Name] = [
        Name(scheme: .basic, field: "Authorization: Basic UGF5RmFzdDp4", name: "PayFast", isSame: true),
        Name(scheme: .basic, field: "Authorization: Basic UGF5RmFzdDp4", name: "payfast", isSame: false),
        Name(scheme: .basic, field: "Authorization: Basic UGF5RmFzdDp4", name: "PayFast2", isSame: false),
        Name(scheme: .terrapay, field: "X-USERNAME: PAYFAST", name: "PayFast", isSame: true),
        Name(scheme: .terrapay, field: "X-USERNAME: payfast", name: "PayFast", isSame: true),
        Name(scheme: .terrapay, field: "X-USERNAME: payfast2", name: "PayFast", isSame: false),
    ]

    @Test("names its user, in any case only where the scheme says so", arguments: names)
    func user(_ testCase: Name) {
        let password = testCase.scheme == .terrapay ? "X-PASSWORD: \(Self.digits)\r\n" : ""
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(testCase.field)\r\n\(password)\r\n".utf8)
        var parser = RequestParser()
        var head = RequestHead()
        _ = parser.parse(bytes.span, into: &head)
        let credential = PresentedCredential(testCase.scheme, head: head, bytes: bytes.span)
        #expect(credential?.isUser(testCase.name) == testCase.isSame)
    }
}
