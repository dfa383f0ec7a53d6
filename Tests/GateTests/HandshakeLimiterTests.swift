// SPDX-License-Identifier: Apache-2.0
import Base
import Partners
import Testing

@testable import Gate

@Suite("Handshakes of one address")
struct HandshakeLimiterTests {
    private static func rule(perSecond: Int, burst: Int) throws -> GateRule {
        var rule = try #require(HostFile.parse(GateDeskTests.text).file?.access).gate
        (rule.handshakesPerSecond, rule.handshakesBurst) = (perSecond, burst)
        return rule
    }

    @Test("are as many as the burst, whoever of the workers asks, and another address has its own")
    func burst() throws {
        let limiter = try HandshakeLimiter(Self.rule(perSecond: 1, burst: 5))
        let now = MonotonicInstant(nanoseconds: 1_000_000_000)
        #expect((0..<12).count { _ in limiter.admits(.v4(1), now: now) } == 5)
        #expect(limiter.admits(.v4(2), now: now))
        #expect(limiter.admits(.v4(1), now: now + .seconds(1)))
    }

    @Test("are not forgiven by a reload that changes nothing of it")
    func reload() throws {
        let limiter = try HandshakeLimiter(Self.rule(perSecond: 1, burst: 2))
        let now = MonotonicInstant(nanoseconds: 1_000_000_000)
        #expect((0..<3).count { _ in limiter.admits(.v4(1), now: now) } == 2)
        try limiter.adopt(Self.rule(perSecond: 1, burst: 2))
        #expect(!limiter.admits(.v4(1), now: now))
        try limiter.adopt(Self.rule(perSecond: 1, burst: 3))
        #expect(limiter.admits(.v4(1), now: now))
    }
}
