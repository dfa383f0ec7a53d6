// SPDX-License-Identifier: Apache-2.0
import TestKit
import Testing

@testable import Edge

/// Drives one connection to its end through events in random order, as the shell would meet them.
///
/// A failure prints its seed; the seed replays the run.
@Suite("The connection machine, simulated")
struct ConnectionSimulationTests {
    @Test("answers one request at a time and ends exactly once", arguments: UInt64(1)...2000)
    func simulated(seed: UInt64) {
        let shell = Shell(seed: seed)
        for _ in 0..<200 where !shell.isClosed { shell.turn() }
        shell.finish()
        #expect(shell.faults.isEmpty, "\(shell.trace.joined(separator: " "))")
        #expect(shell.isClosed)
        #expect(shell.closeCount == 1)
        #expect(shell.headCount == shell.endedCount + shell.cutCount, "every exchange ends")
    }

    @Test("goes through every kind of end in these seeds")
    func coverage() {
        var (lingered, cut, answered) = (0, 0, 0)
        for seed in UInt64(1)...2000 {
            let shell = Shell(seed: seed)
            for _ in 0..<200 where !shell.isClosed { shell.turn() }
            shell.finish()
            lingered += shell.lingerCount
            cut += shell.cutCount
            answered += shell.endedCount
        }
        #expect(lingered > 500)
        #expect(cut > 100)
        #expect(answered > 2000)
    }
}

/// The least shell a machine can have: it knows what is open and obeys the steps.
private final class Shell {
    private struct Open {
        var isBodyDone: Bool
        var isAnswerDone = false
        /// What the answer's head said, once it was written.
        var saidClose: Bool?
        /// Something happened since that makes the answer's word stale.
        var isOverruled = false
    }

    private var machine = ConnectionMachine()
    private var random: SeededGenerator
    private var open: Open?
    private var mayReadHead = true
    private var hasInputEnded = false
    private var isDraining = false
    private var isLingering = false
    private(set) var headCount = 0
    /// Exchanges whose answer was completed, and those that were cut.
    private(set) var endedCount = 0
    private(set) var cutCount = 0
    private(set) var closeCount = 0
    private(set) var lingerCount = 0
    private(set) var faults: [String] = []
    private(set) var trace: [String] = []

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    var isClosed: Bool { closeCount > 0 }

    func turn() {
        switch Int.random(in: 0..<60, using: &random) {
        case 0..<27: bytesArrived()
        case 27..<54: answerGoesOn()
        case 54..<57: endInput()
        case 57: drain()
        case 58: retire()
        default: refuse()
        }
        agree()
    }

    /// Everybody goes home: what is open is answered, and the peer closes.
    func finish() {
        for _ in 0..<4 where !isClosed && open != nil { answerGoesOn() }
        endInput()
        agree()
    }

    private func note(_ word: String) { trace.append(word) }

    private func fault(_ why: String) {
        note("FAULT: \(why)")
        faults.append(why)
    }

    private func agree() {
        guard !isClosed else { return }
        if machine.isExchanging != (open != nil) { fault("the machine and the shell disagree about an exchange") }
        if machine.isLingering != isLingering { fault("the machine and the shell disagree about lingering") }
    }

    /// Bytes are a head or a body, by what the machine says.
    private func bytesArrived() {
        guard !hasInputEnded, !isClosed, !machine.isLingering else { return }
        guard machine.isExchanging else { return readHead() }
        guard let now = open, !now.isBodyDone else { return }
        if Bool.random(using: &random) { return note("body") }
        open?.isBodyDone = true
        note("bodyEnd")
        obey(machine.requestEnded())
    }

    private func readHead() {
        if open != nil { fault("two exchanges at once") }
        if !mayReadHead { fault("a head was read before the answer was complete") }
        if isLingering || hasInputEnded { fault("a head was read on a closing connection") }
        mayReadHead = false
        headCount += 1
        if Int.random(in: 0..<10, using: &random) == 0 {
            // Not HTTP: refused at once, and nothing after it makes sense.
            note("malformed")
            machine.closeAfterResponse()
            open = Open(isBodyDone: true)
            return
        }
        let hasBody = Bool.random(using: &random)
        let isPersistent = Int.random(in: 0..<4, using: &random) > 0
        note("head(\(isPersistent ? "keep" : "close")\(hasBody ? ",body" : ""))")
        machine.headRead(isPersistent: isPersistent, hasBody: hasBody)
        open = Open(isBodyDone: !hasBody)
        if !isPersistent, !machine.mustClose { fault("the last answer would not say so") }
    }

    private func answerGoesOn() {
        guard let now = open, !now.isAnswerDone, !isClosed else { return }
        if now.saidClose == nil {
            open?.saidClose = machine.mustClose
            return note("answer")
        }
        open?.isAnswerDone = true
        note("answerEnd")
        obey(machine.responseEnded())
    }

    private func refuse() {
        guard let now = open, now.saidClose == nil, !isClosed else { return }
        note("refuse")
        machine.closeAfterResponse()
        if !machine.mustClose { fault("a refusal that would not close") }
    }

    private func endInput() {
        guard !hasInputEnded, !isClosed else { return }
        hasInputEnded = true
        open?.isOverruled = true
        note("inputEnd")
        obey(machine.inputEnded())
    }

    private func drain() {
        guard !isDraining, !isClosed else { return }
        isDraining = true
        open?.isOverruled = true
        note("drain")
        machine.drain()
    }

    /// The idle deadline passed; a busy connection has none.
    private func retire() {
        guard !isClosed else { return }
        note("retire")
        let wasIdle = open == nil && !isLingering
        let step = machine.retire()
        if wasIdle != (step == .linger) { fault("only an idle connection retires") }
        obey(step)
    }

    private func obey(_ step: ConnectionMachine.Step) {
        switch step {
        case .wait: break
        case .readHead:
            note("-> read")
            guard let now = open else { return fault("told to read a head with nothing answered") }
            if !now.isBodyDone || !now.isAnswerDone { fault("told to read a head before the exchange was over") }
            if isLingering || hasInputEnded || isDraining { fault("told to read a head on a closing connection") }
            if now.saidClose == true { fault("kept open after an answer that said close") }
            open = nil
            endedCount += 1
            mayReadHead = true
        case .linger:
            note("-> linger")
            if isLingering { fault("lingers twice") }
            if let now = open {
                if !now.isAnswerDone { fault("lingers before the answer is complete") }
                if now.saidClose == false, !now.isOverruled { fault("closed after an answer that did not say so") }
                endedCount += 1
            }
            open = nil
            isLingering = true
            lingerCount += 1
            if hasInputEnded { close() }
        case .close: close()
        }
    }

    private func close() {
        note("-> close")
        closeCount += 1
        if open != nil { cutCount += 1 }
        open = nil
    }
}
