// SPDX-License-Identifier: Apache-2.0
internal import Base

/// The life of one item at one destination: due, in flight, due again, and at last delivered, dead or parked.
///
/// Sans-I/O: it holds no connection and reads no clock. Each input returns the one action the store must
/// take. ``State`` is noncopyable, so the compiler rejects a path that forgets the next state.
package struct DeliveryMachine: ~Copyable {
    package enum Action: Hashable, Sendable {
        case attempt(number: Int)
        case retry(after: Duration)
        case markDelivered
        case moveToDeadLetters(DeadLetterReason)
        case park
        /// The event does not belong to this state: a late or repeated result.
        case none
    }

    package enum DeadLetterReason: Hashable, Sendable {
        case tooOld
        case refused(attempts: Int)
    }

    private var state: State
    private let policy: RetryPolicy
    private let giveUpAfter: Duration

    /// - Parameter attemptsMade: what the store has counted so far.
    package init(policy: RetryPolicy, giveUpAfter: Duration, attemptsMade: Int = 0) {
        invariant(attemptsMade >= 0, "attempts made cannot be negative: \(attemptsMade)")
        state = .due(attemptsMade: attemptsMade)
        self.policy = policy
        self.giveUpAfter = giveUpAfter
    }

    /// A worker takes the item.
    package mutating func leased() -> Action { state.leased() }

    /// The worker could not start: no attempt is spent.
    package mutating func returned() -> Action { state.returned() }

    /// The attempt ended, or its lease ran out.
    ///
    /// - Parameters:
    ///   - age: since the item was accepted.
    ///   - jitter: uniform in 0..<1.
    package mutating func ended(_ verdict: Verdict, age: Duration, jitter: Double) -> Action {
        state.ended(verdict, age: age, jitter: jitter, policy: policy, giveUpAfter: giveUpAfter)
    }
}

extension DeliveryMachine {
    fileprivate enum State: ~Copyable {
        case due(attemptsMade: Int)
        case inFlight(attempt: Int)
        case settled

        mutating func leased() -> Action {
            switch consume self {
            case .due(let attemptsMade):
                self = .inFlight(attempt: attemptsMade + 1)
                return .attempt(number: attemptsMade + 1)
            case .inFlight(let attempt):
                self = .inFlight(attempt: attempt)
                return .none
            case .settled:
                self = .settled
                return .none
            }
        }

        mutating func returned() -> Action {
            switch consume self {
            case .inFlight(let attempt):
                self = .due(attemptsMade: attempt - 1)
                return .retry(after: .zero)
            case .due(let attemptsMade):
                self = .due(attemptsMade: attemptsMade)
                return .none
            case .settled:
                self = .settled
                return .none
            }
        }

        mutating func ended(
            _ verdict: Verdict,
            age: Duration,
            jitter: Double,
            policy: RetryPolicy,
            giveUpAfter: Duration
        ) -> Action {
            switch consume self {
            case .inFlight(let attempt):
                switch verdict {
                case .acknowledged:
                    self = .settled
                    return .markDelivered
                case .gone:
                    // The item waits, unharmed, for the endpoint to be taken up again.
                    self = .due(attemptsMade: attempt)
                    return .park
                case .refused where attempt >= policy.refusedAttemptsMax:
                    self = .settled
                    return .moveToDeadLetters(.refused(attempts: attempt))
                case .refused, .transient, .unacknowledged:
                    guard age < giveUpAfter || attempt < policy.attemptsMin else {
                        self = .settled
                        return .moveToDeadLetters(.tooOld)
                    }
                    self = .due(attemptsMade: attempt)
                    var hint: Duration?
                    if case .transient(let retryAfter) = verdict { hint = retryAfter }
                    return .retry(after: policy.delay(afterAttempt: attempt, hint: hint, jitter: jitter))
                }
            case .due(let attemptsMade):
                self = .due(attemptsMade: attemptsMade)
                return .none
            case .settled:
                self = .settled
                return .none
            }
        }
    }
}
