// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import LinuxIO
import Testing

@Suite("jumpd enforce", .enabled(if: Host.isPossible, Host.why))
struct JumpdTests {
    let world: JumpdWorld

    init() throws { world = try JumpdWorld() }

    @Test("says who may get in, and how often they did")
    func status() throws {
        let jumpd = try world.enforce()
        let listener = try Line.listen(on: world.edge, "0.0.0.0:8443")
        let line = try Line.open(from: world.payfast, to: "10.1.0.1:8443").get()
        let status = try world.status()
        let payfast = try #require(PartnerID("payfast"))
        #expect(status.ok && status.kernel.isInPlace && status.kernel.isOwned && status.kernel.entryCount == 1)
        #expect(status.partners.map(\.id) == ["payfast"] && status.partners.first?.mark == payfast.mark)
        let entry = try #require(status.partners.first?.entries.first)
        #expect(entry.prefix == "10.1.0.2" && entry.port == 8443 && entry.via == nil)
        #expect(entry.packetsTotal >= 3 && entry.bytesTotal > 120)
        #expect(status.partners.first?.connectionsTracked == 1)
        #expect(status.drops.contains { $0.reason == "strangers" } && status.drift.isEmpty)
        #expect(status.configuration.generation == 1 && status.configuration.lastAttempt?.ok == true)
        withExtendedLifetime((jumpd, listener, line)) {}
    }

    @Test("plans without changing anything, then applies the same")
    func applies() throws {
        let jumpd = try world.enforce()
        try world.allow("10.1.0.3")
        let plan = try world.ask("POST", "/v1/plan", for: ChangeDocument.self)
        #expect(!plan.isApplied && plan.generation == 1)
        #expect(try world.allowed() == ["10.1.0.2"])
        let applied = try world.ask("POST", "/v1/apply", for: ChangeDocument.self)
        #expect(applied.isApplied && applied.generation == 2)
        #expect(applied.changes == plan.changes)
        #expect(
            applied.changes.map { "\($0.sign.rawValue) \($0.partner ?? ""): \($0.text)" } == [
                "- payfast: allow 10.1.0.2 -> 8443", "+ payfast: allow 10.1.0.3 -> 8443",
            ]
        )
        #expect(try world.allowed() == ["10.1.0.3"])
        withExtendedLifetime(jumpd) {}
    }

    @Test("says how many connections a change cut")
    func cuts() throws {
        let jumpd = try world.enforce()
        let listener = try Line.listen(on: world.edge, "0.0.0.0:8443")
        let line = try Line.open(from: world.payfast, to: "10.1.0.1:8443").get()
        try FileStore.remove("\(world.folder)/partners.d/payfast.toml")
        let applied = try world.ask("POST", "/v1/apply", for: ChangeDocument.self)
        #expect(applied.changes.map(\.disruption) == ["1 live connection cut"])
        #expect(throws: Errno(rawValue: 104)) { try line.receive() }
        withExtendedLifetime((jumpd, listener)) {}
    }

    @Test("keeps what it has when a file is bad, and says where", arguments: ["apply", "signal"])
    func refuses(_ way: String) throws {
        let jumpd = try world.enforce()
        try world.allow("10.1.0.3", more: "colour = \"blue\"")
        if way == "apply" {
            let response = try ControlClient(path: world.control).send("POST", "/v1/apply")
            #expect(response.status == 422)
            let document = try ErrorDocument(json: response.body)
            #expect(document.error.code == "configuration_refused")
            let found = try #require(document.diagnostics?.first { $0.severity == "error" })
            #expect(found.file.hasSuffix("partners.d/payfast.toml") && found.line == 6 && found.column == 1)
        } else {
            jumpd.signal(.hangUp)
        }
        #expect(try world.eventually { try world.status().configuration.lastAttempt?.ok == false })
        #expect(try world.allowed() == ["10.1.0.2"])
        #expect(try world.status().configuration.generation == 1)
        try world.allow("10.1.0.3")
        jumpd.signal(.hangUp)
        #expect(try world.eventually { try world.allowed() == ["10.1.0.3"] })
    }

    @Test("ends an entry by its own clock")
    func expires() throws {
        let end = Clock.wall() + .seconds(3)
        try world.allow("10.1.0.2", until: WallInstant(seconds: end.seconds).rfc3339)
        let jumpd = try world.enforce()
        #expect(try world.allowed() == ["10.1.0.2"])
        #expect(try world.eventually { try world.allowed() == [] })
        #expect(Clock.wall().seconds >= end.seconds)
        #expect(try world.status().ok)
        withExtendedLifetime(jumpd) {}
    }

    @Test("puts back what another program took away")
    func mends() throws {
        let jumpd = try world.enforce()
        #expect(try world.tables() == ["table inet eig", "table inet eig_lockdown"])
        try world.edge.run { _ = try ChildProcess.run(["nft", "flush", "ruleset"]) }
        #expect(try world.eventually { try world.tables() == ["table inet eig", "table inet eig_lockdown"] })
        #expect(try world.status().notices.contains { $0.contains("eig_lockdown is missing") })
        withExtendedLifetime(jumpd) {}
    }

    @Test("does not start beside another one")
    func second() throws {
        let jumpd = try world.enforce()
        let other = try world.start("enforce", "--control", "\(world.folder)/other.sock")
        #expect(other.wait() == .exited(code: 1))
        #expect(other.said().contains("another program owns table inet eig"))
        #expect(try world.status().ok)
        withExtendedLifetime(jumpd) {}
    }

    @Test("leaves the host closed when it stops, and open only when told to")
    func stops() throws {
        let jumpd = try world.enforce()
        jumpd.signal(.terminate)
        #expect(jumpd.wait() == .exited(code: 0))
        #expect(try world.tables().contains("table inet eig_lockdown"))
        let again = try world.enforce("--remove-on-exit")
        again.signal(.terminate)
        #expect(again.wait() == .exited(code: 0))
        #expect(try world.tables() == [])
    }

    @Test("leaves the host closed when it is killed")
    func killed() throws {
        var jumpd: JumpdWorld.Running? = try world.enforce()
        jumpd = nil
        #expect(jumpd == nil)
        try world.edge.run { _ = try ChildProcess.run(["ip", "addr", "add", "10.7.0.1/24", "dev", "pay"]) }
        try world.payfast.run { _ = try ChildProcess.run(["ip", "addr", "add", "10.7.0.2/24", "dev", "up0"]) }
        let listener = try Line.listen(on: world.edge, "0.0.0.0:8443")
        let line = try Line.open(from: world.payfast, to: "10.7.0.1:8443", within: .milliseconds(200))
        #expect(throws: Errno.timedOut) { try line.get() }
        withExtendedLifetime(listener) {}
    }

    @Test("does not start with a bad file, and closes the host all the same")
    func badStart() throws {
        try world.allow("10.1.0.300")
        let jumpd = try world.start("enforce")
        #expect(jumpd.wait() == .exited(code: 3))
        #expect(jumpd.said().contains("payfast.toml:8:9"))
        #expect(try world.tables() == ["table inet eig_lockdown"])
    }

    @Test("applies once and leaves unowned tables behind")
    func once() throws {
        let jumpd = try world.start("enforce", "--once")
        #expect(jumpd.wait() == .exited(code: 0))
        #expect(try world.tables() == ["table inet eig", "table inet eig_lockdown"])
        let listing = try world.edge.run { try ChildProcess.run(["nft", "list", "table", "inet", "eig"]).outputText }
        #expect(!listing.contains("flags owner") && listing.contains("10.1.0.2 . 8443"))
    }

    @Test("locks down: administrators only, also when jumpd.toml is broken", arguments: [true, false])
    func lockdown(_ isGood: Bool) throws {
        if !isGood { try world.write("[host\n", to: "jumpd.toml") }
        let jumpd = try world.start("lockdown")
        #expect(jumpd.wait() == .exited(code: isGood ? 0 : 1))
        let listing = try world.edge.run {
            try ChildProcess.run(["nft", "list", "table", "inet", "eig_lockdown"]).outputText
        }
        #expect(listing.contains("policy drop") && listing.contains("10.9.0.0/24 . 22") == isGood)
    }

    static let wrong = [
        [], ["frobnicate"], ["enforce", "--frobnicate"], ["enforce", "--config"], ["lockdown", "--once"],
        ["enforce", "--once", "--remove-on-exit"],
    ]

    @Test("explains itself to whoever types it wrong", arguments: wrong)
    func usage(_ arguments: [String]) throws {
        let result = try ChildProcess.run([JumpdWorld.program] + arguments)
        #expect(result.status == .exited(code: 64))
        #expect(result.errorText.contains("usage: jumpd enforce"))
        #expect(result.output.isEmpty)
    }
}
