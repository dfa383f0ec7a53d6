// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// Parses one whole number and one unit: `250ms`, `15s`, `5m`, `72h`, `30d`.
    ///
    /// Nothing for signs, fractions, spaces, missing units or more than 100,000,000 of a unit.
    package init?(_ text: some StringProtocol) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard (1...9).contains(digits.utf8.count), let value = Int64(digits), value <= 100_000_000 else { return nil }
        switch text[digits.endIndex...] {
        case "ms": self = .milliseconds(value)
        case "s": self = .seconds(value)
        case "m": self = .seconds(value * 60)
        case "h": self = .seconds(value * 3600)
        case "d": self = .seconds(value * 86_400)
        default: return nil
        }
    }

    /// The shortest text of the form ``init(_:)`` reads, rounded down to milliseconds.
    package var text: String {
        let total = milliseconds
        for (unit, length) in [("d", Int64(86_400_000)), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
        where total != 0 && total % length == 0 {
            return "\(total / length)\(unit)"
        }
        return total == 0 ? "0s" : "\(total)ms"
    }
}
