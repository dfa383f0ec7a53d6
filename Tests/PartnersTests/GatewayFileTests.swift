// SPDX-License-Identifier: Apache-2.0
import Base
import Partners
import Testing

@Suite("eigd.toml")
struct GatewayFileTests {
    @Test("says everything about the example")
    func everything() throws {
        let file = try #require(GatewayFile.parse(Examples.text("eigd.toml")).file)
        #expect(file.listen.partners.map(\.description) == ["0.0.0.0:8443", "[::]:8443"])
        #expect(file.listen.internal.map(\.port) == [8080])
        #expect(file.server.names == ["edge.example.net"])
        #expect(file.backends.map(\.name) == ["txn", "rpt"])
        #expect(file.backends[1].connectionsMax == 256 && file.backends[1].callbackPath == "/callbacks")
        #expect(file.routes.map(\.method) == ["POST", "GET", "POST", "PUT"])
        #expect(file.routes.map(\.match) == [.exact, .prefix, .prefix, .prefix])
        #expect(file.routes[0].target == .backend("txn") && file.routes[2].target == .relay)
        #expect(file.relay.retry.map(\.text) == ["1s", "5s", "30s", "2m", "10m", "30m", "1h"])
        #expect(file.relay.senderCopiesTo == ["rpt"])
        #expect(file.tls.sessionsMax == 20_000 && file.tls.sessionLifetime == .seconds(300))
        #expect(file.store.reserveBytes == 64 << 20)
        #expect(file.store.freeBytesMin == 256 << 20)
    }

    @Test("sends receivers' callbacks to every backend unless told otherwise, and copies to none")
    func relayDefaults() throws {
        let text = try Examples.text("eigd.toml").replacing("receiver-callbacks-to = [\"txn\", \"rpt\"]\n", with: "")
            .replacing("sender-copies-to = [\"rpt\"]\n", with: "")
        let file = try #require(GatewayFile.parse(text).file)
        #expect(file.relay.receiverCallbacksTo == ["txn", "rpt"])
        #expect(file.relay.senderCopiesTo == [])
    }

    @Test("takes `any` for both roles and `*` for any method")
    func wildcards() throws {
        let text = try Examples.text("eigd.toml").replacing("role = \"send\"", with: "role = \"any\"")
            .replacing("method = \"GET\"", with: "method = \"*\"")
        let file = try #require(GatewayFile.parse(text).file)
        #expect(file.routes[0].roles == [.send, .receive])
        #expect(file.routes[1].method == nil)
    }

    @Test("is refused for each mistake, at its place, with a mend", arguments: mistakes)
    func refused(_ mistake: Mistake) throws {
        let text = try mistake.edited(Examples.text("eigd.toml"))
        let outcome = GatewayFile.parse(text)
        mistake.expect(outcome.diagnostics, in: text)
        #expect(outcome.file == nil)
    }

    private static let get = "method = \"GET\"\npath = \"/eig/\"\nrole = \"send\"\nto = \"txn\"\n"

    private static let metrics = "listen = \"127.0.0.1:9464\""

    static let mistakes: [Mistake] = [
        Mistake(.missingKey, "[internal]\n", "", at: "# The gateway:", hint: "[internal]")
            .with("from = [\"10.20.0.0/24\"]\n", ""),
        Mistake(.unknownKey, "[timeouts]", "[timeout]", at: "timeout]", hint: "`timeouts`"),
        Mistake(.unknownKey, "backend-idle = ", "backend_idle = ", at: "backend_idle", hint: "`backend-idle`"),
        Mistake(.address, "\"10.20.0.1:8080\"", "\"10.20.0.1\"", at: "\"10.20.0.1\"", hint: "192.0.2.1:8443"),
        Mistake(.address, "\"10.20.0.10:8080\"", "\"txn:8080\"", at: "\"txn:8080\"", hint: "10.20.0.10:8080"),
        Mistake(.path, "\"/run/eig/eigd.sock\"", "\"eigd.sock\"", at: "\"eigd.sock\"", hint: "/run/eig"),
        Mistake(.path, "\"/eig/\"", "\"/eig/../x\"", at: "\"/eig/../x\"", hint: "/eig/"),
        Mistake(.path, "\"/eig/\"", "\"/e%20g/\"", at: "\"/e%20g/\"", hint: "/eig/"),
        Mistake(.path, "callback-path = \"/callbacks\"", "callback-path = \"x\"", at: "\"x\"", hint: "callback-path"),
        Mistake(.method, "method = \"GET\"", "method = \"get\"", at: "\"get\"", hint: "POST"),
        Mistake(.method, "method = \"GET\"", "method = \"CONNECT\"", at: "\"CONNECT\"", hint: "POST"),
        Mistake(.san, "[\"edge.example.net\"]", "[\"edge.example.net.\"]", at: "\"edge.example.net.\"", hint: "DNS"),
        Mistake(.identifier, "name = \"rpt\"", "name = \"relay\"", at: "\"relay\"\naddress", hint: "name"),
        Mistake(.repeated, "name = \"rpt\"", "name = \"txn\"", at: "\"txn\"\naddress = \"10.20.0.11", hint: "own")
            .with("[\"txn\", \"rpt\"]", "[\"txn\"]").with("[\"rpt\"]", "[]"),
        Mistake(.conflict, "[\"10.20.0.1:8080\"]", "[\"[::]:8443\"]", at: "\"[::]:8443\"]\n# The", hint: "own"),
        Mistake(.backendUnknown, get, get.replacing("txn", with: "tnx"), at: "\"tnx\"", hint: "\"txn\""),
        Mistake(.backendUnknown, get, get.replacing("txn", with: "rely"), at: "\"rely\"", hint: "\"relay\""),
        Mistake(.backendUnknown, "[\"rpt\"]", "[\"reports\"]", at: "\"reports\"", hint: "\"txn\", \"rpt\""),
        Mistake(.routeDuplicate, get, get + "[[route]] # again\n" + get, at: "[[route]] # again", hint: "one"),
        Mistake(.choice, get, get.replacing("send", with: "sender"), at: "\"sender\"", hint: "\"send\""),
        Mistake(.choice, "on-dead = \"hold\"", "on-dead = \"drop\"", at: "\"drop\"", hint: "\"hold\", \"skip\""),
        Mistake(.choice, "match = \"exact\"", "match = \"exakt\"", at: "\"exakt\"", hint: "\"exact\""),
        Mistake(.conflict, "\"30s\", \"2m\"", "\"2m\", \"30s\"", at: "\"30s\", \"10m\"", hint: "rising"),
        Mistake(.duration, "\"30s\", \"2m\"", "\"30\", \"2m\"", at: "\"30\"", hint: "30d"),
        Mistake(.range, "count = 0", "count = 257", at: "257", hint: "0 to 256"),
        Mistake(.range, "sessions-max = 20000", "sessions-max = -1", at: "-1", hint: "1000000"),
        Mistake(.range, "session-lifetime = \"5m\"", "session-lifetime = \"6m\"", at: "\"6m\"", hint: "5m"),
        Mistake(.range, "handshake = \"5s\"", "handshake = \"1h\"", at: "\"1h\"\n# From the first", hint: "10m"),
        Mistake(.count, "names = [\"edge.example.net\"]", "names = []", at: "[]", hint: "at least 1"),
        Mistake(.type, "access = true", "access = 1", at: "1\n# Lines", hint: "true"),
        Mistake(.fileName, "key = \"edge.key\"", "key = \"/etc/edge.key\"", at: "\"/etc/edge.key\"", hint: "edge.key"),
        Mistake(.address, metrics, "listen = \"localhost:9464\"", at: "\"localhost:9464\"", hint: "127.0.0.1:9464"),
        Mistake(.missingKey, metrics, "", at: "[metrics]", hint: "listen"),
        Mistake(.conflict, metrics, "listen = \"0.0.0.0:9464\"", at: "\"0.0.0.0:9464\"", hint: "`from`"),
        Mistake(.conflict, metrics, "listen = \"[::]:9464\"", at: "\"[::]:9464\"", hint: "`from`"),
        Mistake(.conflict, metrics, "listen = \"127.0.0.1:8443\"", at: "\"127.0.0.1:8443\"", hint: "own"),
        Mistake(.missingKey, metrics, "listen = \"192.0.2.5:9464\"", at: "\"192.0.2.5:9464\"", hint: "from = "),
        Mistake(.conflict, metrics, metrics + "\nfrom = [\"192.0.2.7\"]", at: "[\"192.0.2.7\"]", hint: "out"),
        Mistake(
            .prefixWide,
            "from = [\"10.20.0.0/24\"]",
            "from = [\"0.0.0.0/0\"]",
            at: "\"0.0.0.0/0\"",
            hint: "really"
        ),
    ]
}

@Suite("jumpd.toml")
struct HostFileTests {
    @Test("says everything about the example")
    func everything() throws {
        let file = try #require(HostFile.parse(Examples.text("jumpd.toml")).file)
        #expect(file.addresses.map(\.description) == ["203.0.113.1", "2001:db8::1"])
        #expect(file.management.from.map(\.description) == ["192.0.2.0/24"])
        #expect(file.management.ports == [9443, 22])
        #expect(file.partnerPorts == [8443])
        #expect(file.internal.ports == [8080])
        #expect(file.egress.map(\.ports) == [[443, 6514]])
        #expect(file.egress.flatMap(\.to).map(\.description) == ["192.0.2.128/25"])
        #expect(file.control == "/run/eig/enforce.sock")
    }

    @Test("is refused for each mistake, at its place, with a mend", arguments: mistakes)
    func refused(_ mistake: Mistake) throws {
        let text = try mistake.edited(Examples.text("jumpd.toml"))
        let outcome = HostFile.parse(text)
        mistake.expect(outcome.diagnostics, in: text)
        #expect(outcome.file == nil)
    }

    static let mistakes: [Mistake] = [
        Mistake(.address, "\"203.0.113.1\"", "\"203.0.113.1/24\"", at: "\"203.0.113.1/24\"", hint: "203.0.113.1"),
        Mistake(.port, "[9443, 22]", "[9443, 65536]", at: "65536", hint: "8443"),
        Mistake(.port, "[9443, 22]", "[9443, \"22\"]", at: "\"22\"", hint: "8443"),
        Mistake(.repeated, "[9443, 22]", "[22, 22]", at: "22]", hint: "once"),
        Mistake(.conflict, "[9443, 22]", "[8443, 22]", at: "8443]\n\n# The backends", hint: "own"),
        Mistake(.conflict, "[8080]", "[8443]", at: "8443]\n\n# The backends", hint: "own"),
        Mistake(.unknownKey, "[management]", "[management]\nport = 1", at: "port = 1", hint: "`ports`"),
        Mistake(.missingKey, "[host]", "", at: "# This host", hint: "[host]")
            .with("addresses = [\"203.0.113.1\", \"2001:db8::1\"]\n", ""),
        Mistake(.port, "[443, 6514]", "[443, 0]", at: "0]\n\n# IPsec", hint: "8443"),
        Mistake(.unknownKey, "[[egress]]", "[[egress]]\nfrom = 1", at: "from = 1", hint: "to, ports"),
        Mistake(.prefix, "[\"192.0.2.0/24\"]", "[\"admin\"]", at: "\"admin\"", hint: "network"),
    ]
}
