// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Engine

@Suite("A failed handshake")
struct HandshakeFaultTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var reasons: [String] = []
        var verifyError: String?
        let want: HandshakeFault
        var testDescription: String { verifyError ?? reasons.joined(separator: "; ") }
    }

    static let cases = [
        Case(reasons: ["peer did not return a certificate"], want: .certificateMissing),
        Case(reasons: ["certificate verify failed"], verifyError: "certificate has expired", want: .certificateExpired),
        Case(verifyError: "certificate is not yet valid", want: .certificateExpired),
        Case(verifyError: "unable to get local issuer certificate", want: .authorityUnknown),
        Case(verifyError: "self-signed certificate in certificate chain", want: .authorityUnknown),
        Case(verifyError: "unsuitable certificate purpose", want: .certificateInvalid),
        Case(reasons: ["tlsv1 alert unknown ca"], want: .alert),
        Case(reasons: ["sslv3 alert bad certificate"], want: .alert),
        Case(reasons: ["http request"], want: .notTLS),
        Case(reasons: ["wrong version number"], want: .notTLS),
        Case(reasons: ["unsupported protocol"], want: .parameters),
        Case(reasons: ["no shared cipher"], want: .parameters),
        Case(reasons: ["no suitable signature algorithm"], want: .parameters),
        Case(reasons: ["unexpected eof while reading"], want: .closed),
        Case(reasons: ["bad signature"], want: .certificateInvalid),
        Case(reasons: ["decryption failed or bad record mac"], want: .other),
        Case(want: .other),
    ]

    @Test("is counted under what a person can act on", arguments: cases)
    func kinds(_ testCase: Case) {
        #expect(HandshakeFault(reasons: testCase.reasons, verifyError: testCase.verifyError) == testCase.want)
    }

    @Test("has a label of its own for each kind")
    func labels() {
        #expect(Set(HandshakeFault.allCases.map { "\($0.code)" }).count == HandshakeFault.count)
    }
}
