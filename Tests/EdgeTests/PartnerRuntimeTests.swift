// SPDX-License-Identifier: Apache-2.0
import Base
import Synchronization
import Testing

@testable import Edge

@Suite("A partner's counters")
struct PartnerRuntimeTests {
    @Test("have a place for each concurrent request, and take it back")
    func concurrent() {
        let runtime = PartnerRuntime()
        #expect(runtime.enter(concurrentMax: 2))
        #expect(runtime.enter(concurrentMax: 2))
        #expect(!runtime.enter(concurrentMax: 2))
        #expect(runtime.concurrent.load(ordering: .relaxed) == 2)
        runtime.leave()
        #expect(runtime.enter(concurrentMax: 2))
    }

    @Test("let ten wrong credentials be tried, then one a minute")
    func credentials() {
        let runtime = PartnerRuntime()
        let start = MonotonicInstant(nanoseconds: 1)
        for _ in 0..<10 { #expect(runtime.mayCheckCredential(now: start)) }
        #expect(!runtime.mayCheckCredential(now: start))
        #expect(!runtime.mayCheckCredential(now: start + .seconds(59)))
        #expect(runtime.mayCheckCredential(now: start + .seconds(60)))
        #expect(!runtime.mayCheckCredential(now: start + .seconds(60)))
    }

    @Test("say how often a reason was given")
    func refusals() {
        let runtime = PartnerRuntime()
        for code in ["rate_exceeded", "route_unknown", "rate_exceeded"] { runtime.countRefusal(code) }
        #expect(runtime.refusalsByReason == ["rate_exceeded": 2, "route_unknown": 1])
        #expect(runtime.refusedTotal.load(ordering: .relaxed) == 3)
    }

    @Test("are the same ones after a reload")
    func book() throws {
        let book = CounterBook()
        let payfast = try #require(PartnerID("payfast"))
        #expect(book.partner(payfast) === book.partner(payfast))
        #expect(book.upstream("txn") === book.upstream("txn"))
        #expect(book.upstream("txn") !== book.upstream("rpt"))
    }
}
