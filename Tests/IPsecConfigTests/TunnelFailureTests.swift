// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Testing

@Suite("Failures in plain words")
struct TunnelFailureTests {
    /// What the lines of one attempt come to, after what says most.
    private func heard(_ file: String) throws -> TunnelFailure? {
        var kept: TunnelFailure?
        var machine = TunnelMachine(
            ExpectedTunnel(id: PlutoSample.name.tunnel, connections: [PlutoSample.name], peer: .init("203.0.113.7")!),
            at: .init(seconds: 0)
        )
        for line in try PlutoSample.lines(file) {
            _ = machine.hear(line, at: .init(seconds: 1))
            kept = machine.memory.failure?.failure
        }
        return kept
    }

    @Test(
        "are told apart by Libreswan's log",
        arguments: [
            ("no-answer.we-initiate.log", TunnelFailure.Reason.noAnswer),
            ("port-closed.we-initiate.log", .noAnswer),
            ("no-proposal-ike.we-initiate.log", .ikeProposal),
            ("no-proposal-ike.they-initiate.log", .ikeProposal),
            ("no-proposal-esp.we-initiate.log", .espProposal),
            ("no-proposal-esp.they-initiate.log", .espProposal),
            ("bad-psk.we-initiate.log", .refusedByPeer),
            ("bad-psk.they-initiate.log", .secretDiffers),
            ("peer-has-no-psk.we-initiate.log", .refusedByPeer),
            ("we-have-no-psk.we-initiate.log", .secretMissing),
            ("we-have-no-psk.they-initiate.log", .secretMissing),
            ("id-mismatch-ours.we-initiate.log", .refusedByPeer),
            ("id-mismatch-theirs.we-initiate.log", .identity),
            ("id-mismatch-theirs.they-initiate.log", .identity),
            ("cert-id-mismatch.we-initiate.log", .identity),
            ("cert-id-mismatch.they-initiate.log", .identity),
            ("cert-untrusted.we-initiate.log", .certificate),
            ("cert-untrusted.they-initiate.log", .certificate),
            ("cert-wrong-ca.we-initiate.log", .certificate),
            ("cert-wrong-ca.they-initiate.log", .certificate),
            ("cert-mixed-ours-ec-theirs-rsa-authby-ecdsa.we-initiate.log", .certificate),
            ("ts-unacceptable.we-initiate.log", .networks),
            ("ts-unacceptable.they-initiate.log", .networks),
        ]
    )
    func table(_ file: String, _ reason: TunnelFailure.Reason) throws {
        #expect(try heard(file)?.reason == reason)
    }

    @Test("have one sample at least, and words and a mend each", arguments: TunnelFailure.Reason.allCases)
    func complete(_ reason: TunnelFailure.Reason) throws {
        #expect(!reason.words.isEmpty && !reason.mend.isEmpty)
        let all = try PlutoSample.names.filter { $0.hasSuffix(".log") }.flatMap { try PlutoSample.lines($0) }
        #expect(all.contains { $0.failure?.reason == reason })
    }

    @Test("say what the partner offered")
    func theirs() throws {
        #expect(
            try heard("no-proposal-ike.they-initiate.log")?.theirs
                == "1:IKE:ENCR=AES_CBC_256;PRF=HMAC_SHA2_256;INTEG=HMAC_SHA2_256_128;DH=MODP2048"
        )
        #expect(try heard("id-mismatch-theirs.we-initiate.log")?.theirs == "@other.acme.example")
        #expect(try heard("cert-id-mismatch.we-initiate.log")?.theirs == "CN=vpn.acme,O=Acme Ltd,C=IN")
    }

    @Test("are not seen where none is")
    func success() {
        for text in [
            "initiator established IKE SA; authenticated peer using authby=secret and ID_FQDN '@vpn.acme.example'",
            "sent IKE_SA_INIT request to 203.0.113.7:500", "initiating IKEv2 connection",
            "Received unauthenticated INVALID_KE_PAYLOAD response to DH DH20; resending with suggested DH DH19",
            "deleting IKE SA but connection is supposed to remain up; schedule EVENT_REVIVE_CONNS", "",
        ] {
            #expect(TunnelFailure(log: text) == nil, "\(text)")
        }
    }

    @Test("never carry control characters")
    func printable() {
        let line = "Nov 21 21:50:53.036021: \"p_acme_t1_s1\" #5: authentication failed: \u{1b}[2J\u{7}\u{9b}x"
        #expect(PlutoLogLine(line)?.failure?.detail == "authentication failed: ?[2J??x")
    }

    @Test("are of the connection the line names, and of ours only")
    func lines() {
        let line = PlutoLogLine("003 \"p_acme_t1_s1\"[1] 192.0.2.1 #17: TS_UNACCEPTABLE")
        #expect(line?.connection == PlutoSample.name)
        #expect(line?.serial == 17)
        #expect(PlutoLogLine("\"p_acme_t1_s1\": added")?.serial == nil)
        #expect(PlutoLogLine("\"office\" #1: TS_UNACCEPTABLE") == nil)
        #expect(PlutoLogLine("packet from 203.0.113.7:500: dropped") == nil)
    }
}
