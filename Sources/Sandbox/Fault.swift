// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Something a simulator does wrong on purpose, a number of times.
///
/// Written `answer:500x3` (that status, three times), `stall:10s` (waits before it answers), `die`
/// (half an answer, then the connection ends), `cut` (reads the request, then ends the connection without a
/// byte), `refuse` (a 200 whose body does not acknowledge). Without `xN` it lasts until it is cleared.
package struct Fault: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        case answer(status: Int)
        case stall(Duration)
        case die
        case cut
        case refuse
    }

    package let kind: Kind
    /// How often it still happens; nothing means until cleared.
    package private(set) var timesLeft: Int?

    package init?(_ text: some StringProtocol) {
        var name = text[...]
        if let cross = name.lastIndex(of: "x"), let times = Int(name[name.index(after: cross)...]) {
            guard (1...1_000_000).contains(times) else { return nil }
            timesLeft = times
            name = name[..<cross]
        }
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (parts[0], parts.count) {
        case ("answer", 2):
            guard let status = Int(parts[1]), (200...599).contains(status) else { return nil }
            kind = .answer(status: status)
        case ("stall", 2):
            guard let duration = Duration(String(parts[1])) else { return nil }
            kind = .stall(duration)
        case ("die", 1): kind = .die
        case ("cut", 1): kind = .cut
        case ("refuse", 1): kind = .refuse
        default: return nil
        }
    }

    package var description: String {
        let name =
            switch kind {
            case .answer(let status): "answer:\(status)"
            case .stall(let duration): "stall:\(duration.text)"
            case .die: "die"
            case .cut: "cut"
            case .refuse: "refuse"
            }
        return timesLeft.map { "\(name)x\($0)" } ?? name
    }

    /// Uses the fault up once.
    ///
    /// - Returns: false when it is spent and must go.
    mutating func spend() -> Bool {
        guard let timesLeft else { return true }
        self.timesLeft = timesLeft - 1
        return timesLeft > 1
    }
}
