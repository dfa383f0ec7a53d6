// SPDX-License-Identifier: Apache-2.0
import Access
import AccessStore
import Base
import LinuxIO
import Partners
import SQLite
import Synchronization
import TestKit
import Testing

extension TemporaryFolder {
    /// The desk that keeps its grants here.
    func desk(now: WallInstant = GrantDeskTests.now) throws -> GrantDesk {
        let rules = try #require(HostFile.parse(GrantDeskTests.text).file?.access)
        return try GrantDesk(path: self["access.db"], rules: rules, now: now)
    }
}

@Suite("The desk that keeps grants")
struct GrantDeskTests {
    static let text =
        JumpdFile.host() + JumpdFile.gate()
        + JumpdFile.admin("anna", "Anna Bauer", roles: ["network"])
        + JumpdFile.admin("ben", "Ben Okoro", roles: ["network"])
        + JumpdFile.admin("sealed", "The envelope", roles: ["network"], further: ["break-glass = true"])
        + JumpdFile.role("network", targets: ["eig-01:22", "vpn-01"], may: ["approve"])
        + JumpdFile.target("eig-01", "10.20.0.11", ports: [22], reason: "the gateway")
        + JumpdFile.target("vpn-01", "10.20.0.12", ports: [22, 443], reason: "the tunnels")

    static let now = WallInstant(seconds: 1_795_000_000, nanoseconds: 123_456_789)
    static let order = GrantBook.Order(targets: ["eig-01:22"], minutes: 60, reason: "to mend it", ticket: "NET-1")

    static func draw() -> UInt64 { UInt64.random(in: 0...(.max)) }

    @Test("keeps everything over a restart, to the last step")
    func restart() throws {
        let folder = try TemporaryFolder()
        var kept: [Grant] = []
        do {
            let desk = try folder.desk()
            let first = try desk.request(Self.order, by: "anna", now: Self.now, draw: Self.draw)
            _ = try desk.approve(first.id, by: "ben", note: "go on", now: Self.now + .seconds(1))
            _ = try desk.revoke(first.id, by: "anna", note: "done", now: Self.now + .seconds(2))
            let second = try desk.request(Self.order, by: "ben", now: Self.now, draw: Self.draw)
            _ = try desk.deny(second.id, by: "anna", note: nil, now: Self.now + .seconds(3))
            var later = Self.order
            later.startsAt = Self.now + .seconds(600)
            later.targets = ["vpn-01"]
            let third = try desk.request(later, by: "anna", now: Self.now, draw: Self.draw)
            _ = try desk.approve(third.id, by: "ben", note: nil, now: Self.now)
            let opening = try desk.breakGlass(
                by: "sealed",
                reason: "nobody answers",
                ticket: nil,
                now: Self.now,
                draw: Self.draw
            )
            _ = try desk.revoke(opening.id, by: "ben", note: nil, now: Self.now + .seconds(4))
            _ = try desk.close(opening.id, by: "anna", note: "looked at", now: Self.now + .seconds(5))
            try desk.sign(
                ReviewSigning(
                    at: WallInstant(milliseconds: Self.now.milliseconds),
                    who: "anna",
                    note: "read",
                    days: 180,
                    sha256: String(repeating: "a", count: 64)
                )
            )
            let lastAt = WallInstant(milliseconds: Self.now.milliseconds)
            for _ in 0..<2 {
                desk.noteUse(who: "anna", target: "eig-01:22", Usage(sessionCount: 1, bytesIn: 10, lastAt: lastAt))
                desk.tick(now: Self.now)
            }
            kept = desk.grants
            #expect(kept.count == 4 && desk.trouble == nil)
        }
        let desk = try folder.desk(now: Self.now + .seconds(86_400))
        #expect(desk.grants == kept)
        #expect(desk.reviewableSince.milliseconds == Self.now.milliseconds)
        #expect(desk.signatures.map(\.who) == ["anna"])
        let usage = desk.usage(since: Self.now)
        #expect(usage.count == 1)
        #expect(usage.values.first.map { [Int64($0.sessionCount), $0.bytesIn, $0.bytesOut] } == [2, 20, 0])
        #expect(desk.usage(since: Self.now + .seconds(2 * 86_400)).isEmpty)
    }

    @Test("knows when somebody was last seen, by whatever they did, to the minute and over a restart")
    func seen() throws {
        let folder = try TemporaryFolder()
        let first = WallInstant(milliseconds: Self.now.milliseconds)
        do {
            let desk = try folder.desk()
            desk.noteSeen("anna", at: first)
            #expect(desk.lastSeen() == ["anna": first])
            desk.tick(now: first)
            // Who looks every second is written down once a minute.
            for second in 1..<60 { desk.noteSeen("anna", at: first + .seconds(second)) }
            #expect(desk.lastSeen() == ["anna": first])
            desk.noteSeen("anna", at: first + .seconds(60))
            desk.noteSeen("ben", at: first + .seconds(61))
            let session = Usage(sessionCount: 1, lastAt: first + .seconds(86_400))
            desk.noteUse(who: "sealed", target: "eig-01:22", session)
            desk.flush()
        }
        let desk = try folder.desk()
        let seen = [
            "anna": first + .seconds(60), "ben": first + .seconds(61), "sealed": first + .seconds(86_400),
        ]
        #expect(desk.lastSeen() == seen)
        desk.noteSeen("ben", at: first)
        #expect(desk.lastSeen() == seen, "a clock that was set back makes nobody seen earlier")
        #expect(desk.usage(since: Self.now).keys.map(\.target) == ["eig-01:22"], "it is no use of a target")
    }

    @Test("tells of each end once, also when it came while nothing ran")
    func ended() throws {
        let folder = try TemporaryFolder()
        do {
            let desk = try folder.desk()
            let granted = try desk.request(Self.order, by: "anna", now: Self.now, draw: Self.draw)
            _ = try desk.approve(granted.id, by: "ben", note: nil, now: Self.now)
            _ = try desk.request(Self.order, by: "ben", now: Self.now, draw: Self.draw)
            #expect(desk.tick(now: Self.now + .seconds(3599)) == [])
            #expect(desk.tick(now: Self.now + .seconds(3600)).map(\.who) == ["anna"])
            #expect(desk.tick(now: Self.now + .seconds(3601)) == [])
        }
        let later = Self.now + .seconds(2 * 86_400)
        do {
            let desk = try folder.desk(now: later)
            #expect(desk.tick(now: later).map(\.who) == ["ben"])
        }
        #expect(try folder.desk(now: later).tick(now: later) == [])
    }

    @Test("makes room in the file, too, when there are as many grants as there may be")
    func room() throws {
        let folder = try TemporaryFolder()
        let withdrawn = Grant.Step(who: "anna", at: Self.now)
        do {
            // Written at once: twenty thousand requests would be as many waits for the disk.
            let desk = try folder.desk()
            _ = try desk.request(Self.order, by: "anna", now: Self.now, draw: Self.draw)
        }
        let rows = """
            with recursive n(i) as (select 1 union all select i + 1 from n where i < \(GrantBook.grantsMax))
            insert into access_grant(id, who, targets, reason, ticket, requested_ms, minutes, lapses_ms, is_break_glass,
            revoked_by, revoked_ms, is_end_told)
            select 'w-' || i, 'anna', 'eig-01:22', 'x', 'x', \(withdrawn.at.milliseconds), 1,
            \(withdrawn.at.milliseconds), 0, 'anna', \(withdrawn.at.milliseconds), 0 from n
            """
        try Database(path: folder["access.db"]).execute(rows)
        var forgotten = 0
        do {
            let desk = try folder.desk()
            #expect(desk.grants.count == GrantBook.grantsMax + 1)
            let asked = try desk.request(Self.order, by: "ben", now: Self.now, draw: Self.draw)
            forgotten = GrantBook.grantsMax + 2 - desk.grants.count
            #expect(forgotten == GrantBook.forgottenAtOnce && desk[asked.id] != nil && desk.trouble == nil)
        }
        #expect(try folder.desk().grants.count == GrantBook.grantsMax + 2 - forgotten)
    }

    @Test("keeps who is locked out over a restart, and forgets who is let in again")
    func lockouts() throws {
        let folder = try TemporaryFolder()
        var lockout = Lockout(LockoutRule())
        let site = try #require(IPAddress("2001:db8:1::7"))
        let at = WallInstant(milliseconds: Self.now.milliseconds)
        for _ in 0..<10 { _ = lockout.failed(person: "anna", source: site, now: at) }
        try folder.desk().keep(lockouts: lockout.entries(now: at))
        do {
            let desk = try folder.desk()
            #expect(desk.lockouts.map(\.name).sorted() == ["2001:db8:1::/64", "anna"])
            var again = Lockout(LockoutRule(), entries: desk.lockouts)
            #expect(again.lockedUntil(person: "anna", source: site, now: at) == at + .seconds(1800))
            #expect(again.entries(now: at) == lockout.entries(now: at))
            _ = again.unlock(person: "anna", now: at)
            desk.keep(lockouts: again.entries(now: at))
        }
        #expect(try folder.desk().lockouts.map(\.name) == ["2001:db8:1::/64"])
    }

    @Test("tells who listens after each change, outside of its locks, and of nothing refused")
    func listener() throws {
        let folder = try TemporaryFolder()
        let desk = try folder.desk()
        let seen = Mutex<[Int]>([])
        desk.onChange { seen.withLock { $0.append(desk.grants.count) } }
        let grant = try desk.request(Self.order, by: "anna", now: Self.now, draw: Self.draw)
        #expect(throws: GrantRefusal.ownGrant(grant.id)) {
            _ = try desk.approve(grant.id, by: "anna", note: nil, now: Self.now)
        }
        _ = try desk.approve(grant.id, by: "ben", note: nil, now: Self.now)
        #expect(seen.withLock { $0 } == [1, 1])
        desk.onChange {}
    }

    @Test("is one gate's alone, and takes neither a stranger's nor a damaged file for an empty one")
    func refused() throws {
        let folder = try TemporaryFolder()
        let text = Array("hello, this is not a database at all".utf8)
        try FileStore.replace(folder["access.db"], with: text.span, mode: 0o600)
        #expect(throws: GrantDeskError.self) { try folder.desk() }
        let other = try TemporaryFolder()
        let missing = other["no/access.db"]
        let rules = try #require(HostFile.parse(Self.text).file?.access)
        #expect(throws: GrantDeskError.self) { try GrantDesk(path: missing, rules: rules, now: Self.now) }
    }
}
