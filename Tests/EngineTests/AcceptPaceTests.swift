// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Engine

@Suite("The pace of accepting")
struct AcceptPaceTests {
    /// How many wait when a turn begins, turn by turn; nothing where the socket is not ready.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let arriving: [Int]
        /// Connections taken in each turn.
        let taken: [Int]
        /// Times the kernel was asked for a connection that was not there.
        let vainCount: Int
    }

    static let cases = [
        Case(
            testDescription: "single ones are taken singly, and none is asked for in vain",
            arriving: [1, 0, 1, 0, 0, 1],
            taken: [1, 0, 1, 0, 0, 1],
            vainCount: 0
        ),
        Case(
            testDescription: "a queue is taken twice as fast each turn",
            arriving: [20, 0, 0, 0, 0, 0],
            taken: [1, 2, 4, 8, 5, 0],
            vainCount: 1
        ),
        Case(
            testDescription: "a flood is taken a bounded run a turn",
            arriving: [300, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            taken: [1, 2, 4, 8, 16, 32, 64, 64, 64, 45],
            vainCount: 1
        ),
        Case(
            testDescription: "after a pause it begins anew",
            arriving: [3, 0, 0, 10, 0],
            taken: [1, 2, 0, 1, 2],
            vainCount: 0
        ),
        Case(
            testDescription: "one in every turn costs half a vain call each",
            arriving: [1, 1, 1, 1, 1, 1],
            taken: [1, 1, 1, 1, 1, 1],
            vainCount: 3
        ),
    ]

    @Test("follows what waits", arguments: cases)
    func follows(_ example: Case) {
        var pace = AcceptPace()
        var (waiting, vainCount) = (0, 0)
        var taken: [Int] = []
        for (turn, arriving) in example.arriving.enumerated() {
            waiting += arriving
            guard waiting > 0 else {
                taken.append(0)
                continue
            }
            let countMax = pace.begin(turn: UInt64(turn))
            let count = min(countMax, waiting)
            pace.end(takenCount: count, isEmpty: count < countMax)
            vainCount += count < countMax ? 1 : 0
            waiting -= count
            taken.append(count)
        }
        #expect(taken == example.taken)
        #expect(vainCount == example.vainCount)
    }
}
