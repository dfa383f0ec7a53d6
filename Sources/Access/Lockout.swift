// SPDX-License-Identifier: Apache-2.0
package import Base
package import Partners

/// Who has failed too often to prove who they are, and is not listened to for a while.
///
/// At most ``subjectsMax`` people and addresses are remembered, the latest to fail; a person or an address that is
/// locked out is forgotten last. Where the clock was set back, whoever was locked out later than now is so from now on,
/// for as long as they would have been.
package struct Lockout: Hashable, Sendable {
    package enum Subject: Hashable, Sendable, CustomStringConvertible {
        /// An administrator's id.
        case person(String)
        /// An IPv4 address, or the /64 network of an IPv6 one, which is one site's.
        case address(IPAddress)

        package static func source(_ address: IPAddress) -> Subject {
            switch address {
            case .v4: .address(address)
            case .v6(let high, _): .address(.v6(high: high, low: 0))
            }
        }

        package var description: String {
            switch self {
            case .person(let id): id
            case .address(let address): address.isV4 ? "\(address)" : "\(address)/64"
            }
        }
    }

    /// Somebody who is locked out.
    package struct Entry: Hashable, Sendable {
        package let subject: Subject
        package let since: WallInstant
        /// Listened to again from then on.
        package let until: WallInstant
        package let failures: Int

        package var name: String { subject.description }

        package init(subject: Subject, since: WallInstant, until: WallInstant, failures: Int) {
            self.subject = subject
            self.since = since
            self.until = until
            self.failures = failures
        }
    }

    package static let subjectsMax = 4096
    /// A clock that is set back by less is let be.
    private static let backwardsMax = Duration.seconds(60)

    private struct Record: Hashable, Sendable {
        var failedAt: [WallInstant] = []
        var entry: Entry?
    }

    private var rule: LockoutRule
    private var records: [Subject: Record] = [:]
    /// When anybody last asked; the far future before the first, so that entries from before a restart are looked at.
    private var lastAsked = WallInstant(seconds: .max)

    /// - Parameter entries: those that were locked out before a restart.
    package init(_ rule: LockoutRule, entries: [Entry] = []) {
        self.rule = rule
        for entry in entries.prefix(Self.subjectsMax) { records[entry.subject] = Record(entry: entry) }
    }

    /// Takes another rule on for what fails from now on; who is locked out stays so.
    package mutating func adopt(_ rule: LockoutRule) { self.rule = rule }

    /// Counts a failure of the person it was said to be, where one is known, and of the address it came from.
    ///
    /// - Returns: who is locked out from now on because of it.
    package mutating func failed(person: String?, source: IPAddress, now: WallInstant) -> [Entry] {
        follow(now)
        return ([person.map(Subject.person)].compactMap(\.self) + [.source(source)]).compactMap { failed($0, at: now) }
    }

    /// Notices a clock that was set back.
    private mutating func follow(_ now: WallInstant) {
        defer { lastAsked = now }
        guard now + Self.backwardsMax < lastAsked else { return }
        for (subject, record) in records {
            guard let entry = record.entry, now < entry.since else { continue }
            let until = now + (entry.until - entry.since)
            records[subject]?.entry = Entry(subject: subject, since: now, until: until, failures: entry.failures)
        }
    }

    /// What fails while it is locked out is not counted.
    private mutating func failed(_ subject: Subject, at now: WallInstant) -> Entry? {
        if entry(of: subject, at: now) != nil { return nil }
        if records[subject] == nil { makeRoom(at: now) }
        var record = records[subject] ?? Record()
        record.entry = nil
        // A clock that was set back must not keep old failures for ever.
        record.failedAt.removeAll { $0 + rule.period <= now || now < $0 }
        record.failedAt.append(now)
        if record.failedAt.count >= rule.failuresMax {
            let failures = record.failedAt.count
            record.entry = Entry(subject: subject, since: now, until: now + rule.period, failures: failures)
            record.failedAt = []
        }
        records[subject] = record
        return record.entry
    }

    /// A person proved who they are: their failures until now count no more.
    package mutating func succeeded(_ person: String, now: WallInstant) {
        follow(now)
        let subject = Subject.person(person)
        guard records[subject] != nil, entry(of: subject, at: now) == nil else { return }
        records[subject] = nil
    }

    /// Until when a person, or whoever comes from an address, is not listened to; nothing when they are.
    package mutating func lockedUntil(person: String?, source: IPAddress, now: WallInstant) -> WallInstant? {
        follow(now)
        return ([person.map(Subject.person)].compactMap(\.self) + [.source(source)])
            .compactMap { entry(of: $0, at: now)?.until }.max()
    }

    private func entry(of subject: Subject, at now: WallInstant) -> Entry? {
        guard let entry = records[subject]?.entry, now < entry.until else { return nil }
        return entry
    }

    /// Those locked out, the last first.
    package mutating func entries(now: WallInstant) -> [Entry] {
        follow(now)
        return records.values.compactMap(\.entry).filter { now < $0.until }
            .sorted { ($1.since, $1.name) < ($0.since, $0.name) }
    }

    /// Forgets everything about a person, an address, or both.
    ///
    /// - Returns: those who were locked out.
    package mutating func unlock(person: String? = nil, source: IPAddress? = nil, now: WallInstant) -> [Entry] {
        follow(now)
        let subjects = [person.map(Subject.person), source.map(Subject.source)].compactMap(\.self)
        return subjects.compactMap { subject in
            let entry = entry(of: subject, at: now)
            records[subject] = nil
            return entry
        }
    }

    private mutating func makeRoom(at now: WallInstant) {
        guard records.count >= Self.subjectsMax else { return }
        for (subject, record) in records {
            let isOld = record.failedAt.allSatisfy { $0 + rule.period <= now }
            if isOld, record.entry.map({ $0.until <= now }) ?? true { records[subject] = nil }
        }
        guard records.count >= Self.subjectsMax else { return }
        let oldest = records.min { left, right in
            let (leftLocked, rightLocked) = (left.value.entry != nil, right.value.entry != nil)
            guard leftLocked == rightLocked else { return !leftLocked }
            return (left.value.failedAt.last ?? left.value.entry?.since ?? now)
                < (right.value.failedAt.last ?? right.value.entry?.since ?? now)
        }
        if let oldest { records[oldest.key] = nil }
    }
}
