// SPDX-License-Identifier: Apache-2.0
import Access
import Base
import Partners
import Testing

@Suite("The book of grants")
struct GrantBookTests {
    private typealias World = AccessWorld
    private static let now = World.now

    private static func order(
        _ targets: [String] = ["eig-01:22"],
        minutes: Int = 60,
        startsAt: WallInstant? = nil,
        reason: String = "to mend it",
        ticket: String = "NET-1"
    ) -> GrantBook.Order {
        GrantBook.Order(targets: targets, minutes: minutes, startsAt: startsAt, reason: reason, ticket: ticket)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let sentence: String
        let who: String
        let order: GrantBook.Order
        /// The targets asked for, or the code of the refusal.
        let want: String
        var testDescription: String { sentence }

        init(_ sentence: String, by who: String = "anna", _ order: GrantBook.Order, _ want: String) {
            self.sentence = sentence
            self.who = who
            self.order = order
            self.want = want
        }
    }

    static let requests: [Case] = [
        Case("one port", order(), "eig-01:22"),
        Case("what the role gives of a target", order(["eig-01"]), "eig-01:22"),
        Case("a whole target", order(["vpn-01"]), "vpn-01"),
        Case("one port of a whole target", order(["vpn-01:443"]), "vpn-01:443"),
        Case("the same twice", order(["vpn-01", "vpn-01"]), "vpn-01"),
        Case("several", by: "ben", order(["txn-db", "eig-01:22"]), "txn-db eig-01:22"),
        Case("no target", order([]), "targets_missing"),
        Case("a port that no role gives", order(["eig-01:8443"]), "target_not_yours"),
        Case("a port that is not there", order(["eig-01:23"]), "port_unknown"),
        Case("another's target", order(["txn-db"]), "target_not_yours"),
        Case("one that is there and one that is not", order(["eig-01:22", "eig-03"]), "target_unknown"),
        Case("an address", order(["10.20.0.11:22"]), "target_unknown"),
        Case("too many", order(Array(repeating: "vpn-01", count: 101)), "targets_many"),
        Case("the longest there is", order(minutes: 480), "eig-01:22"),
        Case("a minute too long", order(minutes: 481), "duration_outside"),
        Case("no time", order(minutes: 0), "duration_outside"),
        Case("less than no time", order(minutes: -1), "duration_outside"),
        Case("without a reason", order(reason: " "), "reason_missing"),
        Case("without a ticket", order(ticket: ""), "ticket_missing"),
        Case("a reason of several lines", order(reason: "a\nb"), "text_long"),
        Case("a reason with an escape sequence", order(reason: "a\u{1b}[31m"), "text_long"),
        Case("a reason that turns its direction", order(reason: "a\u{202e}b"), "text_long"),
        Case("a long reason", order(reason: String(repeating: "x", count: 501)), "text_long"),
        Case("later", order(startsAt: now + .seconds(60)), "eig-01:22"),
        Case("in the past", order(startsAt: now + .seconds(-60)), "start_passed"),
        Case("next year", order(startsAt: now + .seconds(31 * 86_400)), "start_far"),
        Case("nobody", by: "mallory", order(), "person_unknown"),
        Case("somebody who is not enabled", by: "gone", order(), "person_unknown"),
        Case("a sealed identity", by: "sealed", order(), "break_glass_only"),
        Case("somebody without targets", by: "carl", order(), "target_not_yours"),
    ]

    @Test("takes a request as it is meant, or says why not", arguments: requests)
    func request(_ testCase: Case) throws {
        var book = GrantBook()
        do throws(GrantRefusal) {
            let rules = try! World.rules()
            let grant = try book.request(testCase.order, by: testCase.who, rules, at: Self.now, draw: Draws().next)
            #expect(grant.targets.map(\.description).joined(separator: " ") == testCase.want)
            #expect(grant.phase(at: Self.now) == .pending && book[grant.id] == grant && book.count == 1)
        } catch {
            #expect(error.code == testCase.want)
            #expect(!error.message.isEmpty && !error.hint.isEmpty && book.count == 0)
        }
    }

    @Test("lets nobody decide on what they asked for, nor anybody who may not")
    func fourEyes() throws {
        let rules = try World.rules()
        var book = GrantBook()
        let id = try book.request(Self.order(), by: "anna", rules, at: Self.now, draw: Draws().next).id
        #expect(throws: GrantRefusal.ownGrant(id)) { try book.approve(id, by: "anna", note: nil, rules, at: Self.now) }
        #expect(throws: GrantRefusal.ownGrant(id)) { try book.deny(id, by: "anna", note: nil, rules, at: Self.now) }
        #expect(throws: GrantRefusal.rightMissing(.approve)) {
            try book.approve(id, by: "carl", note: nil, rules, at: Self.now)
        }
        // Whoever holds the envelope could otherwise approve what they asked for as themselves.
        #expect(throws: GrantRefusal.rightMissing(.approve)) {
            try book.approve(id, by: "sealed", note: nil, rules, at: Self.now)
        }
        #expect(throws: GrantRefusal.notYours(id)) { try book.revoke(id, by: "carl", note: nil, rules, at: Self.now) }
        #expect(throws: GrantRefusal.personUnknown("gone")) {
            try book.approve(id, by: "gone", note: nil, rules, at: Self.now)
        }
        #expect(throws: GrantRefusal.grantUnknown("g-0")) {
            try book.approve("g-0", by: "ben", note: nil, rules, at: Self.now)
        }
        let granted = try book.approve(id, by: "ben", note: "yes", rules, at: Self.now + .seconds(30))
        #expect(granted.from == Self.now + .seconds(30) && granted.until == Self.now + .seconds(3630))
        #expect(granted.decision == Grant.Step(who: "ben", at: Self.now + .seconds(30), note: "yes"))
        #expect(throws: GrantRefusal.phaseWrong(id, .active, verb: "approved")) {
            try book.approve(id, by: "ben", note: nil, rules, at: Self.now + .seconds(31))
        }
    }

    @Test("approves only what the file still gives")
    func edited() throws {
        var book = GrantBook()
        let id = try book.request(Self.order(), by: "anna", World.rules(), at: Self.now, draw: Draws().next).id
        let less = try World.rules([("targets = [\"eig-01:22\", \"vpn-01\"]", "targets = [\"vpn-01\"]")])
        #expect(throws: GrantRefusal.targetNotYours(Destination(target: "eig-01", port: 22))) {
            try book.approve(id, by: "ben", note: nil, less, at: Self.now)
        }
        let short = try World.rules([("key = \"audit.key\"", "key = \"audit.key\"\n[grants]\nlongest = \"10m\"")])
        let granted = try book.approve(id, by: "ben", note: nil, short, at: Self.now)
        #expect(granted.until == Self.now + World.minutes(10))
    }

    @Test("begins what is for later at its time, and not after")
    func later() throws {
        let rules = try World.rules()
        var book = GrantBook()
        let starts = Self.now + World.minutes(30)
        let draws = Draws()
        let early = try book.request(Self.order(startsAt: starts), by: "anna", rules, at: Self.now, draw: draws.next).id
        let late = try book.request(Self.order(startsAt: starts), by: "anna", rules, at: Self.now, draw: draws.next).id
        let first = try book.approve(early, by: "ben", note: nil, rules, at: Self.now)
        #expect(first.phase(at: Self.now) == .scheduled && first.from == starts)
        #expect(first.phase(at: starts) == .active && first.phase(at: starts + World.minutes(60)) == .expired)
        // Approved in its midst, it is not longer for that.
        let second = try book.approve(late, by: "ben", note: nil, rules, at: starts + World.minutes(20))
        #expect(second.from == starts + World.minutes(20) && second.until == starts + World.minutes(60))
    }

    @Test("ends a request nobody decides on")
    func lapsed() throws {
        let rules = try World.rules()
        var book = GrantBook()
        let id = try book.request(Self.order(), by: "anna", rules, at: Self.now, draw: Draws().next).id
        let day = Self.now + .seconds(86_400)
        #expect(book.nextChange(after: Self.now) == day)
        #expect(throws: GrantRefusal.phaseWrong(id, .lapsed, verb: "approved")) {
            try book.approve(id, by: "ben", note: nil, rules, at: day)
        }
        #expect(book.takeEnded(at: day).map(\.id) == [id] && book.takeEnded(at: day) == [])
        #expect(book.prune(at: day + .seconds(399 * 86_400)) == [])
        #expect(book.prune(at: day + .seconds(400 * 86_400)) == [id] && book.count == 0)
    }

    @Test("has room for others when somebody asks and withdraws all day, and forgets what was given last")
    func room() throws {
        let rules = try World.rules()
        var book = GrantBook()
        let draws = Draws()
        let given = try book.request(Self.order(), by: "anna", rules, at: Self.now, draw: draws.next).id
        _ = try book.approve(given, by: "ben", note: nil, rules, at: Self.now)
        _ = try book.revoke(given, by: "anna", note: nil, rules, at: Self.now)
        let glass = try book.breakGlass(by: "sealed", reason: "x", ticket: nil, rules, at: Self.now, draw: draws.next)
        var first: String?
        // As many as there may be, most of them withdrawn; without asking the book 20,000 times.
        let withdrawn = try book.request(Self.order(), by: "anna", rules, at: Self.now, draw: draws.next)
        for number in 0..<GrantBook.grantsMax - 3 {
            let at = Self.now + .seconds(number)
            let asked = Grant(
                id: "w-\(number)",
                who: "anna",
                targets: withdrawn.targets,
                reason: "x",
                ticket: "x",
                requestedAt: at,
                duration: .seconds(60),
                startsAt: nil,
                lapsesAt: at + .seconds(60),
                isBreakGlass: false
            )
            let step = Grant.Step(who: "anna", at: at)
            first = first ?? asked.id
            book.put(
                Grant(asked, from: nil, until: nil, decision: nil, revocation: step, closure: nil, isEndTold: false)
            )
        }
        #expect(book.count == GrantBook.grantsMax)
        #expect(throws: GrantRefusal.bookFull(GrantBook.grantsMax)) {
            try book.request(Self.order(), by: "ben", rules, at: Self.now, draw: draws.next)
        }
        let gone = book.makeRoom(at: Self.now)
        #expect(gone.count == GrantBook.forgottenAtOnce && gone.first == first)
        #expect(book[given] != nil && book[glass.id] != nil && book[withdrawn.id] != nil)
        #expect(book.makeRoom(at: Self.now) == [])
        _ = try book.request(Self.order(), by: "ben", rules, at: Self.now, draw: draws.next)
        _ = try book.revoke(glass.id, by: "ben", note: nil, rules, at: Self.now)
    }

    @Test("bounds how much one person asks for")
    func pending() throws {
        let rules = try World.rules()
        var book = GrantBook()
        let draws = Draws()
        for _ in 0..<GrantBook.pendingMax {
            _ = try book.request(Self.order(), by: "anna", rules, at: Self.now, draw: draws.next)
        }
        #expect(throws: GrantRefusal.pendingMany(GrantBook.pendingMax)) {
            try book.request(Self.order(), by: "anna", rules, at: Self.now, draw: draws.next)
        }
        _ = try book.revoke(book.grants[0].id, by: "anna", note: nil, rules, at: Self.now)
        _ = try book.request(Self.order(), by: "anna", rules, at: Self.now, draw: draws.next)
        // A name that is taken is drawn again.
        var words: [UInt64] = [7, 7, 8]
        var other = GrantBook()
        let next = { words.removeFirst() }
        let first = try other.request(Self.order(), by: "anna", rules, at: Self.now, draw: next)
        let second = try other.request(Self.order(), by: "anna", rules, at: Self.now, draw: next)
        #expect(first.id == "g-07000000" && second.id == "g-08000000")
    }

    @Test("keeps the review of a broken glass open until somebody else closes it, after it is over")
    func breakGlass() throws {
        let rules = try World.rules()
        var book = GrantBook()
        let draws = Draws()
        #expect(throws: GrantRefusal.breakGlassNot) {
            try book.breakGlass(by: "anna", reason: "x", ticket: nil, rules, at: Self.now, draw: draws.next)
        }
        #expect(throws: GrantRefusal.reasonMissing) {
            try book.breakGlass(by: "sealed", reason: "", ticket: nil, rules, at: Self.now, draw: draws.next)
        }
        let opening = try book.breakGlass(
            by: "sealed",
            reason: "nobody answers",
            ticket: "",
            rules,
            at: Self.now,
            draw: draws.next
        )
        let id = opening.id
        #expect(opening.phase(at: Self.now) == .active && opening.until == Self.now + World.minutes(60))
        #expect(opening.targets.map(\.description) == ["eig-01:22", "vpn-01", "txn-db"] && opening.isReviewOpen)
        #expect(throws: GrantRefusal.breakGlassOpen(id: id)) {
            try book.breakGlass(by: "sealed", reason: "x", ticket: nil, rules, at: Self.now, draw: draws.next)
        }
        #expect(throws: GrantRefusal.stillOpen(id, until: Self.now + World.minutes(60))) {
            try book.close(id, by: "anna", note: nil, rules, at: Self.now)
        }
        let over = Self.now + World.minutes(60)
        #expect(throws: GrantRefusal.ownGrant(id)) { try book.close(id, by: "sealed", note: nil, rules, at: over) }
        #expect(throws: GrantRefusal.rightMissing(.approve)) {
            try book.close(id, by: "carl", note: nil, rules, at: over)
        }
        #expect(book.prune(at: over + .seconds(1000 * 86_400)) == [], "an open review is never forgotten")
        let closed = try book.close(id, by: "anna", note: "she was right", rules, at: over)
        #expect(!closed.isReviewOpen && closed.closure?.who == "anna")
        #expect(throws: GrantRefusal.closedAlready(id, by: "anna")) {
            try book.close(id, by: "ben", note: nil, rules, at: over)
        }
        let plain = try book.request(Self.order(), by: "anna", rules, at: over, draw: draws.next).id
        #expect(throws: GrantRefusal.notBreakGlass(plain)) {
            try book.close(plain, by: "ben", note: nil, rules, at: over)
        }
    }

    @Test("never lets in but by an approval of somebody else, whatever is done", arguments: 1...20)
    func simulation(seed: Int) throws {
        let rules = try World.rules()
        let draws = Draws(seed: UInt64(seed))
        let people = ["anna", "ben", "carl", "gone", "sealed", "mallory"]
        var book = GrantBook()
        var now = Self.now
        var told: Set<String> = []
        var allowedCount = 0
        for _ in 0..<250 {
            now = now + .seconds(draws.below(4) == 0 ? draws.below(7200) : draws.below(60))
            let who = people[draws.below(people.count)]
            let ids = book.grants.map(\.id)
            let id = ids.isEmpty ? "g-none" : ids[draws.below(min(ids.count, 6))]
            let before = book
            do throws(GrantRefusal) {
                switch draws.below(7) {
                case 0, 1:
                    let starts = draws.below(3) == 0 ? now + .seconds(draws.below(7200) - 600) : nil
                    let target = ["eig-01:22", "vpn-01", "txn-db", "eig-01:8443", "x"][draws.below(5)]
                    let order = Self.order([target], minutes: draws.below(500), startsAt: starts)
                    _ = try book.request(order, by: who, rules, at: now, draw: draws.next)
                case 2: _ = try book.approve(id, by: who, note: nil, rules, at: now)
                case 3: _ = try book.deny(id, by: who, note: nil, rules, at: now)
                case 4: _ = try book.revoke(id, by: who, note: nil, rules, at: now)
                case 5: _ = try book.close(id, by: who, note: nil, rules, at: now)
                default:
                    _ = try book.breakGlass(by: who, reason: "x", ticket: nil, rules, at: now, draw: draws.next)
                }
            } catch {
                #expect(book == before, "what is refused changes nothing")
            }
            for grant in book.takeEnded(at: now) { #expect(told.insert(grant.id).inserted, "told once") }
            let policy = World.policy(rules, grants: book.grants)
            for person in ["anna", "ben", "sealed"] {
                let places = [Destination(target: "eig-01", port: 22), Destination(target: "txn-db")]
                let wanted = places[draws.below(2)]
                guard case .allowed(let passage) = try policy.decide(World.person(person, rules), wanted, now: now),
                    let grant = book[passage.grantID]
                else { continue }
                allowedCount += 1
                #expect(grant.who == person && grant.phase(at: now) == .active)
                #expect(passage.until > now && passage.until <= grant.requestedAt + .seconds(40 * 86_400))
                if grant.isBreakGlass {
                    #expect(person == "sealed" && passage.until <= grant.requestedAt + World.minutes(60))
                } else {
                    #expect(grant.decision.map { $0.who != person && ["anna", "ben"].contains($0.who) } == true)
                    #expect(
                        grant.until.map { until in grant.from.map { until - $0 <= World.minutes(480) } ?? false }
                            == true
                    )
                }
                #expect(grant.revocation == nil)
            }
        }
        #expect(book.count > 3 && allowedCount > 0)
    }
}
