// SPDX-License-Identifier: Apache-2.0
import Access
import Base
import Partners
import TLS
import Testing

@Suite("The policy")
struct AccessPolicyTests {
    private typealias World = AccessWorld

    struct Case: Sendable, CustomTestStringConvertible {
        let sentence: String
        let certificate: PeerCertificate
        let source: String
        /// `person`, or the code of the refusal, and whose name it carried.
        let want: String
        var testDescription: String { sentence }

        init(_ sentence: String, _ certificate: PeerCertificate, from source: String = "192.0.2.17", _ want: String) {
            self.sentence = sentence
            self.certificate = certificate
            self.source = source
            self.want = want
        }
    }

    static let identities: [Case] = [
        Case("an e-mail address", World.certificate(emails: ["anna@edge.example"]), "anna"),
        Case("its host in capitals", World.certificate(emails: ["anna@EDGE.example"]), "anna"),
        Case("its local part in capitals", World.certificate(emails: ["Anna@edge.example"]), "identity_unknown"),
        Case("an e-mail address as host name", World.certificate(hosts: ["anna@edge.example"]), "identity_unknown"),
        Case("a host name", World.certificate(hosts: ["BEN.edge.example"]), "ben"),
        Case("a host name as e-mail address", World.certificate(emails: ["ben.edge.example"]), "identity_unknown"),
        Case("no name", World.certificate(), "identity_unknown"),
        Case("another authority", World.certificate(emails: ["anna@edge.example"], anchor: [1]), "identity_unknown"),
        Case("no authority", World.certificate(emails: ["anna@edge.example"], anchor: nil), "identity_unknown"),
        Case(
            "two people's names",
            World.certificate(emails: ["anna@edge.example"], hosts: ["ben.edge.example"]),
            "identity_ambiguous"
        ),
        Case(
            "a person's name and a stranger's",
            World.certificate(emails: ["anna@edge.example", "x@y.example"]),
            "anna"
        ),
        Case("the key that is pinned", World.certificate(emails: ["carl@edge.example"]), "carl"),
        Case("another key", World.certificate(emails: ["carl@edge.example"], key: 1), "certificate_pin carl"),
        Case(
            "a revoked serial number",
            World.certificate(emails: ["anna@edge.example"], serial: "0bad"),
            "certificate_revoked anna"
        ),
        Case(
            "a certificate that ended",
            World.certificate(emails: ["anna@edge.example"], notAfter: -1),
            "certificate_expired anna"
        ),
        Case(
            "a weak certificate",
            World.certificate(emails: ["anna@edge.example"], weakness: "signed with MD5"),
            "certificate_weak anna"
        ),
        Case(
            "a server's certificate",
            World.certificate(emails: ["anna@edge.example"], hasClientAuth: false),
            "certificate_purpose anna"
        ),
        Case(
            "a certificate that may sign others",
            World.certificate(emails: ["anna@edge.example"], isAuthority: true),
            "certificate_weak anna"
        ),
        Case("somebody who is not enabled", World.certificate(emails: ["gone@edge.example"]), "person_disabled gone"),
        Case(
            "an address that is not theirs",
            World.certificate(hosts: ["ben.edge.example"]),
            from: "192.0.2.32",
            "address_not_allowed ben"
        ),
        Case(
            "an address of the other family",
            World.certificate(hosts: ["ben.edge.example"]),
            from: "2001:db8:1::1",
            "address_not_allowed ben"
        ),
    ]

    @Test("finds exactly one person for", arguments: identities)
    func identify(_ testCase: Case) throws {
        let policy = try World.policy(World.rules())
        let found = policy.identify(testCase.certificate, source: World.address(testCase.source), now: World.now)
        switch found {
        case .person(let person): #expect(person.id == testCase.want)
        case .refused(let denial, let claimed):
            #expect(([denial.code, claimed?.id].compactMap(\.self)).joined(separator: " ") == testCase.want)
            #expect(denial.isAuthenticationFailure)
        }
    }

    @Test("ends a person with their certificate or their entry, whichever is first")
    func validUntil() throws {
        let policy = try World.policy(World.rules())
        let short = World.certificate(hosts: ["ben.edge.example"])
        guard case .person(let ben) = policy.identify(short, source: World.source, now: World.now) else {
            Issue.record("no person")
            return
        }
        #expect(ben.validUntil == short.notAfter && ben.rights == [.approve, .sessions])
        let long = World.certificate(hosts: ["ben.edge.example"], notAfter: 400 * 86_400)
        guard case .person(let later) = policy.identify(long, source: World.source, now: World.now) else {
            Issue.record("no person")
            return
        }
        #expect(later.validUntil == WallInstant(year: 2027, month: 1, day: 1))
        let ended = policy.identify(long, source: World.source, now: World.now + .seconds(50 * 86_400))
        #expect(ended == .refused(.personEnded, claimed: later))
    }

    @Test("knows people by their account on the host")
    func login() throws {
        let policy = try World.policy(World.rules())
        guard case .person(let anna) = policy.identify(login: "anna", now: World.now) else {
            Issue.record("no person")
            return
        }
        #expect(anna.id == "anna" && anna.validUntil == nil)
        #expect(policy.identify(login: "root", now: World.now) == .refused(.loginUnknown("root"), claimed: nil))
        #expect(policy.admin(login: "anna")?.id == "anna" && policy.admin(login: "root") == nil)
        guard case .refused(.personDisabled, _) = policy.identify(login: "gone", now: World.now) else {
            Issue.record("somebody who is not enabled")
            return
        }
    }

    // MARK: - Where to

    /// A grant of `who`, approved for an hour from now unless said otherwise.
    static func grant(
        _ who: String,
        _ targets: [String],
        _ rules: AccessRules,
        minutes: Int = 60,
        startsAt: WallInstant? = nil,
        isApproved: Bool = true,
        isRevoked: Bool = false
    ) throws -> Grant {
        var book = GrantBook()
        let draws = Draws()
        let order = GrantBook.Order(
            targets: targets,
            minutes: minutes,
            startsAt: startsAt,
            reason: "to mend it",
            ticket: "NET-1"
        )
        var grant = try book.request(order, by: who, rules, at: World.now, draw: draws.next)
        let other = who == "anna" ? "ben" : "anna"
        if isApproved { grant = try book.approve(grant.id, by: other, note: nil, rules, at: World.now) }
        if isRevoked { grant = try book.revoke(grant.id, by: other, note: nil, rules, at: World.now) }
        return grant
    }

    struct Place: Sendable, CustomTestStringConvertible {
        let who: String
        let wanted: Destination
        let want: String
        var testDescription: String { "\(who) to \(wanted)" }

        init(_ who: String, _ target: String, _ port: UInt16?, _ want: String) {
            self.who = who
            wanted = Destination(target: target, port: port)
            self.want = want
        }
    }

    static let places: [Place] = [
        Place("anna", "eig-01", 22, "10.20.0.11:22"), Place("anna", "eig-01", nil, "port_missing"),
        Place("anna", "eig-01", 8443, "target_not_yours"), Place("anna", "eig-01", 23, "port_unknown"),
        Place("anna", "vpn-01", 443, "10.20.0.12:443"), Place("anna", "vpn-01", 22, "10.20.0.12:22"),
        Place("anna", "txn-db", nil, "target_not_yours"), Place("anna", "eig-02", 22, "target_unknown"),
        Place("anna", "10.20.0.11", 22, "target_literal"), Place("anna", "::1", 22, "target_literal"),
        Place("anna", "localhost", 22, "target_unknown"), Place("anna", "EIG-01", 22, "target_literal"),
        Place("anna", "eig-01.jump.edge.example", 22, "target_literal"), Place("anna", "", nil, "target_literal"),
        Place("ben", "txn-db", nil, "10.20.0.20:5432"), Place("ben", "txn-db", 5432, "10.20.0.20:5432"),
        Place("ben", "eig-01", 22, "grant_none"), Place("carl", "eig-01", 22, "target_not_yours"),
        Place("gone", "eig-01", 22, "person_disabled"), Place("sealed", "txn-db", nil, "break_glass_sealed"),
    ]

    @Test("leads to a target by its name and one of its ports, or says why not", arguments: places)
    func decide(_ place: Place) throws {
        let rules = try World.rules()
        let grants = try [
            Self.grant("anna", ["eig-01:22", "vpn-01"], rules), Self.grant("ben", ["txn-db"], rules),
        ]
        let policy = World.policy(rules, grants: grants)
        switch try policy.decide(World.person(place.who, rules), place.wanted, now: World.now) {
        case .allowed(let passage):
            #expect(passage.endpoint.description == place.want)
            #expect(grants.contains { $0.id == passage.grantID && $0.until == passage.until })
            #expect(passage.ticket == "NET-1" && !passage.isBreakGlass)
            #expect(passage.idle == World.minutes(passage.target.id == "eig-01" ? 30 : 15))
        case .refused(let denial):
            #expect(denial.code == place.want)
            let sentence = denial.sentence(for: place.who, to: place.wanted)
            #expect(sentence.hasPrefix("access denied for \(place.who) to ") && sentence.hasSuffix(")"))
        }
    }

    @Test("says where a grant stands when it does not help now")
    func standing() throws {
        let rules = try World.rules()
        let anna = try World.person("anna", rules)
        let wanted = Destination(target: "eig-01", port: 22)
        func code(_ grants: [Grant], after: Duration = .zero) -> String {
            switch World.policy(rules, grants: grants).decide(anna, wanted, now: World.now + after) {
            case .allowed: "allowed"
            case .refused(let denial): denial.code
            }
        }
        let targets = ["eig-01:22"]
        let granted = try Self.grant("anna", targets, rules)
        #expect(code([granted]) == "allowed")
        #expect(code([granted], after: World.minutes(60)) == "grant_expired")
        #expect(code([granted], after: World.minutes(60) + .nanoseconds(-1)) == "allowed")
        #expect(try code([Self.grant("anna", targets, rules, isApproved: false)]) == "grant_pending")
        #expect(try code([Self.grant("anna", targets, rules, isRevoked: true)]) == "grant_revoked")
        let later = try Self.grant("anna", targets, rules, startsAt: World.now + World.minutes(10))
        #expect(code([later]) == "grant_scheduled")
        #expect(code([later], after: World.minutes(10)) == "allowed")
        #expect(try code([Self.grant("anna", ["vpn-01:22"], rules)]) == "grant_none")
        #expect(try code([Self.grant("ben", targets, rules)]) == "grant_none")
    }

    @Test("is told in the words of the client's own error channel")
    func sentence() {
        let denial = AccessDenial.grantNone.sentence(for: "mallory", to: Destination(target: "txn-db"))
        #expect(
            denial == "access denied for mallory to txn-db: no grant (request a grant: eigctl grant request txn-db)"
        )
        let hostile = Destination(target: "\u{1b}[31m\r\nX", port: 22)
        #expect(!AccessDenial.targetLiteral.message(for: "a", to: hostile).contains { $0.isNewline || $0 == "\u{1b}" })
    }

    @Test("cuts what a change of the file no longer gives")
    func edited() throws {
        let grant = try Self.grant("anna", ["eig-01:22"], World.rules())
        func code(_ edits: (old: String, new: String)...) throws -> String {
            let rules = try World.rules(edits)
            let anna = try World.person("anna", World.rules())
            let verdict = World.policy(rules, grants: [grant])
                .decide(anna, Destination(target: "eig-01", port: 22), now: World.now)
            switch verdict {
            case .allowed: return "allowed"
            case .refused(let denial): return denial.code
            }
        }
        #expect(try code() == "allowed")
        #expect(try code(("targets = [\"eig-01:22\", \"vpn-01\"]", "targets = [\"vpn-01\"]")) == "target_not_yours")
        #expect(try code(("id = \"anna\"", "id = \"anne\"")) == "identity_unknown")
        #expect(try code(("login = \"anna\"", "enabled = false")) == "person_disabled")
        #expect(try code(("login = \"anna\"", "break-glass = true")) == "break_glass_sealed")
        #expect(try code(("login = \"anna\"", "until = 2026-11-21")) == "person_ended")
    }

    @Test("opens a sealed identity's targets only while the glass is broken, and nobody else's")
    func breakGlass() throws {
        let rules = try World.rules()
        var book = GrantBook()
        let opening = try book.breakGlass(
            by: "sealed",
            reason: "nobody answers",
            ticket: nil,
            rules,
            at: World.now,
            draw: Draws().next
        )
        let policy = World.policy(rules, grants: [opening])
        let wanted = Destination(target: "txn-db")
        guard case .allowed(let passage) = try policy.decide(World.person("sealed", rules), wanted, now: World.now)
        else {
            Issue.record("not opened")
            return
        }
        #expect(passage.isBreakGlass && passage.until == World.now + .seconds(3600) && passage.ticket.isEmpty)
        let over = try policy.decide(World.person("sealed", rules), wanted, now: World.now + .seconds(3600))
        #expect(over == .refused(.breakGlassSealed))
        #expect(try policy.decide(World.person("ben", rules), wanted, now: World.now) == .refused(.grantNone))
    }
}
