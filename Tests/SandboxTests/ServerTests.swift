// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Sandbox
import Testing

/// Says back what it was told.
struct Echo: Role {
    func answer(_ request: ReceivedRequest) -> Answer { Answer(status: 200, body: request.body) }
}

extension Server {
    /// `http://127.0.0.1:PORT` of a plain server on any free port.
    func location(_ target: String) throws -> Location {
        let endpoint = try #require(endpoint)
        return try #require(Location("http://\(endpoint)\(target)"))
    }
}

@Suite("A simulator's server")
struct ServerTests {
    static let anyPort = IPAddress("127.0.0.1").map { IPEndpoint(address: $0, port: 0) }

    static func start(
        _ role: any Role = Echo(),
        faults: [String] = [],
        log: EventLog = EventLog(role: "test", output: nil)
    ) throws -> Server {
        let plan = FaultPlan(try faults.map { try #require(Fault($0)) })
        let endpoint = try #require(anyPort)
        return try Server.start(.tcp(endpoint, nil), role: role, faults: plan, log: log)
    }

    static func post(_ server: Server, _ body: String = "hello", timeout: Duration = .seconds(5)) throws -> Call {
        var call = Call("POST", try server.location("/x"))
        call.body = Array(body.utf8)
        call.timeout = timeout
        return call
    }

    @Test("answers a call, and writes down who asked for what")
    func answers() throws {
        let log = EventLog(role: "test", output: nil)
        let server = try Self.start(log: log)
        defer { server.stop() }
        var call = try Self.post(server, #"{"transactionId":"TP1"}"#)
        call.fields = [HeaderField("X-EIG-Partner", "payfast")]
        #expect(try Caller.send(call).text == #"{"transactionId":"TP1"}"#)
        let event = try #require(log.first(within: .seconds(5)) { $0.event == .request })
        #expect(event.method == "POST")
        #expect(event.path == "/x")
        #expect(event.status == 200)
        #expect(event.peer == "127.0.0.1")
        #expect(event.partner == "payfast")
        #expect(event.transfer == "TP1")
    }

    @Test("fails as often as it was told, then works")
    func failsAndRecovers() throws {
        let server = try Self.start(faults: ["answer:500x2", "answer:503x1"])
        defer { server.stop() }
        let call = try Self.post(server)
        let statuses = try (0..<4).map { _ in try Caller.send(call).status }
        #expect(statuses == [500, 500, 503, 200])
    }

    @Test("dies in the middle of an answer")
    func dies() throws {
        let server = try Self.start(faults: ["diex1"])
        defer { server.stop() }
        let call = try Self.post(server)
        #expect(throws: CallFailure.malformed("body_truncated")) { try Caller.send(call) }
        #expect(try Caller.send(call).status == 200)
    }

    @Test("cuts before the first byte of an answer")
    func cuts() throws {
        let log = EventLog(role: "test", output: nil)
        let server = try Self.start(faults: ["cutx1"], log: log)
        defer { server.stop() }
        let call = try Self.post(server)
        #expect(throws: CallFailure.cut("the connection ended before an answer")) { try Caller.send(call) }
        let event = try #require(log.first(within: .seconds(5)) { $0.event == .request })
        #expect(event.status == nil)
    }

    @Test("stalls longer than a caller waits")
    func stalls() throws {
        let server = try Self.start(faults: ["stall:30sx1"])
        defer { server.stop() }
        let call = try Self.post(server, timeout: .milliseconds(100))
        #expect(throws: CallFailure.timedOut(waitingFor: "bytes")) { try Caller.send(call) }
    }

    @Test("answers what is no request with the parser's own status")
    func refusesNonsense() throws {
        let log = EventLog(role: "test", output: nil)
        let server = try Self.start(log: log)
        defer { server.stop() }
        var call = try Self.post(server)
        call.isVerbatim = true
        call.fields = [HeaderField("Content-Length", "5"), HeaderField("Transfer-Encoding", "chunked")]
        #expect(try Caller.send(call).status == 400)
        let event = try #require(log.first(within: .seconds(5)) { $0.event == .refusal })
        #expect(event.detail == "malformed answer: content_length_and_transfer_encoding")
    }
}

@Suite("A simulator's server with TLS")
struct TLSServerTests {
    static func start(_ log: EventLog) throws -> Server {
        let identity = PrivatePKI.identity("payfast-callbacks", trusting: "eig-ca")
        let endpoint = try #require(ServerTests.anyPort)
        return try Server.start(.tcp(endpoint, identity.serverContext()), role: SendPartner(), log: log)
    }

    static func call(_ server: Server, as name: String?) throws -> Call {
        let endpoint = try #require(server.endpoint)
        let url = "https://callbacks.payfast.example:\(endpoint.port)/terrapay"
        var call = Call("POST", try #require(Location(url)))
        call.endpoint = endpoint
        call.identity = PrivatePKI.identity(name, trusting: "payfast-ca")
        call.timeout = .seconds(5)
        let notification = """
            {"transactionId":"TP1","partnerTransId":"PF1","responseCode":"3000",
            "responseMsg":"Remit Success","status":"SUCCESS"}
            """
        call.body = Array(notification.utf8)
        return call
    }

    @Test("takes the certificate it was told to trust, and acknowledges")
    func acknowledges() throws {
        let log = EventLog(role: "test", output: nil)
        let server = try Self.start(log)
        defer { server.stop() }
        let answer = try Caller.send(Self.call(server, as: "payfast-out"))
        #expect(answer.status == 200)
        #expect(answer.text == #"{"acknowledged":"true"}"#)
        let event = try #require(log.first(within: .seconds(5)) { $0.event == .request })
        #expect(event.certificate == "CN=payfast-out.eig.example")
    }

    @Test("refuses every other one, and none", arguments: [nil, "mobicash", "impostor"] as [String?])
    func refuses(_ name: String?) throws {
        let log = EventLog(role: "test", output: nil)
        let server = try Self.start(log)
        defer { server.stop() }
        let call = try Self.call(server, as: name)
        #expect(throws: CallFailure.self) { try Caller.send(call) }
        #expect(log.first(within: .seconds(5)) { $0.event == .refusal } != nil)
        #expect(!log.events.contains { $0.event == .request })
    }
}

@Suite("A simulator's control door")
struct ControlDoorTests {
    static func ask(_ method: String, _ path: String, _ body: String = "", of faults: FaultPlan) -> Answer {
        var request = ReceivedRequest(method: method, path: path)
        request.body = Array(body.utf8)
        return ControlDoor(Echo(), faults: faults).answer(request)
    }

    @Test("plans faults, tells them and clears them")
    func faults() {
        let faults = FaultPlan()
        #expect(Self.ask("PUT", "/faults", "answer:500x3 cut", of: faults).status == 204)
        #expect(Self.ask("GET", "/faults", of: faults).text == #"["answer:500x3","cut"]"#)
        #expect(Self.ask("PUT", "/faults", of: faults).status == 204)
        #expect(faults.current.isEmpty)
    }

    @Test("changes nothing when one fault of several is not understood")
    func misspelt() {
        let faults = FaultPlan()
        #expect(Self.ask("PUT", "/faults", "cut explode", of: faults).status == 400)
        #expect(faults.current.isEmpty)
    }

    @Test("passes everything else on to the simulator")
    func passes() {
        #expect(Self.ask("POST", "/tell/mobicash", "hello", of: FaultPlan()).text == "hello")
    }
}
