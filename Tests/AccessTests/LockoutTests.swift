// SPDX-License-Identifier: Apache-2.0
import Access
import Base
import Partners
import Testing

@Suite("The lock-out")
struct LockoutTests {
    private typealias World = AccessWorld
    private static let now = World.now

    @Test("begins with the tenth failure within half an hour, and ends by itself")
    func tenth() {
        var lockout = Lockout(LockoutRule())
        for number in 0..<9 {
            #expect(lockout.failed(person: "anna", source: World.source, now: Self.now + .seconds(number)) == [])
        }
        #expect(lockout.lockedUntil(person: "anna", source: World.source, now: Self.now + .seconds(9)) == nil)
        let begun = lockout.failed(person: "anna", source: World.source, now: Self.now + .seconds(9))
        #expect(begun.map(\.name) == ["anna", "192.0.2.17"] && begun.map(\.failures) == [10, 10])
        let until = Self.now + .seconds(9 + 1800)
        #expect(lockout.lockedUntil(person: "anna", source: World.address("192.0.2.99"), now: Self.now) == until)
        #expect(lockout.lockedUntil(person: "ben", source: World.source, now: until + .nanoseconds(-1)) == until)
        #expect(lockout.lockedUntil(person: "ben", source: World.address("192.0.2.99"), now: Self.now) == nil)
        // What fails meanwhile does not make it longer.
        #expect(lockout.failed(person: "anna", source: World.source, now: until + .seconds(-1)) == [])
        #expect(lockout.lockedUntil(person: "anna", source: World.source, now: until) == nil)
        #expect(lockout.entries(now: until).isEmpty)
    }

    @Test("forgets failures that are old, and a person's when they succeed")
    func window() {
        var lockout = Lockout(LockoutRule())
        for number in 0..<100 {
            let at = Self.now + .seconds(number * 200)
            #expect(lockout.failed(person: "anna", source: World.source, now: at) == [])
        }
        var other = Lockout(LockoutRule())
        for number in 0..<30 {
            let source = World.address("192.0.2.\(number)")
            #expect(other.failed(person: "anna", source: source, now: Self.now) == [])
            if number % 9 == 8 { other.succeeded("anna", now: Self.now) }
        }
    }

    @Test("counts all addresses of an IPv6 site as one")
    func site() {
        var lockout = Lockout(LockoutRule())
        for number in 0..<9 {
            _ = lockout.failed(person: nil, source: World.address("2001:db8:1::\(number + 1)"), now: Self.now)
        }
        let begun = lockout.failed(person: nil, source: World.address("2001:db8:1:0:ffff::1"), now: Self.now)
        #expect(begun.map(\.name) == ["2001:db8:1::/64"])
        #expect(lockout.lockedUntil(person: nil, source: World.address("2001:db8:1::99"), now: Self.now) != nil)
        #expect(lockout.lockedUntil(person: nil, source: World.address("2001:db8:1:1::99"), now: Self.now) == nil)
    }

    @Test("is lifted for a person, an address, or both")
    func unlock() {
        var lockout = Lockout(LockoutRule())
        for _ in 0..<10 { _ = lockout.failed(person: "anna", source: World.source, now: Self.now) }
        #expect(lockout.entries(now: Self.now).count == 2)
        #expect(lockout.unlock(person: "anna", now: Self.now).map(\.name) == ["anna"])
        #expect(lockout.unlock(person: "anna", now: Self.now) == [])
        #expect(lockout.lockedUntil(person: "anna", source: World.source, now: Self.now) != nil)
        #expect(lockout.unlock(person: "ben", source: World.source, now: Self.now).map(\.name) == ["192.0.2.17"])
        #expect(lockout.lockedUntil(person: "anna", source: World.source, now: Self.now) == nil)
    }

    @Test("takes another rule for what follows, and keeps who is locked out")
    func adopted() {
        var lockout = Lockout(LockoutRule())
        for _ in 0..<10 { _ = lockout.failed(person: "anna", source: World.source, now: Self.now) }
        var rule = LockoutRule()
        (rule.failuresMax, rule.period) = (3, .seconds(60))
        lockout.adopt(rule)
        #expect(lockout.lockedUntil(person: "anna", source: World.source, now: Self.now) == Self.now + .seconds(1800))
        let other = World.address("192.0.2.18")
        for _ in 0..<2 { #expect(lockout.failed(person: nil, source: other, now: Self.now) == []) }
        #expect(lockout.failed(person: nil, source: other, now: Self.now).map(\.until) == [Self.now + .seconds(60)])
    }

    @Test("ends in time where the clock was ahead and is set back, before a restart or after")
    func clockSetBack() {
        let ahead = Self.now + .seconds(400 * 86_400)
        var lockout = Lockout(LockoutRule())
        for _ in 0..<10 { _ = lockout.failed(person: "anna", source: World.source, now: ahead) }
        let kept = lockout.entries(now: ahead)
        var restarted = Lockout(LockoutRule(), entries: kept)
        for number in 0..<2 {
            let until = Self.now + .seconds(1800)
            #expect(lockout.entries(now: Self.now).map(\.until) == [until, until])
            #expect(lockout.lockedUntil(person: "anna", source: World.source, now: Self.now + .seconds(9)) == until)
            #expect(lockout.lockedUntil(person: "anna", source: World.source, now: until) == nil)
            if number == 0 { swap(&lockout, &restarted) }
        }
    }

    @Test("is no longer for a clock that is set back a little")
    func clockCorrected() {
        var lockout = Lockout(LockoutRule())
        for _ in 0..<10 { _ = lockout.failed(person: "anna", source: World.source, now: Self.now) }
        let until = Self.now + .seconds(1800)
        #expect(lockout.lockedUntil(person: "anna", source: World.source, now: Self.now + .seconds(-30)) == until)
    }

    @Test("remembers a bounded number, those who are locked out longest")
    func bounded() {
        var lockout = Lockout(LockoutRule())
        for _ in 0..<10 { _ = lockout.failed(person: nil, source: World.source, now: Self.now) }
        for number in 0..<Lockout.subjectsMax * 2 {
            _ = lockout.failed(person: nil, source: .v4(0x0a00_0000 + UInt32(number)), now: Self.now)
        }
        #expect(lockout.lockedUntil(person: nil, source: World.source, now: Self.now) != nil)
        // Nine more of the last one: it was not forgotten.
        let last = IPAddress.v4(0x0a00_0000 + UInt32(Lockout.subjectsMax * 2 - 1))
        for _ in 0..<8 { #expect(lockout.failed(person: nil, source: last, now: Self.now) == []) }
        #expect(lockout.failed(person: nil, source: last, now: Self.now).count == 1)
    }
}
