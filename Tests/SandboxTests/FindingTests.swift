// SPDX-License-Identifier: Apache-2.0
import Base
import Sandbox
import Testing

@Suite("A finding")
struct FindingTests {
    static var seen: Finding {
        var finding = Finding("1", "PayFast → edge", "a request")
        finding.outcome = "200"
        finding.milliseconds = 7
        finding.require("TXN: got it", else: "TXN getting it")
        return finding
    }

    static var missed: Finding {
        var finding = Finding("b", "stranger → edge", "a packet")
        finding.require(true, "it was sent", else: "it being sent")
        finding.require(false, "it was dropped", else: "it being dropped")
        return finding
    }

    @Test("is observed only when nothing is missing and there is evidence")
    func observed() {
        #expect(Self.seen.isObserved)
        #expect(!Self.missed.isObserved)
        #expect(!Finding("2", "nobody", "nothing").isObserved)
    }

    @Test("prints what was seen and what was not")
    func lines() {
        #expect(FindingText.lines(Self.seen).hasPrefix("1   PayFast → edge"))
        #expect(FindingText.lines(Self.seen).hasSuffix("\n      a request\n      ✓ TXN: got it\n"))
        #expect(FindingText.lines(Self.missed).hasSuffix("✓ it was sent\n      ✗ not observed: it being dropped\n"))
    }

    @Test("stands in a table whose columns hold the widest cell, and is counted")
    func table() {
        let want = """
               who → who        what       status  ms  observed
            ───────────────────────────────────────────────────
            1  PayFast → edge   a request  200      7  yes
            b  stranger → edge  a packet   -        -  NO
            ───────────────────────────────────────────────────
            1 of 2 observed at the receiving end, in 2.5 s

            """
        #expect(FindingText.table([Self.seen, Self.missed], elapsed: .milliseconds(2599)) == want)
    }
}

@Suite("Libreswan's traffic")
struct TunnelTrafficTests {
    @Test("is summed by connection, over the states of a rekeying one")
    func sums() {
        let text = """
            006 #2: "p_payfast_t1_s1", type=ESP, add_time=1, inBytes=84, outBytes=21, maxBytes=2^63B, id='@vpn'
            006 #5: "p_payfast_t1_s1", type=ESP, add_time=9, inBytes=16, outBytes=4, maxBytes=2^63B, id='@vpn'
            006 #4: "p_mobicash_t1_s1", type=ESP, add_time=2, inBytes=0, outBytes=7, maxBytes=2^63B, id='@vpn'

            """
        let want = [
            "p_payfast_t1_s1": TunnelTraffic(inBytes: 100, outBytes: 25),
            "p_mobicash_t1_s1": TunnelTraffic(inBytes: 0, outBytes: 7),
        ]
        #expect(TunnelTraffic.byConnection(text) == want)
    }

    @Test("is nothing where there is no tunnel")
    func nothing() { #expect(TunnelTraffic.byConnection("").isEmpty) }
}
