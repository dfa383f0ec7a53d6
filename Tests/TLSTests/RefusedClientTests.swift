// SPDX-License-Identifier: Apache-2.0
import Base
import COpenSSL
import TLS
import TestKit
import Testing

@Suite("A server refuses")
struct RefusedClientTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var identity: Minted?
        var omitsIntermediates = false
        /// What the library says of the chain; nothing where there was none to verify.
        let verifyError: String?
        let reason: String
        /// What the client is told.
        let alert: String
        var testDescription: String { name }
    }

    static let intermediate = Minted.make(.authority("PayFast Issuing"), by: World.payfastCA)
    static let shortCA = Minted.make(.authority("MobiCash Short", pathLength: 0), by: World.mobicashCA)
    static let belowShort = Minted.make(.authority("MobiCash Below"), by: shortCA)
    static let impostorCA = Minted.make(.authority("PayFast CA"))
    static let plainLeaf = Minted.make(.leaf("reports.payfast.example"), by: World.payfastCA)

    static let cases: [Case] = [
        Case(
            name: "no certificate",
            verifyError: nil,
            reason: "peer did not return a certificate",
            alert: "certificate required"
        ),
        Case(
            name: "a certificate by an unknown CA",
            identity: Minted.make(.leaf("edge.payfast.example"), by: World.strangerCA),
            verifyError: "unable to get local issuer certificate",
            reason: "certificate verify failed",
            alert: "unknown ca"
        ),
        Case(
            name: "a certificate of its own making",
            identity: Minted.make(.leaf("edge.payfast.example")),
            verifyError: "self-signed certificate",
            reason: "certificate verify failed",
            alert: "unknown ca"
        ),
        Case(
            name: "a CA that only has the name of a known one",
            identity: Minted.make(.leaf("edge.payfast.example"), by: impostorCA),
            verifyError: "certificate signature failure",
            reason: "certificate verify failed",
            alert: "decrypt error"
        ),
        Case(
            name: "an expired certificate",
            identity: Minted.make(
                .leaf("edge.payfast.example").with {
                    $0.notBefore = -7200
                    $0.notAfter = -60
                },
                by: World.payfastCA
            ),
            verifyError: "certificate has expired",
            reason: "certificate verify failed",
            alert: "certificate expired"
        ),
        Case(
            name: "a certificate that is not valid yet",
            identity: Minted.make(.leaf("edge.payfast.example").with { $0.notBefore = 3600 }, by: World.payfastCA),
            verifyError: "certificate is not yet valid",
            reason: "certificate verify failed",
            alert: "bad certificate"
        ),
        Case(
            name: "a chain without its intermediate",
            identity: Minted.make(.leaf("edge.payfast.example"), by: intermediate),
            omitsIntermediates: true,
            verifyError: "unable to get local issuer certificate",
            reason: "certificate verify failed",
            alert: "unknown ca"
        ),
        Case(
            name: "a chain longer than its CA allows",
            identity: Minted.make(.leaf("edge.mobicash.example"), by: belowShort),
            verifyError: "path length constraint exceeded, 2 above the leaf",
            reason: "certificate verify failed",
            alert: "unknown ca"
        ),
        Case(
            name: "a certificate issued by a leaf",
            identity: Minted.make(.leaf("edge.payfast.example"), by: plainLeaf),
            verifyError: "invalid CA certificate, 1 above the leaf",
            reason: "certificate verify failed",
            alert: "unknown ca"
        ),
        Case(
            name: "a key that is too small",
            identity: Minted.make(
                .leaf("edge.payfast.example").with { $0.key = .rsa(bits: 1024) },
                by: World.payfastCA
            ),
            verifyError: "EE certificate key too weak",
            reason: "certificate verify failed",
            alert: "bad certificate"
        ),
        Case(
            name: "an intermediate signed with SHA-1",
            identity: Minted.make(
                .leaf("edge.payfast.example"),
                by: Minted.make(.authority("PayFast Old").with { $0.digest = "SHA1" }, by: World.payfastCA)
            ),
            verifyError: "CA signature digest algorithm too weak, 1 above the leaf",
            reason: "certificate verify failed",
            alert: "bad certificate"
        ),
    ]

    @Test("whom it cannot verify, tells why and tells the client", arguments: cases)
    func refuses(_ testCase: Case) throws {
        var server = Wire.Side(Session(server: try ServerContext(World.serverSettings())))
        let client = OpenSSLPeer(
            OpenSSLPeer.Options().with {
                $0.identity = testCase.identity
                $0.omitsIntermediates = testCase.omitsIntermediates
            }
        )
        server.talk(to: client)
        let failed = server.failure
        let failure = try #require(failed)
        #expect(failure.kind == .handshake)
        #expect(failure.reasons.last == testCase.reason)
        #expect(failure.verifyError == testCase.verifyError)
        #expect(failure.peer?.der == testCase.identity?.der)
        #expect(failure.peer?.anchorSHA256 == nil)
        #expect(server.session.peer == nil)
        #expect(client.reasons.contains { $0.hasSuffix("alert \(testCase.alert)") }, "\(client.reasons)")
        #expect(server.plaintext.count == 0)
    }

    @Test("the same over TLS 1.2", arguments: cases)
    func refusesOld(_ testCase: Case) throws {
        var server = Wire.Side(Session(server: try ServerContext(World.serverSettings())))
        let client = OpenSSLPeer(
            OpenSSLPeer.Options().with {
                $0.identity = testCase.identity
                $0.omitsIntermediates = testCase.omitsIntermediates
                $0.versionMax = TLS1_2_VERSION
            }
        )
        server.talk(to: client)
        let failure = server.failure
        #expect(failure?.verifyError == testCase.verifyError)
        #expect(failure?.reasons.last == testCase.reason)
        #expect(failure?.peer?.der == testCase.identity?.der)
        #expect(!server.session.isEstablished && !client.isEstablished)
        #expect(client.reasons.contains { $0.contains("alert") }, "\(client.reasons)")
    }
}
