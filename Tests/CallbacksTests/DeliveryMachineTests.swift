// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import TestKit
import Testing

@Suite("Delivery machine")
struct DeliveryMachineTests {
    /// What the first attempt comes to, by status.
    enum Class: Sendable { case delivered, retried, refused, parked }

    static let statuses: [(ClosedRange<Int>, Class)] = [
        (0...199, .retried), (200...299, .delivered), (300...407, .refused), (408...408, .retried),
        (409...409, .refused), (410...410, .parked), (411...424, .refused), (425...425, .retried),
        (426...428, .refused), (429...429, .retried), (430...499, .refused), (500...599, .retried),
        (600...999, .retried),
    ]

    @Test("classes every status", arguments: statuses)
    func statusClass(_ range: ClosedRange<Int>, _ want: Class) {
        for status in range {
            let verdict = Verdict(status: status)
            var machine = DeliveryMachine(policy: RetryPolicy(refusedAttemptsMax: 1), giveUpAfter: .seconds(60))
            #expect(machine.leased() == .attempt(number: 1))
            let action = machine.ended(verdict, age: .zero, jitter: 0)
            switch want {
            case .delivered: #expect(action == .markDelivered, "\(status)")
            case .retried: #expect(action == .retry(after: .milliseconds(100)), "\(status)")
            case .refused: #expect(action == .moveToDeadLetters(.refused(attempts: 1)), "\(status)")
            case .parked: #expect(action == .park, "\(status)")
            }
        }
    }

    @Test("is complete: the table covers every three-digit status")
    func complete() {
        let covered = Self.statuses.reduce(0) { $0 + $1.0.count }
        #expect(covered == 1000)
    }

    @Test("hears Retry-After on 429 and 503, and on nothing else", arguments: [408, 425, 429, 500, 502, 503, 504])
    func retryAfter(status: Int) {
        let verdict = OutboundProfile.plain.verdict(
            status: status,
            retryAfter: "77",
            body: [],
            now: WallInstant(seconds: 0)
        )
        #expect(verdict == .transient(retryAfter: status == 429 || status == 503 ? .seconds(77) : nil))
    }

    @Test("gives up by age only after the attempts everybody gets")
    func attemptsMin() {
        let policy = RetryPolicy(attemptsMin: 3)
        var machine = DeliveryMachine(policy: policy, giveUpAfter: .seconds(60))
        for attempt in 1...3 {
            #expect(machine.leased() == .attempt(number: attempt))
            let action = machine.ended(.transient(retryAfter: nil), age: .seconds(3600), jitter: 0)
            #expect(attempt < 3 ? action == .retry(after: .milliseconds(100)) : action == .moveToDeadLetters(.tooOld))
        }
    }

    @Test("spends no attempt on what a worker gave back")
    func returned() {
        var machine = DeliveryMachine(policy: RetryPolicy(), giveUpAfter: .seconds(60))
        #expect(machine.returned() == .none)
        #expect(machine.leased() == .attempt(number: 1))
        #expect(machine.leased() == .none)
        #expect(machine.returned() == .retry(after: .zero))
        #expect(machine.leased() == .attempt(number: 1))
    }

    @Test("always settles within its policy, and hears nothing after", arguments: UInt64(1)...300)
    func settles(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let policy = RetryPolicy(refusedAttemptsMax: Int.random(in: 1...8, using: &random), attemptsMin: 2)
        let giveUpAfter = Duration.seconds(Int.random(in: 60...7200, using: &random))
        var machine = DeliveryMachine(policy: policy, giveUpAfter: giveUpAfter)
        var age = Duration.zero
        var attempts = 0
        var settled: DeliveryMachine.Action?
        while settled == nil, attempts < 10_000 {
            guard case .attempt(let number) = machine.leased() else { break }
            attempts += 1
            #expect(number == attempts)
            let statuses = [200, 301, 404, 408, 410, 429, 500, 503]
            let hint = Bool.random(using: &random) ? "\(Int.random(in: 0...600, using: &random))" : nil
            // Mostly failures, so that runs are long.
            let status =
                Int.random(in: 0..<40, using: &random) == 0 ? 200 : statuses.randomElement(using: &random) ?? 500
            let verdict = OutboundProfile.plain.verdict(
                status: status == 200 && attempts < 4 ? 500 : status,
                retryAfter: hint,
                body: [],
                now: WallInstant(seconds: 0)
            )
            let action = machine.ended(verdict, age: age, jitter: Double.random(in: 0..<1, using: &random))
            switch action {
            case .retry(let delay):
                #expect(delay >= policy.delayMin && delay <= max(.seconds(3600), policy.hintMax))
                age += delay
            case .park: age += .seconds(60)
            case .markDelivered:
                #expect(verdict == .acknowledged)
                settled = action
            case .moveToDeadLetters(.tooOld):
                #expect(age >= giveUpAfter && attempts >= policy.attemptsMin)
                settled = action
            case .moveToDeadLetters(.refused(let count)):
                #expect(count == attempts && attempts >= policy.refusedAttemptsMax)
                settled = action
            case .attempt, .none: Issue.record("\(action) is no answer to an ended attempt")
            }
        }
        #expect(settled != nil)
        #expect(machine.leased() == .none)
        #expect(machine.ended(.acknowledged, age: age, jitter: 0) == .none)
    }
}
