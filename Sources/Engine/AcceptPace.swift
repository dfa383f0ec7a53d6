// SPDX-License-Identifier: Apache-2.0

/// How many connections one readiness of a listening socket takes.
///
/// Sans-I/O. One where connections come singly: whether there is another the poller says for free, where asking the
/// kernel costs a call. Twice as many in each further turn of the loop that finds the socket still ready, so that a
/// queue is soon gone, up to a bound that keeps a flood from starving the connections that are open.
struct AcceptPace {
    static let countMax = 64

    private var countNext = 1
    private var turnLast: UInt64?

    /// The socket is ready in this turn: how many connections to take at most.
    mutating func begin(turn: UInt64) -> Int {
        if turnLast != turn &- 1 { countNext = 1 }
        turnLast = turn
        return countNext
    }

    /// - Parameter isEmpty: the kernel was asked for one more connection than there was.
    mutating func end(takenCount: Int, isEmpty: Bool) {
        countNext = isEmpty ? max(1, takenCount) : min(countNext * 2, Self.countMax)
    }
}
