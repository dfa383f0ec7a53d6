// SPDX-License-Identifier: Apache-2.0
import Access
import AccessStore
import Base
import Glibc
import Partners
import TestKit
import Testing

@Suite("The desk on a full disk")
struct FullDiskTests {
    private typealias World = GrantDeskTests

    @Test(
        "refuses what gives access with the reason, keeps what is in force, and still takes access away",
        .enabled(if: geteuid() == 0, "mounting a volume of 8 MB takes root")
    )
    func full() throws {
        let volume = try TemporaryFolder(megabytes: 8)
        var revoked = ""
        var opened = ""
        var kept: [Grant] = []
        do {
            let desk = try volume.desk()
            let active = try desk.request(World.order, by: "anna", now: World.now, draw: World.draw)
            _ = try desk.approve(active.id, by: "ben", note: nil, now: World.now)
            let pending = try desk.request(World.order, by: "anna", now: World.now, draw: World.draw)
            try volume.fill()
            // Fills the log's own file until there is no room in it either.
            var refusal: GrantRefusal?
            for number in 0..<2000 where refusal == nil {
                let at = World.now + .seconds(number)
                do throws(GrantRefusal) {
                    let more = try desk.request(World.order, by: "ben", now: at, draw: World.draw)
                    _ = try desk.revoke(more.id, by: "ben", note: nil, now: at)
                } catch {
                    refusal = error
                }
            }
            guard case .notStored(let why)? = refusal else {
                Issue.record("no refusal, but \(String(describing: refusal))")
                return
            }
            #expect(why.contains("no space is left") && desk.trouble == why)
            #expect(refusal?.sentence.contains("free room") == true)
            let later = World.now + .seconds(3000)
            #expect(throws: GrantRefusal.self) {
                _ = try desk.approve(pending.id, by: "ben", note: nil, now: later)
            }
            #expect(desk[active.id]?.phase(at: later) == .active)
            #expect(desk[pending.id]?.phase(at: later) == .pending)

            // What takes away, and an emergency.
            revoked = try desk.revoke(active.id, by: "ben", note: "now", now: later).id
            opened = try desk.breakGlass(by: "sealed", reason: "disk", ticket: nil, now: later, draw: World.draw).id
            #expect(desk[revoked]?.phase(at: later) == .revoked)
            #expect(desk.isStored(revoked) && desk.isStored(opened), "the ballast gave the room")
            // Nothing new, as long as the ballast is away.
            desk.tick(now: later + .seconds(10))
            #expect(throws: GrantRefusal.self) {
                _ = try desk.request(World.order, by: "ben", now: later, draw: World.draw)
            }
            try volume.empty()
            desk.tick(now: later + .seconds(20))
            #expect(desk.trouble == nil)
            _ = try desk.approve(pending.id, by: "ben", note: nil, now: later + .seconds(20))
            kept = desk.grants
        }
        let desk = try volume.desk(now: World.now + .seconds(3100))
        #expect(desk.grants == kept)
        #expect(desk[revoked]?.revocation?.note == "now" && desk[opened]?.isBreakGlass == true)
    }
}
