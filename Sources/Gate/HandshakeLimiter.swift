// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import LinuxIO
internal import Partners
internal import Synchronization

/// Handshakes per source address, counted for all workers together: administrators are few, and so are their handshakes.
final class HandshakeLimiter: Sendable {
    private struct State {
        var perSecond: Int
        var burst: Int
        var limiter: AddressLimiter

        init(_ rule: GateRule) {
            (perSecond, burst) = (rule.handshakesPerSecond, rule.handshakesBurst)
            limiter = AddressLimiter(bucket: RateBucket(perSecond: perSecond, burst: burst), seed: Random.uint64())
        }
    }

    private let state: Mutex<State>

    init(_ rule: GateRule) { state = Mutex(State(rule)) }

    /// Whether one more handshake from `address` may start now.
    func admits(_ address: IPAddress, now: MonotonicInstant) -> Bool {
        state.withLock { $0.limiter.admits(address, now: now) }
    }

    /// Takes another rule on; one that says the same forgets nothing.
    func adopt(_ rule: GateRule) {
        state.withLock { state in
            guard rule.handshakesPerSecond != state.perSecond || rule.handshakesBurst != state.burst else { return }
            state = State(rule)
        }
    }
}
