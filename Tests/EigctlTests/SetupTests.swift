// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import LinuxIO
import Partners
import Testing
import eigctl

@Suite("eigctl setup")
struct SetupTests {
    let bench: Bench

    init() throws {
        bench = try Bench()
        for name in ["eigd.toml", "jumpd.toml"] {
            try bench.write(try ManualTests.text("etc/\(name)"), to: "templates/\(name)")
        }
        try FileStore.makeFolder("\(bench.path)/systemd", mode: 0o700)
    }

    static let answers = [
        "--host-names=edge.example.net,Edge2.example.net", "--addresses=203.0.113.7,[2001:db8::7]:443",
        "--inside=10.9.0.1", "--inside-networks=10.9.0.0/24", "--txn=10.9.0.10", "--rpt=10.9.0.11:9090",
        "--management=192.0.2.0/25",
    ]

    /// Root needs a group that is there; nobody else may name one.
    static var group: [String] { Limits.userID == 0 ? ["--group=root"] : [] }

    func setup(_ arguments: [String], typing: [String]? = nil, ssh: String? = nil) -> Ran {
        bench.run(
            ["--config=\(bench.path)/etc", "setup", "--templates=\(bench.path)/templates"]
                + ["--systemd=\(bench.path)/systemd"] + Self.group + arguments,
            typing: typing,
            ssh: ssh
        )
    }

    func read(_ name: String) throws -> String {
        String(decoding: try FileStore.read("\(bench.path)/\(name)"), as: UTF8.self)
    }

    /// Every file below the folder, by name.
    func tree(_ folder: String = "") throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try FileStore.names(in: "\(bench.path)\(folder)") {
            let path = "\(folder)/\(name)"
            if try FileStore.status("\(bench.path)\(path)").isDirectory {
                files.merge(try tree(path)) { left, _ in left }
            } else {
                files[path] = try FileStore.read("\(bench.path)\(path)")
            }
        }
        return files
    }

    @Test("writes the answers, and leaves every comment where it was")
    func writes() throws {
        let ran = setup(["--yes"] + Self.answers)
        #expect(ran.status == .ok, "\(ran.error)")
        let gatewayText = try read("etc/eigd.toml")
        let gateway = try #require(GatewayFile.parse(gatewayText).file)
        #expect(gateway.listen.partners.map(\.description) == ["203.0.113.7:8443", "[2001:db8::7]:443"])
        #expect(gateway.listen.internal.map(\.description) == ["10.9.0.1:8080"])
        #expect(gateway.server.names == ["edge.example.net", "edge2.example.net"])
        #expect(gateway.backends.map(\.address.description) == ["10.9.0.10:8080", "10.9.0.11:9090"])
        let host = try #require(HostFile.parse(try read("etc/jumpd.toml")).file)
        #expect(host.addresses.map(\.description) == ["203.0.113.7", "2001:db8::7"])
        #expect(host.partnerPorts == [8443, 443])
        #expect(host.management.from.map(\.description) == ["192.0.2.0/25"])
        #expect(host.internal.from.map(\.description) == ["10.9.0.0/24"])
        #expect(host.egress.isEmpty, "an example network stayed open")

        func comments(_ text: String) -> [Substring] { text.split(separator: "\n").filter { $0.hasPrefix("#") } }
        #expect(comments(gatewayText) == comments(try read("templates/eigd.toml")))
        #expect(try read("etc/jumpd.toml").contains("\n# [[egress]]\n"))
        #expect(
            try read("systemd/eigd.socket.d/10-listen.conf").hasSuffix(
                "\n[Socket]\nListenStream=\nListenStream=203.0.113.7:8443\nListenStream=[2001:db8::7]:443\n"
            )
        )
        #expect(try read("systemd/eigd-internal.socket.d/10-listen.conf").hasSuffix("ListenStream=10.9.0.1:8080\n"))
        #expect(ran.output.contains("  new       \(bench.path)/etc/eigd.toml\n"))
        #expect(ran.output.contains("have \(bench.path)/etc/identities/edge.csr signed"))
    }

    @Test("makes a key nobody else may read, and shows it nowhere")
    func key() throws {
        let ran = setup(["--yes", "--json"] + Self.answers)
        let path = "\(bench.path)/etc/identities/edge.key"
        #expect(try FileStore.status(path).mode == 0o640)
        let key = try read("etc/identities/edge.key")
        #expect(key.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        for line in key.split(separator: "\n") where !line.hasPrefix("-") {
            #expect(!(ran.output + ran.error).contains(line))
        }
        let document = try ran.document(SetupDocument.self)
        #expect(document.files.map(\.state) == Array(repeating: "new", count: 6))
    }

    @Test("makes a request that openssl finds good, for all names")
    func request() throws {
        #expect(setup(["--yes"] + Self.answers).status == .ok)
        let command = ["openssl", "req", "-in", "\(bench.path)/etc/identities/edge.csr", "-noout", "-verify", "-text"]
        let told = try ChildProcess.run(command)
        #expect(told.isSuccess, "\(told.errorText)")
        #expect(told.outputText.contains("DNS:edge.example.net, DNS:edge2.example.net\n"))
        #expect(told.outputText.contains("TLS Web Server Authentication"))
        #expect(told.outputText.contains("prime256v1"))
    }

    @Test("makes a certificate of its own when asked, that belongs to the key; and `check` finds nothing to mend")
    func selfSigned() throws {
        let ran = setup(["--yes", "--self-signed"] + Self.answers)
        #expect(ran.status == .ok, "\(ran.error)")
        #expect(!ran.output.contains("signed, and put"))
        try bench.write(Bench.partner, to: "etc/partners.d/payfast.toml")
        try bench.write(Bench.certificate, to: "etc/ca/payfast-ca.pem")
        let check = bench.run("check")
        #expect(check.status == .ok && check.error.isEmpty, "\(check.error)")
        let command = ["openssl", "x509", "-in", "\(bench.path)/etc/identities/edge.pem", "-noout", "-checkhost"]
        #expect(try ChildProcess.run(command + ["edge2.example.net"]).outputText.contains("does match"))
    }

    @Test("run again with the same answers changes nothing at all")
    func idempotent() throws {
        #expect(setup(["--yes", "--self-signed"] + Self.answers).status == .ok)
        let before = try tree()
        for arguments in [["--yes"] + Self.answers, ["--yes"], ["--yes", "--self-signed"]] {
            let ran = setup(arguments)
            #expect(ran.status == .ok, "\(ran.error)")
            #expect(!ran.output.contains("changed  ") || !ran.output.contains("  changed "))
            #expect(try tree() == before)
        }
    }

    @Test("changes a configured file only with its owner's word, and then only the value")
    func configured() throws {
        #expect(setup(["--yes"] + Self.answers).status == .ok)
        let own = try read("etc/eigd.toml").replacing("count = 0", with: "count = 3 # ours")
        try bench.write(own, to: "etc/eigd.toml")
        let before = try tree()
        let refused = setup(["--yes", "--txn=10.9.0.77"])
        #expect(refused.status == .error)
        #expect(refused.error.contains("configured already, and would change; nothing was changed"))
        #expect(try tree() == before)
        #expect(setup(["--yes", "--replace", "--txn=10.9.0.77"]).status == .ok)
        #expect(try read("etc/eigd.toml") == own.replacing("10.9.0.10:8080", with: "10.9.0.77:8080"))
        #expect(
            try read("etc/identities/edge.key") == String(decoding: before["/etc/identities/edge.key"]!, as: UTF8.self)
        )
    }

    @Test("without a terminal names the option of the first answer that is missing", arguments: answers.indices)
    func missing(_ index: Int) throws {
        var arguments = Self.answers
        let option = arguments.remove(at: index).split(separator: "=")[0]
        let ran = setup(["--yes"] + arguments)
        #expect(ran.status == .usage)
        #expect(ran.error.hasPrefix("eigctl: error: `\(option)` is missing: "), "\(ran.error)")
        #expect(try tree("/systemd").isEmpty)
        #expect((try? FileStore.names(in: "\(bench.path)/etc")) == nil)
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let argument: String
        let says: String
        var testDescription: String { argument }
    }

    static let wrong = [
        Wrong(argument: "--host-names=edge_1", says: "edge_1 is not a host name"),
        Wrong(argument: "--host-names=,", says: "it is empty"),
        Wrong(argument: "--addresses=0.0.0.0", says: "0.0.0.0 is every address"),
        Wrong(argument: "--addresses=edge.example.net", says: "edge.example.net is not an address"),
        Wrong(argument: "--inside=10.9.0.1,10.9.0.2", says: "there are 2, and 1 is the most"),
        Wrong(argument: "--management=0.0.0.0/0", says: "0.0.0.0/0 is wider than /8"),
        Wrong(argument: "--management=192.0.2.1/24", says: "192.0.2.1/24 is not a network"),
        Wrong(argument: "--management-ports=70000", says: "70000 is not a port"),
        Wrong(argument: "--txn=10.9.0.10\u{1b}[2J", says: "10.9.0.10?[2J is not an address"),
    ]

    @Test("refuses an answer that cannot be", arguments: wrong)
    func refuses(_ testCase: Wrong) throws {
        let name = testCase.argument.split(separator: "=")[0]
        let ran = setup(["--yes", testCase.argument] + Self.answers.filter { !$0.hasPrefix("\(name)=") })
        #expect(ran.status == .usage)
        #expect(ran.error.contains(testCase.says), "\(ran.error)")
        #expect(!ran.error.contains("\u{1b}"))
    }

    @Test("refuses answers that do not go together: a port for partners and for administrators")
    func disagree() throws {
        let ran = setup(["--yes", "--management-ports=22,8443"] + Self.answers)
        #expect(ran.status == .error)
        #expect(ran.error.contains("port 8443 is for partners and in [management] as well"), "\(ran.error)")
        #expect(try tree("/systemd").isEmpty)
    }

    @Test("reads answers from a file, and says its line when one is wrong")
    func answersFile() throws {
        let lines = Self.answers.map { $0.dropFirst(2).replacing("=", with: " = ", maxReplacements: 1) }
        let path = "\(bench.path)/answers"
        try bench.write("# ours\n\n" + lines.joined(separator: "\n") + "\n", to: "answers")
        #expect(setup(["--yes", "--answers", path]).status == .ok)
        for (text, says) in [
            ("txn 10.9.0.1", "\(path):1: this is not NAME = VALUE"),
            (
                "\nmanagment = 192.0.2.0/24",
                "\(path):2: there is no answer `managment`\n  hint: did you mean `management`?"
            ),
            ("txn=10.9.0.1\ntxn=10.9.0.1", "\(path):2: `txn` is there twice"),
        ] {
            try bench.write(text, to: "answers")
            let ran = setup(["--yes", "--answers", path])
            #expect(ran.status == .usage && ran.error.contains(says), "\(ran.error)")
        }
        #expect(setup(["--yes", "--answers", "\(bench.path)/none"]).status == .error)
    }
}

extension SetupTests {
    @Test("does not lock out the login it runs in")
    func lockout() throws {
        let ssh = "198.51.100.9 50000 203.0.113.7 22"
        let refused = setup(["--yes"] + Self.answers, ssh: ssh)
        #expect(refused.status == .refused)
        #expect(refused.error.contains("you are here over ssh from 198.51.100.9"), "\(refused.error)")
        #expect(try tree("/systemd").isEmpty)
        let port = setup(["--yes"] + Self.answers, ssh: "192.0.2.9 50000 203.0.113.7 2222")
        #expect(port.status == .refused && port.error.contains("on port 2222"), "\(port.error)")
        #expect(setup(["--yes", "--allow-lockout"] + Self.answers, ssh: ssh).status == .ok)
    }

    @Test("warns whoever types of a lock-out and asks again")
    func asksAgain() throws {
        let typed = ["", "", "198.51.100.0/24, 192.0.2.0/25", "y"]
        let ran = setup(Self.answers, typing: typed, ssh: "198.51.100.9 50000 203.0.113.7 22")
        #expect(ran.status == .ok, "\(ran.error)")
        #expect(ran.error.contains("Warning: you are here over ssh from 198.51.100.9"))
        let host = try #require(HostFile.parse(try read("etc/jumpd.toml")).file)
        #expect(host.management.from.map(\.description) == ["198.51.100.0/24", "192.0.2.0/25"])
    }

    @Test("takes a wrong network for an answer only when it is insisted on")
    func insists() throws {
        let typed = ["", "", "192.0.2.0/25", "y"]
        #expect(setup(Self.answers, typing: typed, ssh: "198.51.100.9 50000 203.0.113.7 22").status == .ok)
        let host = try #require(HostFile.parse(try read("etc/jumpd.toml")).file)
        #expect(host.management.from.map(\.description) == ["192.0.2.0/25"])
    }

    @Test("asks for what was not given, shows what is wrong, and writes nothing unless it is agreed to")
    func interview() throws {
        let typed = ["edge", "203.0.113.300", "203.0.113.7", "10.9.0.1", "10.9.0.0/24", "10.9.0.10", "10.9.0.11"]
        let rest = ["192.0.2.0/24", "22", "none"]
        let declined = setup([], typing: typed + rest + ["n"])
        #expect(declined.status == .error && declined.error.contains("nothing was changed"), "\(declined.error)")
        #expect(declined.error.contains("203.0.113.300 is not an address"))
        #expect(try tree("/systemd").isEmpty)
        let agreed = setup([], typing: typed + rest + ["yes"])
        #expect(agreed.status == .ok, "\(agreed.error)")
        let host = try #require(HostFile.parse(try read("etc/jumpd.toml")).file)
        #expect(host.management.ports == [22])
        // Somebody who only presses Enter afterwards changes nothing.
        let again = setup([], typing: Array(repeating: "", count: 9))
        #expect(
            again.status == .ok && again.output.contains("unchanged \(bench.path)/etc/jumpd.toml"),
            "\(again.error)"
        )
        #expect(setup([], typing: []).error.contains("the input ended"))
    }

    @Test("keeps a certificate of an authority, and says so of one of another key")
    func certificates() throws {
        try bench.write(Bench.leafKey, to: "etc/identities/edge.key")
        try bench.write(Bench.leafCertificate, to: "etc/identities/edge.pem")
        #expect(setup(["--yes"] + Self.answers).status == .ok)
        #expect(try read("etc/identities/edge.pem") == Bench.leafCertificate)
        try bench.write(Bench.otherKey, to: "etc/identities/edge.key")
        let before = try tree()
        let ran = setup(["--yes", "--self-signed"] + Self.answers)
        #expect(ran.status == .error && ran.error.contains("is of another key"), "\(ran.error)")
        #expect(try tree() == before)
    }

    @Test("says whose a key is that systemd provides, and makes none")
    func credential() throws {
        let template = try read("templates/eigd.toml").split(separator: "\n", omittingEmptySubsequences: false)
        let text = template.map { $0.hasPrefix("key = ") ? "key = \"credential:server.key\"" : $0 }
        try bench.write(text.joined(separator: "\n"), to: "templates/eigd.toml")
        let ran = setup(["--yes"] + Self.answers)
        #expect(ran.status == .ok, "\(ran.error)")
        let notes = ran.output.split(separator: "\n").filter { $0.hasPrefix("Note: ") }
        #expect(notes.count == 1 && notes[0].contains("the credential server.key"), "\(ran.output)")
        #expect(notes.first?.contains("whoever runs this host provides it to eigd.service") ?? false)
        #expect(try tree("/etc").keys.filter { $0.contains("identities") }.isEmpty)
        let again = try setup(["--yes", "--json"]).document(SetupDocument.self)
        #expect(again.notes.count == 1 && again.notes[0].contains("/etc/identities/edge.pem"), "\(again.notes)")
        #expect(!again.next.contains { $0.contains("signed") })
    }

    @Test("says what to mend when a file is broken, or there is no template")
    func unusable() throws {
        try bench.write("[listen\n", to: "etc/eigd.toml")
        let broken = setup(["--yes"] + Self.answers)
        #expect(broken.status == .error && broken.error.contains("etc/eigd.toml has errors"), "\(broken.error)")
        try FileStore.remove("\(bench.path)/etc/eigd.toml")
        try FileStore.remove("\(bench.path)/templates/eigd.toml")
        let none = setup(["--yes"] + Self.answers)
        #expect(none.status == .error && none.error.contains("there is no such template"), "\(none.error)")
    }
}
