// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
internal import Base

/// Which lines a verb shows.
struct AuditFilter {
    static let since = OptionRule("--since", value: "TIME", "from then on: 2026-11-22, 2026-11-22T08:00:00Z, or 2h ago")
    static let until = OptionRule("--until", value: "TIME", "before then, written the same way")
    static let who = OptionRule("--who", value: "WHO", "only what this person did")
    static let kind = OptionRule(
        "--kind",
        value: "KIND",
        "only this kind, or what begins with it: `session`, `grant.approve`"
    )
    static let options = [since, until, who, kind]

    private let since: String?
    private let until: String?
    private let who: String?
    private let kind: String?

    init(_ invocation: Invocation) throws(Failure) {
        since = try Self.instant(invocation, Self.since)
        until = try Self.instant(invocation, Self.until)
        who = invocation.value(Self.who)
        kind = invocation.value(Self.kind)
    }

    /// Checkpoints are shown only where their kind is asked for.
    func shows(_ line: TrailLine) -> Bool {
        guard isInTime(line) else { return false }
        if let who, line.event.who != who { return false }
        let name = line.event.kind.rawValue
        if let kind { return name == kind || name.hasPrefix("\(kind).") }
        return !line.isCheckpoint
    }

    func isInTime(_ line: TrailLine) -> Bool {
        if let since, line.at < since { return false }
        if let until, line.at >= until { return false }
        return true
    }

    /// Of the event that says it was read.
    var details: [AuditEvent.Detail] {
        [("since", since), ("until", until), ("filter_who", who), ("filter_kind", kind)].compactMap { name, value in
            value.map { AuditEvent.Detail(name, $0) }
        }
    }

    /// As the log writes instants: they compare as texts.
    private static func instant(_ invocation: Invocation, _ option: OptionRule) throws(Failure) -> String? {
        guard let text = invocation.value(option) else { return nil }
        if let ago = Duration(text) { return (invocation.now + (.zero - ago)).rfc3339 }
        let parts = text.split(separator: "T", maxSplits: 1)
        let day = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        if parts[0].utf8.count == 10, day.count == 3, let year = day[0], let month = day[1], let date = day[2] {
            let second = parts.count == 1 ? 0 : secondOfDay(parts[1])
            if let second, let instant = WallInstant(year: year, month: month, day: date, secondOfDay: second) {
                return instant.rfc3339
            }
        }
        let hint = "write 2026-11-22, 2026-11-22T08:00:00Z, or how long ago: 90m, 2h, 7d"
        throw .usage("`\(option.name)` is `\(text.printable)`", hint: hint)
    }

    /// `08:00:00Z`.
    private static func secondOfDay(_ text: Substring) -> Int? {
        guard text.hasSuffix("Z") else { return nil }
        let parts = text.dropLast().split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2],
            (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second)
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }
}
