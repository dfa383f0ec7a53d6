// SPDX-License-Identifier: Apache-2.0
import Base
import TestKit
import Testing
import Whitelist

@Suite("A prefix cover")
struct PrefixCoverTests {
    @Test("covers what the prefixes cover, with the fewest of them", arguments: UInt64(1)...100)
    func covers(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var given: [IPPrefix] = []
        for _ in 0..<Int.random(in: 0...24, using: &random) { given.append(try SmallWorld.prefix(&random)) }
        let cover = PrefixCover(given)
        let wrong = SmallWorld.addresses.filter { address in
            let isGiven = given.contains { $0.contains(address) }
            return cover.prefixes.contains { $0.contains(address) } != isGiven
                || cover.prefix(containing: address)?.contains(address) != (isGiven ? true : nil)
        }
        #expect(wrong.isEmpty)
        for (index, prefix) in cover.prefixes.enumerated() {
            #expect(given.contains(prefix), "an entry stays as it was given, so that it keeps its counters")
            #expect(cover.prefixes[(index + 1)...].allSatisfy { !$0.overlaps(prefix) && prefix < $0 })
        }
        #expect(PrefixCover(given.reversed()) == cover)
    }

    @Test("keeps a wide prefix when a narrow one inside it goes")
    func narrowGoes() throws {
        let wide = try #require(IPPrefix("10.1.0.0/16"))
        let narrow = try #require(IPPrefix("10.1.2.0/24"))
        #expect(PrefixCover([wide, narrow]).prefixes == [wide])
        #expect(PrefixCover([wide]).prefixes == [wide])
        #expect(PrefixCover([narrow]).prefixes == [narrow])
    }

    @Test("does not join neighbours")
    func neighbours() throws {
        let halves = [try #require(IPPrefix("10.0.0.0/25")), try #require(IPPrefix("10.0.0.128/25"))]
        #expect(PrefixCover(halves).prefixes == halves)
    }

    @Test("of everything is everything, in one family")
    func everything() throws {
        let all = try #require(IPPrefix("0.0.0.0/0"))
        let cover = PrefixCover([all, try #require(IPPrefix("255.255.255.255")), try #require(IPPrefix("::1"))])
        #expect(cover.prefixes == [all, try #require(IPPrefix("::1"))])
        #expect(cover.prefix(containing: .v4(.max)) == all)
    }
}
