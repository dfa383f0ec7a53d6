// SPDX-License-Identifier: Apache-2.0
import Base
import TestKit
import Testing
import Whitelist

/// A world of 256 addresses in each family, small enough to ask about every one of them.
enum SmallWorld {
    static func address(_ low: Int, _ isV4: Bool) -> IPAddress {
        isV4 ? .v4(0x0a00_0000 + UInt32(low)) : .v6(high: 0x2001_0db8_0000_0000, low: UInt64(low))
    }

    static let addresses = [true, false].flatMap { isV4 in (0..<256).map { address($0, isV4) } }

    static func prefix(_ random: inout SeededGenerator) throws -> IPPrefix {
        let isV4 = Bool.random(using: &random)
        let hostBits = Int.random(in: 0...8, using: &random) * Int.random(in: 0...1, using: &random)
        let low = (Int.random(in: 0..<256, using: &random) >> hostBits) << hostBits
        return try #require(IPPrefix(address(low, isV4), bitCount: (isV4 ? 32 : 128) - hostBits))
    }

    /// A policy of a few partners who claim addresses at random, often the same.
    static func policy(_ random: inout SeededGenerator, entryCountMax: Int) throws -> EdgePolicy {
        var partners: [PartnerPolicy] = []
        for name in ["ada", "bo", "cy"] {
            var allow: [PartnerPolicy.Allow] = []
            for _ in 0..<Int.random(in: 0...entryCountMax, using: &random) {
                let until = Bool.random(using: &random) ? nil : WallInstant(seconds: .random(in: 0...3, using: &random))
                allow.append(.init(from: try prefix(&random), until: until))
            }
            partners.append(PartnerPolicy(id: try #require(PartnerID(name)), allow: allow))
        }
        return EdgePolicy(partners: partners, partnerPorts: [8443, 8444])
    }
}
