// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail

/// Lines of the audit log as people read them.
enum AuditScreen {
    /// One line: when, number, what, the result where it is not success, who, on what, from where, the details.
    static func line(_ line: TrailLine, usesColour: Bool) -> String {
        let event = line.event
        var parts = [
            Shown.instant(line.at), "#\(line.seq)", event.kind.rawValue, event.who.isEmpty ? "-" : event.who,
            event.object,
        ]
        if event.origin != "local" { parts.append("from \(event.origin)") }
        if !event.details.isEmpty {
            parts.append("(\(event.details.map { "\($0.name) \($0.text)" }.joined(separator: ", ")))")
        }
        if event.outcome == .failure { parts.insert("FAILED", at: 3) }
        let text = parts.joined(separator: "  ").printable
        return (usesColour && event.outcome == .failure ? "\u{1b}[31m\(text)\u{1b}[0m" : text) + "\n"
    }

    /// Everything of one line, a field a line.
    static func whole(_ line: TrailLine, at place: TrailPlace) -> String {
        let event = line.event
        var fields = [
            ("line", "\(line.seq), \(place)"), ("when", line.at), ("what", event.kind.rawValue),
            ("result", event.outcome.rawValue), ("who", event.who), ("how", event.how), ("from", event.origin),
            ("on", event.object),
        ]
        fields += event.details.map { ($0.name, $0.text) }
        fields += [("source", line.source), ("boot", line.bootID)]
        let width = fields.map(\.0.count).max() ?? 0
        return fields.map { name, value in
            let space = String(repeating: " ", count: width - name.count)
            return "\(name)\(space)  \(value.printable)\n"
        }.joined()
    }
}
