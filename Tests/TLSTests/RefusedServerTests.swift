// SPDX-License-Identifier: Apache-2.0
import Base
import TLS
import TestKit
import Testing

@Suite("A client")
struct RefusedServerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let identity: Minted
        var calls = "edge.example"
        /// Nothing where the server must be taken.
        let verifyError: String?
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "takes the name it called", identity: World.edge, verifyError: nil),
        Case(
            name: "takes any case of it",
            identity: Minted.make(.leaf("EDGE.example"), by: World.edgeCA),
            calls: "edge.EXAMPLE",
            verifyError: nil
        ),
        Case(
            name: "takes a wildcard label",
            identity: Minted.make(.leaf("*.partners.example"), by: World.edgeCA),
            calls: "edge.partners.example",
            verifyError: nil
        ),
        Case(
            name: "takes an address it called",
            identity: Minted.make(.leaf("edge").with { $0.alternativeNames = "IP:192.0.2.7" }, by: World.edgeCA),
            calls: "192.0.2.7",
            verifyError: nil
        ),
        Case(
            name: "refuses another name",
            identity: World.edge,
            calls: "edge.other.example",
            verifyError: "hostname mismatch"
        ),
        Case(
            name: "refuses an address the certificate has not",
            identity: World.edge,
            calls: "192.0.2.7",
            verifyError: "IP address mismatch"
        ),
        Case(
            name: "refuses a name in the subject only",
            identity: Minted.make(
                .leaf("edge.example").with { $0.alternativeNames = nil },
                by: World.edgeCA
            ),
            verifyError: "hostname mismatch"
        ),
        Case(
            name: "refuses a wildcard over everything",
            identity: Minted.make(.leaf("*.example"), by: World.edgeCA),
            verifyError: "hostname mismatch"
        ),
        Case(
            name: "refuses part of a wildcard label",
            identity: Minted.make(.leaf("e*.example"), by: World.edgeCA),
            verifyError: "hostname mismatch"
        ),
        Case(
            name: "refuses a name that hides behind a NUL",
            identity: Minted.make(
                .leaf("evil").with {
                    $0.alternativeNames = nil
                    $0.alternativeNamesDER = Recipe.dnsNames(["edge.example\0.evil.example"])
                },
                by: World.edgeCA
            ),
            verifyError: "hostname mismatch"
        ),
        Case(
            name: "refuses another CA",
            identity: Minted.make(.leaf("edge.example"), by: World.payfastCA),
            verifyError: "unable to get local issuer certificate"
        ),
        Case(
            name: "refuses a certificate for clients",
            identity: World.edgeAsClient,
            verifyError: "unsuitable certificate purpose"
        ),
        Case(
            name: "refuses an expired certificate",
            identity: Minted.make(.leaf("edge.example").with { $0.notAfter = -1 }, by: World.edgeCA),
            verifyError: "certificate has expired"
        ),
    ]

    @Test("verifies whom it called", arguments: cases)
    func verifies(_ testCase: Case) throws {
        let settings = World.serverSettings {
            $0.certificateChainPEM = testCase.identity.chainPEM
            $0.keyPEM = testCase.identity.keyPEM
        }
        var wire = Wire(
            server: try ServerContext(settings),
            client: try ClientContext(World.clientSettings()),
            serverName: testCase.calls
        )
        try wire.shake()
        let failure = wire.client.failure
        #expect(failure?.verifyError == testCase.verifyError)
        #expect((failure == nil) == (testCase.verifyError == nil))
        if testCase.verifyError == nil {
            #expect(wire.server.progress == .established)
            #expect(wire.client.progress == .established)
            #expect(
                wire.server.session.serverName == (testCase.calls == "192.0.2.7" ? nil : testCase.calls.lowercased())
            )
        } else {
            #expect(failure?.kind == .handshake)
            #expect(failure?.peer?.der == testCase.identity.der)
            let isEstablished = wire.server.session.isEstablished
            #expect(!isEstablished)
            // The alert came across.
            #expect(wire.server.failure?.reasons.contains { $0.contains("alert") } == true)
        }
    }

    @Test("learns that its certificate was refused as a failed handshake")
    func lateRefusal() throws {
        var wire = try World.wire(client: Minted.make(.leaf("x.example", purposes: "clientAuth"), by: World.strangerCA))
        try wire.shake()
        let failure = wire.client.failure
        // TLS 1.3 clients are established before the server judges them.
        let isEstablished = wire.client.session.isEstablished
        #expect(isEstablished)
        #expect(failure?.kind == .handshake)
        #expect(failure?.reasons == ["tlsv1 alert unknown ca"])
    }

    @Test("shows no certificate when it has none, and a server that wants none does not ask")
    func anonymous() throws {
        var wire = Wire(
            server: try ServerContext(World.serverSettings { $0.requiresClientCertificate = false }),
            client: try ClientContext(World.clientSettings(nil))
        )
        try wire.shake()
        #expect(wire.server.progress == .established)
        #expect(wire.server.session.peer == nil)
    }
}
