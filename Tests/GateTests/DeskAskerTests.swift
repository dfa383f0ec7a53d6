// SPDX-License-Identifier: Apache-2.0
import Access
import AccessStore
import AuditTrail
import Base
import Control
import LinuxIO
import Synchronization
import Testing

@testable import Gate

/// Anna has the account games, Ben man, which every Debian has.
@Suite("Somebody on the gate's own host")
struct DeskAskerTests {
    private typealias World = GateDeskTests.World
    private static let games: UInt32 = 5
    private static let man: UInt32 = 6

    private static func caller(_ userID: UInt32, _ loggedIn: UInt32? = nil, isClaimed: Bool = true) -> DeskCaller {
        .local(
            PeerCredentials(processID: 4711, userID: userID, groupID: 0),
            loggedIn.map { LoggedInUser(userID: $0, isClaimed: isClaimed) }
        )
    }

    @Test("is the person whose account it is, and has their rights")
    func account() throws {
        let world = try World()
        let asked = try world.ask(Self.caller(Self.games), "POST", "/v1/grants", GateDeskTests.order)
        let id = try GrantDocument(json: asked.body).grant.id
        let own = try world.ask(Self.caller(Self.games), "POST", "/v1/grants/\(id)/approve")
        #expect(try world.code(own) == "403 grant_own")
        let approved = try world.ask(Self.caller(Self.man), "POST", "/v1/grants/\(id)/approve")
        #expect(try GrantDocument(json: approved.body).grant.decidedBy == "ben")
        let events = world.events.withLock { $0 }
        #expect(events.map(\.who) == ["anna", "anna", "ben"] && events[2].origin == "local")
        #expect(events[2].how == "login man (uid 6, pid 4711)")
        let whoami = try WhoamiDocument(json: world.ask(Self.caller(Self.man), "GET", "/v1/whoami").body)
        #expect(whoami.who == "ben" && whoami.login == .init(account: "man", uid: 6) && whoami.rights.count == 2)
    }

    struct Root: Sendable, CustomTestStringConvertible {
        let loggedIn: UInt32?
        let isClaimed: Bool
        let who: String
        let how: String
        var testDescription: String { how }
    }

    static let roots = [
        Root(loggedIn: nil, isClaimed: false, who: "root", how: "login root (uid 0, pid 4711)"),
        Root(loggedIn: 0, isClaimed: true, who: "root", how: "login root (uid 0, pid 4711)"),
        Root(loggedIn: man, isClaimed: true, who: "man", how: "login root (uid 0, pid 4711), claims login man (uid 6)"),
        Root(loggedIn: man, isClaimed: false, who: "man", how: "login man (uid 6) as root, pid 4711"),
    ]

    @Test("who is root looks at everything and decides nothing, whoever logged in", arguments: roots)
    func root(_ root: Root) throws {
        let world = try World()
        let asked = try world.request()
        let caller = Self.caller(0, root.loggedIn, isClaimed: root.isClaimed)
        for path in ["/v1/grants", "/v1/sessions", "/v1/review", "/v1/targets", "/v1/whoami"] {
            #expect(try world.ask(caller, "GET", path).status == 200)
        }
        let hash = String(repeating: "a", count: 64)
        let deeds = [
            ("grants", GateDeskTests.order, "grant.request"), ("grants/\(asked.id)/approve", "", "grant.approve"),
            ("grants/\(asked.id)/deny", "", "grant.deny"), ("grants/\(asked.id)/revoke", "", "grant.revoke"),
            ("grants/\(asked.id)/close", "", "grant.close"), ("break-glass", #"{"reason":"x"}"#, "break-glass.begin"),
            ("review/sign", #"{"note":"x","days":180,"sha256":"\#(hash)"}"#, "review.sign"),
        ]
        for (path, body, kind) in deeds {
            #expect(try world.code(world.ask(caller, "POST", "/v1/\(path)", body)) == "403 login_root")
            let event = try #require(world.events.withLock { $0.last })
            #expect(event.kind.rawValue == kind && event.outcome == .failure && event.detail("refused") == "login_root")
            #expect(event.who == root.who && event.how == root.how)
        }
        #expect(try world.ask(caller, "POST", "/v1/unlock", #"{"person":"anna"}"#).status == 200)
        #expect(world.grants[asked.id]?.decision == nil && world.grants[asked.id]?.revocation == nil)
    }

    @Test(
        "decides on nobody's own from another account: who logged in counts against them, and never for",
        arguments: [
            true, false,
        ]
    )
    func alias(isClaimed: Bool) throws {
        let world = try World()
        let annas = try world.request()
        // sudo -u man, by Anna.
        let disguised = Self.caller(Self.man, Self.games, isClaimed: isClaimed)
        for verb in ["approve", "deny", "close"] {
            let answer = try world.ask(disguised, "POST", "/v1/grants/\(annas.id)/\(verb)")
            #expect(try world.code(answer) == "403 grant_own")
        }
        let event = try #require(world.events.withLock { $0.last })
        #expect(event.who == "ben" && event.outcome == .failure && event.detail("refused") == "grant_own")
        let claimed = "login man (uid 6, pid 4711), claims login games (uid 5)"
        #expect(event.how == (isClaimed ? claimed : "login games (uid 5) as man, pid 4711"))
        #expect(world.grants[annas.id]?.decision == nil)
        // Nor as herself, claiming to be Ben: she lacks the right.
        let claiming = Self.caller(Self.games, Self.man, isClaimed: isClaimed)
        let bens = try world.request("ben")
        #expect(try world.code(world.ask(claiming, "POST", "/v1/grants/\(bens.id)/deny")) == "403 grant_own")
        let others = try world.request()
        #expect(try world.code(world.ask(claiming, "POST", "/v1/grants/\(others.id)/approve")) == "403 grant_own")
        // What nobody forbids goes on: to take one's own away, and Ben's decision under his own name.
        #expect(try world.ask(disguised, "POST", "/v1/grants/\(annas.id)/revoke").status == 200)
        #expect(try world.ask(Self.caller(Self.man, Self.man), "POST", "/v1/grants/\(others.id)/approve").status == 200)
        let whoami = try WhoamiDocument(json: world.ask(disguised, "GET", "/v1/whoami").body)
        #expect(whoami.who == "ben" && whoami.login?.loggedInAs == "games" && whoami.login?.isClaimed == isClaimed)
    }

    @Test("who has no administrator's account is told so, and it is written down")
    func stranger() throws {
        let world = try World()
        let asked = try world.request()
        let caller = Self.caller(65_534, Self.man)
        #expect(try world.code(world.ask(caller, "POST", "/v1/grants/\(asked.id)/approve")) == "403 login_unknown")
        #expect(try world.code(world.ask(caller, "GET", "/v1/grants")) == "403 login_unknown")
        #expect(try world.code(world.ask(caller, "POST", "/v1/unlock", #"{"person":"anna"}"#)) == "403 login_unknown")
        let events = world.events.withLock { $0 }
        #expect(events.map { "\($0.kind) \($0.who)" }.suffix(2) == ["grant.approve nobody", "lockout.end nobody"])
    }
}

@Suite("Who asks the gate who they are")
struct DeskWhoamiTests {
    @Test("shows somebody the grants in force, and no others")
    func inForce() throws {
        let world = try GateDeskTests.World()
        let asked = try world.request()
        func grants(after: Duration = .zero) throws -> [String] {
            let answer = try world.ask("anna", "GET", "/v1/whoami", after: after)
            return try WhoamiDocument(json: answer.body).grants.map(\.id)
        }
        #expect(try grants() == [])
        _ = try world.ask("ben", "POST", "/v1/grants/\(asked.id)/approve")
        #expect(try grants() == [asked.id])
        #expect(try WhoamiDocument(json: world.ask("ben", "GET", "/v1/whoami").body).grants.isEmpty)
        #expect(try grants(after: .seconds(3600)) == [])
    }
}
