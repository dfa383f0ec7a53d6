// SPDX-License-Identifier: Apache-2.0
import Base
import TLS
import TestKit
import Testing

@Suite("A context")
struct ContextTests {
    static func serverError(_ change: (inout ServerTLSSettings) -> Void) -> TLSSetupError? {
        do throws(TLSSetupError) {
            _ = try ServerContext(World.serverSettings(change))
            return nil
        } catch { return error }
    }

    @Test("tells its own certificate and the groups the library has")
    func tells() throws {
        let wanted = ["X25519MLKEM768-not-here", "X25519", "P-256"]
        let context = try ServerContext(World.serverSettings { $0.groups = wanted })
        #expect(context.usableGroups == ["X25519", "P-256"])
        #expect(context.certificate.dnsNames == ["edge.example"])
        let usual = try ClientContext(World.clientSettings())
        #expect(usual.usableGroups.contains("X25519"))
        #expect(usual.certificate?.dnsNames == ["edge.payfast.example"])
        #expect(try ClientContext(World.clientSettings(nil)).certificate == nil)
    }

    @Test("needs one group at least")
    func groups() {
        #expect(Self.serverError { $0.groups = ["nonsense"] } == .noUsableGroup(wanted: ["nonsense"]))
        #expect(Self.serverError { $0.groups = [] } == .noUsableGroup(wanted: []))
    }

    @Test("needs its own key, a certificate and the chain in order")
    func identity() {
        #expect(Self.serverError { $0.keyPEM = World.payfast.keyPEM } == .key(.keyOfAnotherCertificate))
        #expect(Self.serverError { $0.keyPEM = [] } == .key(.noBlock(wanted: "PRIVATE KEY")))
        #expect(Self.serverError { $0.certificateChainPEM = [] } == .certificate(.noBlock(wanted: "CERTIFICATE")))
        let stray = World.edge.certificatePEM + World.payfastCA.certificatePEM
        #expect(Self.serverError { $0.certificateChainPEM = stray } == .chainOutOfOrder(position: 1))
        let full = World.edge.certificatePEM + World.edgeCA.certificatePEM
        #expect(Self.serverError { $0.certificateChainPEM = full } == nil)
    }

    @Test("does not start with a certificate nobody would take")
    func weakIdentity() {
        let weak = Minted.make(.leaf("edge.example").with { $0.key = .rsa(bits: 1024) }, by: World.edgeCA)
        let error = Self.serverError {
            $0.certificateChainPEM = weak.chainPEM
            $0.keyPEM = weak.keyPEM
        }
        #expect(error == .refused(what: "certificate", reasons: ["ee key too small"]))
        #expect(error?.description == "certificate: ee key too small")
    }

    @Test("needs an anchor in each file of anchors, and takes the same one twice")
    func anchors() {
        let issuing = Minted.make(.authority("Issuing"), by: World.payfastCA)
        let files = [World.payfastCA.certificatePEM, issuing.certificatePEM]
        #expect(Self.serverError { $0.clientAnchorsPEM = files } == .noAnchor(file: 1))
        let wrong = [World.payfastCA.keyPEM]
        let wantError = TLSSetupError.anchors(file: 0, .unexpectedBlock(label: "PRIVATE KEY", line: 1))
        #expect(Self.serverError { $0.clientAnchorsPEM = wrong } == wantError)
        let twice = [World.payfastCA.certificatePEM, World.payfastCA.certificatePEM]
        #expect(Self.serverError { $0.clientAnchorsPEM = twice } == nil)
    }

    @Test("with no anchors at all lets nobody in")
    func noAnchors() throws {
        var wire = Wire(
            server: try ServerContext(World.serverSettings { $0.clientAnchorsPEM = [] }),
            client: try ClientContext(World.clientSettings())
        )
        try wire.shake()
        #expect(wire.server.failure?.verifyError == "unable to get local issuer certificate")
    }

    @Test("outlives its last user elsewhere: sessions keep what they were made from")
    func lifetime() throws {
        var wire = try World.wire()
        // World.wire() let go of both contexts already.
        try wire.shake()
        #expect(wire.server.progress == .established)
    }
}
