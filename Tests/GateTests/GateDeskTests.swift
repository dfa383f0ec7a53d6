// SPDX-License-Identifier: Apache-2.0
import Access
import AccessStore
import AuditTrail
import Base
import Control
import LinuxIO
import Partners
import Synchronization
import TestKit
import Testing

@testable import Gate

@Suite("The gate's desk")
struct GateDeskTests {
    static let text =
        JumpdFile.host() + JumpdFile.gate()
        + JumpdFile.admin("anna", "Anna Bauer", roles: ["network"], further: ["login = \"games\""])
        + JumpdFile.admin("ben", "Ben Okoro", roles: ["lead", "network"], further: ["login = \"man\""])
        + JumpdFile.admin("rita", "Rita Maas", roles: ["auditor"])
        + JumpdFile.admin("sealed", "The envelope", roles: ["network"], further: ["break-glass = true"])
        + JumpdFile.role("network", targets: ["eig-01:22"])
        + JumpdFile.role("lead", targets: ["txn-db"], may: ["approve", "sessions"])
        + JumpdFile.role("auditor", may: ["audit"])
        + JumpdFile.target("eig-01", "10.20.0.11", ports: [22, 8443], reason: "the gateway")
        + JumpdFile.target(
            "txn-db",
            "10.20.0.20",
            ports: [5432],
            reason: "stuck transfers",
            further: ["protocol = \"postgresql\""]
        )

    static let now = WallInstant(seconds: 1_795_000_000)

    /// A desk over a store of its own, and what it told.
    final class World: Sendable {
        private let folder: TemporaryFolder
        let rules: AccessRules
        let grants: GrantDesk
        let board = SessionBoard()
        let events = Mutex<[AuditEvent]>([])
        let said = Mutex<[String]>([])
        let killed = Mutex<[String]>([])

        init() throws {
            folder = try TemporaryFolder()
            rules = try #require(HostFile.parse(GateDeskTests.text).file?.access)
            grants = try GrantDesk(path: folder["access.db"], rules: rules, now: GateDeskTests.now)
        }

        var desk: GateDesk {
            GateDesk(
                grants: grants,
                board: board,
                lockouts: LockoutTable(rules.lockout),
                policy: { [self] in AccessPolicy(rules, anchors: [:], grants: grants.grants, generation: 1) },
                kill: { [self] id, _ in
                    killed.withLock { $0.append(id) }
                    return true
                },
                tell: { [self] event in events.withLock { $0.append(event) } },
                say: { [self] event, _ in said.withLock { $0.append(event) } },
                refusals: { ["grant_none": 3, "identity_unknown": 7] }
            )
        }

        func caller(_ id: String) -> DeskCaller {
            guard let admin = rules.admin(id) else {
                return .local(PeerCredentials(processID: 1, userID: id == "root" ? 0 : 65_534, groupID: 0), nil)
            }
            let person = Person(admin: admin, rights: rules.rights(of: admin), validUntil: nil)
            let source = IPEndpoint(address: .v4(0xc000_0207), port: 50_000)
            return .person(person, GateDeskTests.certificate(of: admin), source: source)
        }

        func ask(
            _ who: String,
            _ method: String,
            _ path: String,
            _ body: String = "",
            query: String = "",
            after: Duration = .zero
        ) throws -> ControlResponse {
            try ask(caller(who), method, path, body, query: query, after: after)
        }

        func ask(
            _ caller: DeskCaller,
            _ method: String,
            _ path: String,
            _ body: String = "",
            query: String = "",
            after: Duration = .zero
        ) throws -> ControlResponse {
            let question = DeskQuestion(method: method, path: path, query: query, body: Array(body.utf8))
            return try #require(desk.answer(question, caller, now: GateDeskTests.now + after))
        }

        func code(_ response: ControlResponse) throws -> String {
            let document = try ErrorDocument(json: response.body)
            return "\(response.status) \(document.error.code)"
        }

        func request(_ who: String = "anna", after: Duration = .zero) throws -> GrantItem {
            let response = try ask(who, "POST", "/v1/grants", GateDeskTests.order, after: after)
            #expect(response.status == 201)
            return try GrantDocument(json: response.body).grant
        }

        /// Adds a live session of `who` by a grant.
        func session(_ id: String, _ who: String, _ grant: Grant) throws {
            let now = (wall: GateDeskTests.now, monotonic: Clock.monotonic())
            let admin = try #require(rules.admin(who))
            let person = Person(admin: admin, rights: [], validUntil: nil)
            let policy = AccessPolicy(rules, anchors: [:], grants: [grant], generation: 1)
            let wanted = Destination(target: "eig-01", port: 22)
            guard case .allowed(let passage) = policy.decide(person, wanted, now: GateDeskTests.now) else {
                Issue.record("not let in")
                return
            }
            let session = LiveSession(
                id: id,
                person: who,
                destination: ("eig-01", 22),
                source: IPEndpoint(address: .v4(0xc000_0207), port: 50_000),
                way: .connect,
                passage: passage,
                endsAt: passage.until,
                at: now,
                place: (0, 0)
            )
            board.add(session)
        }
    }

    static func certificate(of admin: AdminRule) -> KnownCertificate {
        KnownCertificate(
            subject: "CN=\(admin.id)",
            issuer: "CN=Administrators",
            serial: "4a",
            sha256: "00",
            notBefore: now + .seconds(-86_400),
            notAfter: now + .seconds(30 * 86_400 + 3600),
            name: admin.san,
            ca: admin.ca
        )
    }

    static let order = #"{"targets":["eig-01:22"],"minutes":60,"reason":"to mend it","ticket":"NET-1"}"#

    @Test("answers who somebody is, behind a certificate or on the host")
    func whoami() throws {
        let world = try World()
        let anna = try WhoamiDocument(json: world.ask("anna", "GET", "/v1/whoami").body)
        #expect(
            anna.who == "anna" && anna.how == "certificate" && anna.rights == [] && anna.source == "192.0.2.7:50000"
        )
        let ben = try WhoamiDocument(json: world.ask("ben", "GET", "/v1/whoami").body)
        #expect(ben.rights == ["approve", "sessions"])
        let sealed = try WhoamiDocument(json: world.ask("sealed", "GET", "/v1/whoami").body)
        #expect(sealed.mayBreakGlass && sealed.rights == [])
        let certificate = try #require(anna.certificate)
        #expect(certificate.subject == "CN=anna" && certificate.issuer == "CN=Administrators")
        #expect(certificate.serial == "4a" && certificate.fingerprint == "sha256:00" && certificate.daysLeft == 30)
        #expect(certificate.matchedName == "anna@edge.example" && certificate.matchedKind == "rfc822Name")
        #expect(certificate.authority == "admins.pem" && anna.login == nil && anna.reason == nil)
        let root = try WhoamiDocument(json: world.ask("root", "GET", "/v1/whoami").body)
        #expect(root.who == nil && root.how == "login" && root.source == "root" && root.certificate == nil)
        #expect(root.login == .init(account: "root", uid: 0) && root.reason != nil && root.hint != nil)
    }

    @Test("shows each person their targets, and where they stand with them")
    func targets() throws {
        let world = try World()
        func items(_ who: String) throws -> [TargetItem] {
            try TargetListDocument(json: world.ask(who, "GET", "/v1/targets").body).targets
        }
        #expect(try items("anna").map(\.id) == ["eig-01"])
        #expect(try items("anna").map(\.ports) == [[22]] && items("anna")[0].isRequested == false)
        #expect(try items("ben").map(\.id) == ["eig-01", "txn-db"])
        #expect(try items("ben")[1].host == "txn-db.jump.edge.example" && items("ben")[1].leg == "plain")
        #expect(try items("root").count == 2 && items("rita").isEmpty)
        let grant = try world.request()
        #expect(try items("anna")[0].isRequested && !items("anna")[0].isAllowed)
        _ = try world.ask("ben", "POST", "/v1/grants/\(grant.id)/approve")
        #expect(try items("anna")[0].grant == grant.id && items("anna")[0].isAllowed && !items("anna")[0].isRequested)
        #expect(try items("anna")[0].records == "metadata" && items("anna")[0].idleSeconds == 900)
    }

    @Test("takes a request, lets another decide, and writes each step down with who did it")
    func grant() throws {
        let world = try World()
        let asked = try world.request()
        #expect(asked.state == "pending" && asked.who == "anna" && asked.minutes == 60)
        let own = try world.ask("anna", "POST", "/v1/grants/\(asked.id)/approve")
        #expect(try world.code(own) == "403 grant_own")
        #expect(try world.code(world.ask("rita", "POST", "/v1/grants/\(asked.id)/approve")) == "403 right_missing")
        #expect(try world.code(world.ask("root", "POST", "/v1/grants/\(asked.id)/approve")) == "403 login_root")
        #expect(try world.code(world.ask("rita", "POST", "/v1/grants/g-00000000/deny")) == "403 right_missing")
        let approved = try world.ask("ben", "POST", "/v1/grants/\(asked.id)/approve", #"{"note":"go on"}"#)
        let item = try GrantDocument(json: approved.body).grant
        #expect(item.state == "active" && item.decidedBy == "ben" && item.note == "go on")
        #expect(try world.code(world.ask("ben", "POST", "/v1/grants/\(asked.id)/deny")) == "409 grant_phase")
        let events = world.events.withLock { $0 }
        #expect(
            events.map { "\($0.kind) \($0.outcome.rawValue) \($0.who)" } == [
                "grant.request success anna", "grant.approve failure anna", "grant.approve failure rita",
                "grant.approve failure root", "grant.deny failure rita", "grant.approve success ben",
                "grant.deny failure ben",
            ]
        )
        #expect(
            events.map { $0.detail("refused") ?? "" } == [
                "", "grant_own", "right_missing", "login_root", "right_missing", "", "grant_phase",
            ]
        )
        #expect(events.allSatisfy { $0.object.hasPrefix("grant g-") && !$0.how.isEmpty && !$0.origin.isEmpty })
        #expect(events[3].how == "login root (uid 0, pid 1)")
        #expect(events[5].how == "certificate 4a sha256:00" && events[5].origin == "192.0.2.7:50000")
        #expect(events[5].object == "grant \(asked.id)" && events[5].detail("person") == "anna")
        #expect(events[5].detail("ticket") == "NET-1" && events[5].detail("note") == "go on")
    }

    @Test("counts the sessions that a revocation cut")
    func revoked() throws {
        let world = try World()
        let asked = try world.request()
        _ = try world.ask("ben", "POST", "/v1/grants/\(asked.id)/approve")
        let grant = try #require(world.grants[asked.id])
        try world.session("s1", "anna", grant)
        try world.session("s2", "anna", grant)
        world.grants.onChange { world.board["s1"].map { world.board.remove($0) } }
        let answer = try world.ask("anna", "POST", "/v1/grants/\(asked.id)/revoke", #"{"note":"done"}"#)
        let document = try GrantDocument(json: answer.body)
        #expect(document.sessionsCut == 1 && document.grant.state == "revoked" && document.grant.revokedNote == "done")
        world.grants.onChange {}
    }

    @Test("shows people what is theirs, and everything to who may decide, to auditors and to root")
    func lists() throws {
        let world = try World()
        _ = try world.request("anna")
        let bens = try world.request("ben")
        func list(_ who: String, _ query: String = "") throws -> [String] {
            try GrantListDocument(json: world.ask(who, "GET", "/v1/grants", query: query).body).grants.map(\.who)
        }
        #expect(try list("anna") == ["anna"] && list("sealed") == [])
        #expect(try list("ben").sorted() == ["anna", "ben"] && list("rita").count == 2 && list("root").count == 2)
        #expect(try list("ben", "state=pending").count == 2 && list("ben", "state=active").isEmpty)
        _ = try world.ask("ben", "POST", "/v1/grants/\(bens.id)/revoke")
        #expect(try list("ben", "state=ended") == ["ben"] && list("ben", "state=revoked") == ["ben"])
        #expect(try world.code(world.ask("ben", "GET", "/v1/grants", query: "state=x")) == "400 state_unknown")
        #expect(try world.code(world.ask("nobody", "GET", "/v1/grants")) == "403 login_unknown")
    }

    @Test("breaks the glass loudly, and keeps its review open until somebody else closes it")
    func breakGlass() throws {
        let world = try World()
        #expect(
            try world.code(world.ask("anna", "POST", "/v1/break-glass", #"{"reason":"x"}"#)) == "403 break_glass_not"
        )
        #expect(
            try world.code(world.ask("sealed", "POST", "/v1/break-glass", #"{"reason":""}"#)) == "422 reason_missing"
        )
        #expect(try world.code(world.ask("sealed", "POST", "/v1/break-glass")) == "400 body_malformed")
        #expect(world.said.withLock { $0 } == [])
        let answer = try world.ask("sealed", "POST", "/v1/break-glass", #"{"reason":"nobody answers"}"#)
        let item = try GrantDocument(json: answer.body).grant
        #expect(answer.status == 201 && item.isBreakGlass && item.isReviewOpen && item.state == "active")
        #expect(world.said.withLock { $0 } == ["break_glass"])
        let list = try GrantListDocument(json: world.ask("ben", "GET", "/v1/grants", query: "state=open").body)
        #expect(list.grants.map(\.id) == [item.id])
        let path = "/v1/grants/\(item.id)/close"
        #expect(try world.code(world.ask("ben", "POST", path)) == "409 break_glass_still_open")
        #expect(try world.code(world.ask("sealed", "POST", path, after: .seconds(3600))) == "403 grant_own")
        let closed = try world.ask("ben", "POST", path, #"{"note":"looked at"}"#, after: .seconds(3600))
        #expect(try GrantDocument(json: closed.body).grant.closedBy == "ben")
        #expect(
            world.events.withLock { $0 }.map { "\($0.kind) \($0.outcome.rawValue)" } == [
                "break-glass.begin failure", "break-glass.begin failure", "break-glass.begin failure",
                "break-glass.begin success",
                "break-glass.close failure", "break-glass.close failure", "break-glass.close success",
            ]
        )
    }

    @Test("shows and ends sessions: one's own, and everybody's with the right")
    func sessions() throws {
        let world = try World()
        let asked = try world.request()
        _ = try world.ask("ben", "POST", "/v1/grants/\(asked.id)/approve")
        try world.session("s1", "anna", #require(world.grants[asked.id]))
        func list(_ who: String) throws -> [SessionItem] {
            try SessionListDocument(json: world.ask(who, "GET", "/v1/sessions").body).sessions
        }
        #expect(try list("anna").map(\.id) == ["s1"] && list("ben").map(\.id) == ["s1"] && list("root").count == 1)
        #expect(try list("rita").isEmpty && list("sealed").isEmpty)
        #expect(try list("anna")[0].grant == asked.id && list("anna")[0].ticket == "NET-1")
        #expect(try world.code(world.ask("rita", "POST", "/v1/sessions/s1/kill")) == "404 session_unknown")
        #expect(try world.code(world.ask("ben", "POST", "/v1/sessions/s2/kill")) == "404 session_unknown")
        #expect(try world.code(world.ask("root", "POST", "/v1/sessions/s2/kill")) == "404 session_unknown")
        #expect(try world.ask("root", "POST", "/v1/sessions/s1/kill").status == 200)
        #expect(world.events.withLock { $0.last }?.who == "root")
        #expect(try world.ask("ben", "POST", "/v1/sessions/s1/kill", #"{"note":"wrong host"}"#).status == 200)
        #expect(world.killed.withLock { $0 } == ["s1", "s1"])
        let last = try #require(world.events.withLock { $0.last })
        #expect(last.kind == .sessionKill && last.who == "ben" && last.object == "eig-01:22")
        #expect(last.detail("note") == "wrong host")
    }

    @Test("says who could, who did and who allowed it, and that it was read")
    func review() throws {
        let world = try World()
        let asked = try world.request()
        _ = try world.ask("ben", "POST", "/v1/grants/\(asked.id)/approve")
        let use = Usage(sessionCount: 2, bytesIn: 100, bytesOut: 5000, lastAt: Self.now)
        world.grants.noteUse(who: "anna", target: "eig-01:22", use)
        world.grants.noteUse(who: "former", target: "old-01:22", use)
        #expect(try world.code(world.ask("anna", "GET", "/v1/review")) == "403 right_missing")
        #expect(try world.code(world.ask("rita", "GET", "/v1/review", query: "days=0")) == "400 days_outside")
        let document = try ReviewDocument(json: world.ask("rita", "GET", "/v1/review").body)
        #expect(document.days == 180 && document.people.map(\.id) == ["anna", "ben", "rita", "sealed"])
        let seen = [Self.now.rfc3339, Self.now.rfc3339, Self.now.rfc3339, nil]
        #expect(
            document.people.map(\.lastSeenAt) == seen,
            "who asks, who approves and who reads this; not the sealed one"
        )
        let anna = try #require(document.reach.first { $0.who == "anna" })
        #expect(anna.target == "eig-01:22" && anna.roles == ["network"] && anna.grantCount == 1)
        #expect(anna.sessionCount == 2 && anna.bytesIn == 100 && anna.bytesOut == 5000)
        let former = try #require(document.reach.first { $0.who == "former" })
        #expect(former.roles.isEmpty && former.target == "old-01:22", "what roles no longer give is not forgotten")
        #expect(document.grants.map(\.id) == [asked.id] && document.refusals.first?.reason == "identity_unknown")
        let hash = String(repeating: "A", count: 64)
        let body = #"{"note":"read","days":180,"sha256":"\#(hash)"}"#
        #expect(try world.code(world.ask("ben", "POST", "/v1/review/sign", body)) == "403 right_missing")
        let short = body.replacing(hash, with: "00")
        #expect(try world.code(world.ask("rita", "POST", "/v1/review/sign", short)) == "422 signature_malformed")
        #expect(try world.ask("rita", "POST", "/v1/review/sign", body).status == 201)
        let signed = try ReviewDocument(json: world.ask("rita", "GET", "/v1/review").body)
        #expect(signed.signatures.map(\.who) == ["rita"] && signed.signatures[0].sha256 == hash.lowercased())
        #expect(world.events.withLock { $0.last?.kind } == .reviewSign)
    }

    @Test("leaves to the host what is the host's, and says what a path takes")
    func paths() throws {
        let world = try World()
        for path in ["/v1/status", "/v1/metrics", "/v1/reload"] {
            #expect(try world.code(world.ask("ben", "GET", path)) == "403 local_only")
            let question = DeskQuestion(method: "GET", path: path)
            #expect(world.desk.answer(question, world.caller("root"), now: Self.now) == nil)
        }
        #expect(try world.code(world.ask("ben", "POST", "/v1/unlock", #"{"person":"anna"}"#)) == "403 local_only")
        #expect(try world.code(world.ask("root", "POST", "/v1/unlock", "{}")) == "422 unlock_malformed")
        let none = try UnlockDocument(json: world.ask("root", "POST", "/v1/unlock", #"{"person":"anna"}"#).body)
        #expect(none.unlocked.isEmpty)
        #expect(try world.code(world.ask("nobody", "POST", "/v1/unlock", #"{"person":"anna"}"#)) == "403 login_unknown")
        #expect(try world.code(world.ask("ben", "GET", "/v1/nothing")) == "404 no_such_path")
        #expect(try world.code(world.ask("ben", "POST", "/v1/grants/g-0/eat")) == "404 no_such_path")
        let wrong = try world.ask("ben", "PUT", "/v1/grants")
        #expect(wrong.status == 405 && wrong.allow == "GET, POST")
        #expect(try world.code(world.ask("ben", "GET", "/v1/grants", query: "a=%zz")) == "400 query_malformed")
        let far = #"{"targets":["eig-01:22"],"minutes":60,"reason":"x","ticket":"t","from":"tomorrow"}"#
        #expect(try world.code(world.ask("anna", "POST", "/v1/grants", far)) == "422 from_malformed")
        let typo = #"{"targets":["eig-01:22"],"minutes":60,"reason":"x","ticket":"t","form":"x"}"#
        #expect(try world.code(world.ask("anna", "POST", "/v1/grants", typo)) == "400 body_malformed")
    }

    @Test("no longer answers who is not in the file any more")
    func removed() throws {
        let world = try World()
        let admin = try #require(world.rules.admin("anna"))
        let stranger = try #require(
            HostFile.parse(Self.text.replacing("id = \"anna\"", with: "id = \"gone\"")).file?.access?.admin("gone")
        )
        let caller = DeskCaller.person(
            Person(admin: stranger, rights: [.approve], validUntil: nil),
            Self.certificate(of: stranger),
            source: IPEndpoint(address: .v4(1), port: 1)
        )
        let question = DeskQuestion(method: "GET", path: "/v1/targets")
        let answer = try #require(world.desk.answer(question, caller, now: Self.now))
        #expect(try world.code(answer) == "403 identity_unknown" && admin.isEnabled)
    }
}
