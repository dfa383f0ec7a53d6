// SPDX-License-Identifier: Apache-2.0
import TestKit
import Testing

@testable import Edge

@Suite("The connection machine")
struct ConnectionMachineTests {
    enum Event: CaseIterable, Hashable, Sendable {
        case closeAfterResponse, requestEnded, responseEnded, inputEnded, drain, retire
    }

    /// Where the machine stands, as its transitions distinguish it.
    enum Phase: CaseIterable, Hashable, Sendable {
        case awaitingHead
        /// A request whose body is still coming, and nothing of the answer is complete.
        case asking
        /// A complete request without a complete answer.
        case asked
        /// A complete answer to a request whose body is still coming.
        case answeredEarly
        case lingering

        /// How a machine gets there.
        func enter(_ machine: inout ConnectionMachine, isPersistent: Bool) {
            switch self {
            case .awaitingHead: break
            case .asking: machine.headRead(isPersistent: isPersistent, hasBody: true)
            case .asked: machine.headRead(isPersistent: isPersistent, hasBody: false)
            case .answeredEarly:
                machine.headRead(isPersistent: isPersistent, hasBody: true)
                _ = machine.responseEnded()
            case .lingering: _ = machine.retire()
            }
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let phase: Phase
        let event: Event
        let step: ConnectionMachine.Step
        /// What it is then: exchanging, lingering, or neither.
        let isExchanging: Bool
        let isLingering: Bool
        var testDescription: String { "\(event) while \(phase)" }

        init(
            _ phase: Phase,
            _ event: Event,
            _ step: ConnectionMachine.Step,
            exchanging: Bool = false,
            lingering: Bool = false
        ) {
            self.phase = phase
            self.event = event
            self.step = step
            isExchanging = exchanging
            isLingering = lingering
        }
    }

    static let rows: [Row] = [
        Row(.awaitingHead, .closeAfterResponse, .wait, exchanging: true),
        Row(.awaitingHead, .requestEnded, .wait),
        Row(.awaitingHead, .responseEnded, .wait),
        Row(.awaitingHead, .inputEnded, .close),
        Row(.awaitingHead, .drain, .wait),
        Row(.awaitingHead, .retire, .linger, lingering: true),
        Row(.asking, .closeAfterResponse, .wait, exchanging: true),
        Row(.asking, .requestEnded, .wait, exchanging: true),
        Row(.asking, .responseEnded, .wait, exchanging: true),
        Row(.asking, .inputEnded, .close, exchanging: true),
        Row(.asking, .drain, .wait, exchanging: true),
        Row(.asking, .retire, .wait, exchanging: true),
        Row(.asked, .closeAfterResponse, .wait, exchanging: true),
        Row(.asked, .requestEnded, .wait, exchanging: true),
        Row(.asked, .responseEnded, .readHead),
        Row(.asked, .inputEnded, .wait, exchanging: true),
        Row(.asked, .drain, .wait, exchanging: true),
        Row(.asked, .retire, .wait, exchanging: true),
        Row(.answeredEarly, .closeAfterResponse, .wait, exchanging: true),
        Row(.answeredEarly, .requestEnded, .readHead),
        Row(.answeredEarly, .responseEnded, .wait, exchanging: true),
        Row(.answeredEarly, .inputEnded, .close, exchanging: true),
        Row(.answeredEarly, .drain, .wait, exchanging: true),
        Row(.answeredEarly, .retire, .wait, exchanging: true),
        Row(.lingering, .closeAfterResponse, .wait, lingering: true),
        Row(.lingering, .requestEnded, .wait, lingering: true),
        Row(.lingering, .responseEnded, .wait, lingering: true),
        Row(.lingering, .inputEnded, .close, lingering: true),
        Row(.lingering, .drain, .wait, lingering: true),
        Row(.lingering, .retire, .wait, lingering: true),
    ]

    private static func feed(_ event: Event, to machine: inout ConnectionMachine) -> ConnectionMachine.Step {
        switch event {
        case .closeAfterResponse: machine.closeAfterResponse()
        case .requestEnded: return machine.requestEnded()
        case .responseEnded: return machine.responseEnded()
        case .inputEnded: return machine.inputEnded()
        case .drain: machine.drain()
        case .retire: return machine.retire()
        }
        return .wait
    }

    @Test("takes each event in each phase as its table says", arguments: rows)
    func transition(_ row: Row) {
        var machine = ConnectionMachine()
        row.phase.enter(&machine, isPersistent: true)
        let step = Self.feed(row.event, to: &machine)
        let (isExchanging, isLingering) = (machine.isExchanging, machine.isLingering)
        #expect(step == row.step)
        #expect(isExchanging == row.isExchanging)
        #expect(isLingering == row.isLingering)
    }

    @Test("has a table of every event in every phase")
    func complete() {
        let pairs = Set(Self.rows.map { "\($0.phase) \($0.event)" })
        #expect(pairs.count == Self.rows.count)
        #expect(pairs.count == Phase.allCases.count * Event.allCases.count)
    }

    /// What makes an exchange the connection's last.
    enum Ending: CaseIterable, Sendable {
        case notPersistent, closeAfterResponse, drain, inputEnded
    }

    @Test("lingers after an answer that said close, whatever made it the last one", arguments: Ending.allCases)
    func last(_ ending: Ending) {
        var machine = ConnectionMachine()
        machine.headRead(isPersistent: ending != .notPersistent, hasBody: true)
        let before = machine.mustClose
        #expect(before == (ending == .notPersistent))
        var steps = [machine.requestEnded()]
        switch ending {
        case .notPersistent: break
        case .closeAfterResponse: machine.closeAfterResponse()
        case .drain: machine.drain()
        case .inputEnded: steps.append(machine.inputEnded())
        }
        let after = machine.mustClose
        #expect(after)
        steps.append(machine.responseEnded())
        #expect(steps.last == .linger)
        #expect(steps.dropLast().allSatisfy { $0 == .wait })
    }

    @Test("does not wait for the rest of a request it answered for the last time")
    func refusedMidBody() {
        var machine = ConnectionMachine()
        machine.headRead(isPersistent: true, hasBody: true)
        machine.closeAfterResponse()
        let steps = [machine.responseEnded(), machine.requestEnded()]
        #expect(steps == [.linger, .wait])
    }

    @Test("lets a stopping program answer one more request, and then no other")
    func draining() {
        var machine = ConnectionMachine()
        machine.drain()
        machine.headRead(isPersistent: true, hasBody: false)
        let mustClose = machine.mustClose
        let step = machine.responseEnded()
        #expect(mustClose)
        #expect(step == .linger)
    }
}
