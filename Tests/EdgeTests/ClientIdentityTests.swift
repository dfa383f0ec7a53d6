// SPDX-License-Identifier: Apache-2.0
import Base
import HTTP
import LinuxIO
import Partners
import Testing

@testable import Edge

@Suite("What a worker remembers of a client certificate")
struct ClientIdentityTests {
    private final class Request {
        var head = RequestHead()
        let bytes: [UInt8]

        init(_ fields: String...) {
            let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields.map { $0 + "\r\n" }.joined())\r\n".utf8)
            self.bytes = bytes
            var parser = RequestParser()
            let outcome = parser.parse(bytes.span, into: &head)
            #expect(outcome == .complete)
        }

        func isProven(_ identity: ClientIdentity, _ hash: String) -> Bool {
            let bytes = bytes
            return identity.proof.holds(hash, in: head, bytes.span)
        }
    }

    private static func identity(
        _ scheme: CredentialRule.Scheme,
        _ request: Request,
        _ hash: String = "$6$a"
    ) -> ClientIdentity {
        let identity = ClientIdentity(certificate: Fixture.certificate())
        let bytes = request.bytes
        identity.proof.prove(hash, by: scheme, in: request.head, bytes.span)
        return identity
    }

    @Test("is its DER as backends get it (RFC 9440)")
    func field() {
        let identity = ClientIdentity(certificate: Fixture.certificate())
        #expect(String(decoding: identity.headLine, as: UTF8.self) == "Client-Cert: :MAMCAQU=:\r\n")
    }

    @Test("is no credential before one was proven")
    func unproven() {
        let identity = ClientIdentity(certificate: Fixture.certificate())
        #expect(!Request().isProven(identity, ""))
        #expect(!Request("Authorization: Basic YTpi").isProven(identity, "$6$a"))
        let none = Self.identity(.none, Request("Authorization: Basic YTpi"))
        #expect(!Request("Authorization: Basic YTpi").isProven(none, "$6$a"))
    }

    @Test("is one credential, to the byte, against one hash")
    func basic() {
        let identity = Self.identity(.basic, Request("Authorization: Basic YTpi"))
        #expect(Request("Authorization: Basic YTpi").isProven(identity, "$6$a"))
        #expect(Request("X-A: 1", "authorization: Basic YTpi").isProven(identity, "$6$a"))
        for field in ["Basic YTpj", "Basic YTp", "Basic YTpiYQ==", "basic YTpi", "Basic"] {
            #expect(!Request("Authorization: \(field)").isProven(identity, "$6$a"), "\(field)")
        }
        #expect(!Request().isProven(identity, "$6$a"))
        #expect(!Request("Authorization: Basic YTpi").isProven(identity, "$6$b"), "the file has changed")
    }

    @Test("is both fields, where there are two")
    func terrapay() {
        let identity = Self.identity(.terrapay, Request("X-USERNAME: payfast", "X-PASSWORD: 00ff"))
        #expect(Request("X-USERNAME: payfast", "X-PASSWORD: 00ff").isProven(identity, "$6$a"))
        #expect(Request("X-PASSWORD: 00ff", "X-Username: payfast").isProven(identity, "$6$a"))
        #expect(!Request("X-USERNAME: payfast").isProven(identity, "$6$a"))
        #expect(!Request("X-PASSWORD: 00ff").isProven(identity, "$6$a"))
        #expect(!Request("X-USERNAME: payfasT", "X-PASSWORD: 00ff").isProven(identity, "$6$a"))
        #expect(!Request("X-USERNAME: payfast", "X-PASSWORD: 00fe").isProven(identity, "$6$a"))
    }
}
