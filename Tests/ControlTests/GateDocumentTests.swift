// SPDX-License-Identifier: Apache-2.0
import Control
import Testing

@Suite("The gate's documents")
struct GateDocumentTests {
    static let session = SessionItem(
        id: "s-1",
        who: "anna",
        target: "eig-01",
        port: 22,
        way: "connect",
        source: "192.0.2.7:51234",
        since: "2026-11-22T01:00:00.000Z",
        endsAt: "2026-11-22T09:00:00.000Z",
        bytesIn: 5_000_000_000,
        bytesOut: 7,
        idleSeconds: 3,
        grant: "g-1",
        ticket: "NET-1"
    )

    @Test("come back from their JSON as they went")
    func roundTrip() throws {
        let sessions = SessionListDocument(sessions: [Self.session])
        #expect(try SessionListDocument(json: sessions.json) == sessions)

        var grant = GrantItem(
            id: "g-1",
            who: "anna",
            targets: ["eig-01:22"],
            state: "pending",
            reason: "patch",
            ticket: "NET-1",
            requestedAt: "2026-11-22T00:59:00.000Z",
            minutes: 60
        )
        grant.isBreakGlass = true
        let list = GrantListDocument(grants: [grant], isCut: true)
        #expect(try GrantListDocument(json: list.json) == list)
        let one = GrantDocument(grant: grant, sessionsCut: 2)
        #expect(try GrantDocument(json: one.json) == one)

        var target = TargetItem(
            id: "txn-db",
            ports: [5432],
            protocol: "postgresql",
            records: "metadata",
            leg: "tls",
            reason: "repairs",
            host: "txn-db.jump.example",
            idleSeconds: 900,
            longestSeconds: 28_800
        )
        target.isAllowed = true
        let targets = TargetListDocument(who: "anna", targets: [target])
        #expect(try TargetListDocument(json: targets.json) == targets)
        #expect(String(decoding: targets.json, as: UTF8.self).contains(#""protocol":"postgresql""#))

        var review = ReviewDocument(from: "a", until: "b", days: 180)
        review.reach = [.init(who: "anna", target: "eig-01", roles: ["network"])]
        review.people = [
            .init(id: "anna", name: "Anna", isEnabled: true, roles: [], rights: ["approve"], mayBreakGlass: false)
        ]
        review.signatures = [ReviewSignature(at: "a", who: "anna", note: "n", days: 180, sha256: "00")]
        #expect(try ReviewDocument(json: review.json) == review)
        #expect(String(decoding: review.json, as: UTF8.self).contains(#""sha256":"00""#))

        var status = GateStatusDocument(
            program: ProgramStatus(name: "jumpd gate", version: "1", pid: 7, startedAt: "a", uptimeSeconds: 3),
            configuration: ConfigurationStatus(generation: 2)
        )
        status.lockouts = [LockoutItem(kind: "person", name: "anna", since: "a", until: "b", failures: 10)]
        status.store = .init(path: "/var/lib/eig-jump/access.db", bytes: 4096)
        #expect(try GateStatusDocument(json: status.json) == status)

        var who = WhoamiDocument(who: nil, how: "login", source: "root", gate: "jump.example", version: "1")
        who.login = .init(account: "root", uid: 0, loggedInAs: "anna", isClaimed: true)
        who.certificate = .init(
            subject: "CN=x",
            issuer: "CN=y",
            serial: "01",
            fingerprint: "sha256:00",
            notBefore: "a",
            notAfter: "b",
            daysLeft: -1,
            matchedName: "x.example",
            matchedKind: "dNSName",
            authority: "ca.pem"
        )
        #expect(try WhoamiDocument(json: who.json) == who)
    }

    @Test("that ask for something need no schema, and come back as they went")
    func orders() throws {
        let order = GrantOrder(targets: ["eig-01:22"], minutes: 60, from: "a", reason: "r", ticket: "t")
        #expect(try GrantOrder(json: order.json) == order)
        #expect(try NoteOrder(json: []) == NoteOrder())
        #expect(try UnlockOrder(json: Array(#"{"person":"anna"}"#.utf8)) == UnlockOrder(person: "anna"))
        let sign = ReviewSignOrder(note: "n", days: 180, sha256: "00")
        #expect(try ReviewSignOrder(json: sign.json) == sign)
        let glass = BreakGlassOrder(reason: "r")
        #expect(String(decoding: glass.json, as: UTF8.self) == #"{"reason":"r"}"#)
    }

    /// Each order's own list of fields is what it is written with.
    @Test("that ask for something know all their fields")
    func fields() {
        let orders: [(any GateOrder, [String])] = [
            (GrantOrder(targets: [], minutes: 1, from: "", reason: "", ticket: ""), GrantOrder.fields),
            (BreakGlassOrder(reason: "", ticket: ""), BreakGlassOrder.fields),
            (NoteOrder(note: ""), NoteOrder.fields),
            (ReviewSignOrder(note: "", days: 1, sha256: ""), ReviewSignOrder.fields),
            (UnlockOrder(person: "", address: ""), UnlockOrder.fields),
        ]
        for (order, fields) in orders {
            let text = String(decoding: order.json, as: UTF8.self)
            #expect(text.matches(of: /"([a-z0-9_]+)":/).map { String($0.1) } == fields.sorted(), "\(text)")
        }
    }

    static let refused = [
        (#"{"targets":[],"minutes":1,"form":"x","reason":"r","ticket":"t"}"#, "there is no field form; there are "),
        (#"{"targets":[],"minutes":1,"reason":"r"}"#, "no ticket"),
        (#"{"targets":"x","minutes":1,"reason":"r","ticket":"t"}"#, "targets has another type"),
        (#"{"minutes":1.5,"targets":[],"reason":"r","ticket":"t"}"#, "a number is not a whole one"),
        ("{\"\u{1b}[2J\":1}", "not a JSON object"), ("{\"\\u001b[2J\":1}", "there is no field ??2J"),
        ("[]", "not a JSON object"), ("x", "not a JSON object"), ("", "no targets"),
    ]

    @Test("that ask for something else are refused by field", arguments: refused)
    func refuses(_ json: String, _ why: String) {
        do {
            _ = try GrantOrder(json: Array(json.utf8))
            Issue.record("taken: \(json)")
        } catch {
            #expect(error.why.hasPrefix(why), "\(error.why)")
        }
    }
}
