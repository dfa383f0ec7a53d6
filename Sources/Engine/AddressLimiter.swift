// SPDX-License-Identifier: Apache-2.0
package import Base

/// Handshakes per source address, before any cryptography is spent on it.
///
/// A fixed table of buckets, one per hash slot: two addresses that collide share a bucket, so a flood
/// can slow a stranger but never grows memory. IPv6 counts by /64, which one host can fill at will.
/// One worker owns it; the limits are per worker.
package struct AddressLimiter {
    private static let slotCount = 4096

    private let bucket: RateBucket
    private let seed: UInt64
    private var arrivals = [UInt64](repeating: 0, count: slotCount)

    /// - Parameter seed: random, so that nobody can choose colliding addresses.
    package init(bucket: RateBucket, seed: UInt64) {
        self.bucket = bucket
        self.seed = seed
    }

    /// Whether one more handshake from `address` may start now.
    package mutating func admits(_ address: IPAddress, now: MonotonicInstant) -> Bool {
        let index = slot(of: address)
        return bucket.take(&arrivals[index], now: now) == nil
    }

    private func slot(of address: IPAddress) -> Int {
        let word: UInt64 =
            switch address {
            case .v4(let value): UInt64(value)
            case .v6(let high, _): high
            }
        var mixed = (word ^ seed) &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 32)) &* 0xd6e8_feb8_6659_fd93
        return Int((mixed ^ (mixed >> 29)) & UInt64(Self.slotCount - 1))
    }
}
