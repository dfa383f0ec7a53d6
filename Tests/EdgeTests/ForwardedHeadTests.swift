// SPDX-License-Identifier: Apache-2.0
import Base
import HTTP
import LinuxIO
import Partners
import Testing

@testable import Edge
@testable import Engine

/// A connection of a worker that does not run: heads are put into it by hand.
private final class Desk {
    static let id = UniqueID(high: 0x017f_22e2_79b0_7cc3, low: 0x98c4_dc0c_0c07_398f)
    static let own = "00-017f22e279b07cc398c4dc0c0c07398f-98c4dc0c0c07398f-01"

    private let surroundings: Surroundings
    private var bytes: [UInt8] = []
    let worker: Worker
    let server: ServerConnection
    private let caller: Caller

    init(peer: String = "192.0.2.7:50000", scheme: CredentialRule.Scheme = .none) throws {
        surroundings = try Surroundings(try ConfigurationFolder())
        worker = try Worker(index: 0, environment: surroundings.environment, snapshot: surroundings.snapshot)
        server = ServerConnection(
            worker: worker,
            side: .partners,
            peer: try #require(IPEndpoint(peer)),
            listenerIndex: 0,
            channel: Channel(try Pipe().keepReader(), session: nil)
        )
        let head = scheme == .none ? "" : "credential = { scheme = \"\(scheme.rawValue)\", file = \"payfast\" }"
        let identity = ClientIdentity(certificate: Fixture.certificate())
        server.identity = identity
        caller = identity.caller(Fixture.record(try Fixture.partner(head: head)), server.lines)
        server.caller = caller
    }

    deinit { _ = try? surroundings.stop() }

    /// - Returns: whether it was one.
    func read(_ request: String) -> Bool {
        let bytes = Array(request.utf8)
        self.bytes = bytes
        server.beginExchange()
        server.exchange.id = Self.id
        server.head.take(&worker.fieldRoom)
        var parser = RequestParser()
        return parser.parse(bytes.span, into: &server.head) == .complete
    }

    func toBackend() -> [Substring] {
        var output = ByteBuffer()
        let bytes = bytes
        ForwardedHead.writePartner(server, bytes.span, of: caller, to: surroundings.snapshot.targets[0], into: &output)
        return Self.lines(output)
    }

    func toPartner(pathOffset: Int) throws -> [Substring] {
        let mobicash = try #require(PartnerID("mobicash"))
        let target = try #require(surroundings.snapshot.outwardTarget(mobicash))
        var output = ByteBuffer()
        let bytes = bytes
        ForwardedHead.writeOutward(server, bytes.span, to: target, pathOffset: pathOffset, into: &output)
        return Self.lines(output)
    }

    /// The answer's head as it goes back.
    func back(_ answer: String, to method: HTTP.Method = .get) -> [Substring] {
        let bytes = Array(answer.utf8)
        var parser = ResponseParser()
        var head = ResponseHead()
        guard parser.parse(bytes.span, requestMethod: method, into: &head) == .complete else { return ["not taken"] }
        var output = ByteBuffer()
        let framing: BodyFraming = head.framing == .untilClose ? .chunked : head.framing
        ForwardedHead.writeResponse(head, bytes.span, framing: framing, for: server, into: &output)
        return Self.lines(output)
    }

    /// The head's lines; what is no head is shown as it is.
    private static func lines(_ output: borrowing ByteBuffer) -> [Substring] {
        let text = String(output.bytes)
        guard text.hasSuffix("\r\n\r\n") else { return ["no end: \(text)"] }
        // A line end is one character.
        return text.dropLast(2).split(separator: "\r\n", omittingEmptySubsequences: false)
    }
}

@Suite("The head of a request, as it leaves")
struct ForwardedHeadTests {
    /// What every request of the partner gets from us.
    static let ours: [Substring] = [
        "X-EIG-Partner: payfast", "Client-Cert: :MAMCAQU=:", "Forwarded: for=192.0.2.7;proto=https",
        "X-EIG-Request-Id: 017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "traceparent: \(Desk.own)",
    ]

    struct Case: Sendable, CustomTestStringConvertible {
        let sentence: String
        let fields: [String]
        /// Of those fields, what goes on.
        let kept: [Substring]
        var scheme = CredentialRule.Scheme.none
        var testDescription: String { sentence }

        init(_ sentence: String, _ fields: [String], _ kept: [Substring], scheme: CredentialRule.Scheme = .none) {
            self.sentence = sentence
            self.fields = fields
            self.kept = kept
            self.scheme = scheme
        }
    }

    static let cases: [Case] = [
        Case("nothing more", [], []),
        Case(
            "fields of its own, in order and as written",
            ["x-b: 2", "X-A:1 ", "X-b: 3"],
            ["x-b: 2", "X-A: 1", "X-b: 3"]
        ),
        Case("what is for this connection only", ["Keep-Alive: 5", "TE: trailers", "Proxy-Connection: x"], []),
        Case("what Connection names", ["Connection: X-Secret, keep-alive", "X-Secret: 1", "X-Open: 2"], ["X-Open: 2"]),
        Case("a body's framing is ours", ["Content-Length: 5", "Content-Type: a/b"], ["Content-Type: a/b"]),
        Case("a credential nobody checked", ["Authorization: Basic YTpi"], ["Authorization: Basic YTpi"]),
        Case("a credential we checked", ["Authorization: Basic YTpi", "X-A: 1"], ["X-A: 1"], scheme: .basic),
        Case(
            "a password we checked, with the name that goes with it",
            ["X-USERNAME: payfast", "X-PASSWORD: 00ff", "Authorization: Bearer t"],
            ["X-USERNAME: payfast", "Authorization: Bearer t"],
            scheme: .terrapay
        ),
        Case("the state of no trace", ["tracestate: a=b"], []),
    ]

    @Test("keeps what is the partner's and adds what is ours, once", arguments: cases)
    func partner(_ testCase: Case) throws {
        let desk = try Desk(scheme: testCase.scheme)
        let fields = testCase.fields.map { $0 + "\r\n" }.joined()
        try #require(desk.read("POST /eig/x?y=1 HTTP/1.1\r\nHost: edge.example\r\n\(fields)\r\n"))
        let length: [Substring] = testCase.fields.contains("Content-Length: 5") ? ["Content-Length: 5"] : []
        #expect(
            desk.toBackend() == ["POST /eig/x?y=1 HTTP/1.1", "Host: 127.0.0.1:9"] + testCase.kept + Self.ours + length
        )
    }

    static let claims = [
        "X-EIG-Partner", "x-eig-partner", "X-EIG-Request-Id", "X-Eig-Whatever", "Client-Cert", "CLIENT-CERT",
        "Client-Cert-Chain", "Client-Certificate", "Forwarded", "fOrWaRdEd", "X-Forwarded-For", "X-Forwarded-Host",
        "X-Forwarded-Proto", "X-Forwarded-Client-Cert", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP",
        "X-Client-IP", "X-Cluster-Client-IP", "X-Client-Cert", "X-Client-Verify", "X-Client-DN", "X-SSL-Client-S-DN",
        "SSL-Client-Cert", "X-Amzn-Mtls-Clientcert", "X-Envoy-Peer", "X-Remote-User", "Remote-User", "Remote-Addr",
        "X-Authenticated-User", "X-Auth-Request-User", "X-Original-URL", "X-Rewrite-URL", "X-Host", "Proxy",
        "X-HTTP-Method-Override", "X-Method-Override",
    ]

    @Test("lets nobody speak for another, however the claim is spelled")
    func spoofed() throws {
        let desk = try Desk()
        for name in Self.claims {
            try #require(desk.read("GET /eig/x HTTP/1.1\r\nHost: edge.example\r\n\(name): mobicash\r\nX-A: 1\r\n\r\n"))
            #expect(desk.toBackend() == ["GET /eig/x HTTP/1.1", "Host: 127.0.0.1:9", "X-A: 1"] + Self.ours, "\(name)")
        }
    }

    @Test("cannot be reached by a name that only some backends read as ours")
    func underscores() throws {
        let desk = try Desk()
        for name in [
            "X_EIG_Partner", "X-EIG_Partner", "Client_Cert", "X-EIG-Partner ", "X-EIG-Partner\t", "X\u{b7}EIG",
        ] {
            #expect(!desk.read("GET /eig/x HTTP/1.1\r\nHost: edge.example\r\n\(name): mobicash\r\n\r\n"), "\(name)")
        }
    }

    @Test("says where an IPv6 peer comes from in brackets and quotes (RFC 7239)")
    func forwardedV6() throws {
        let desk = try Desk(peer: "[2001:db8:5::9]:50000")
        try #require(desk.read("GET /eig/x HTTP/1.1\r\nHost: edge.example\r\n\r\n"))
        #expect(desk.toBackend().contains("Forwarded: for=\"[2001:db8:5::9]\";proto=https"))
    }

    @Test("streams a body of unknown length on as one")
    func chunked() throws {
        let desk = try Desk()
        try #require(desk.read("POST /eig/x HTTP/1.1\r\nHost: edge.example\r\nTransfer-Encoding: chunked\r\n\r\n"))
        #expect(desk.toBackend().suffix(1) == ["Transfer-Encoding: chunked"])
        #expect(desk.toBackend().filter { $0.lowercased().hasPrefix("transfer-encoding") }.count == 1)
    }

    @Test("meets an expectation itself")
    func expectation() throws {
        let desk = try Desk()
        try #require(
            desk.read("POST /eig/x HTTP/1.1\r\nHost: edge.example\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
        )
        #expect(!desk.toBackend().contains { $0.lowercased().hasPrefix("expect") })
    }

    @Test("goes on with a valid trace under a span of ours, and begins one otherwise")
    func trace() throws {
        let desk = try Desk()
        let given = "0af7651916cd43dd8448eb211c80319c"
        for (value, want) in [
            ("00-\(given)-b7ad6b7169203331-00", "00-\(given)-98c4dc0c0c07398f-00"),
            ("00-\(given)-b7ad6b7169203331-03", "00-\(given)-98c4dc0c0c07398f-03"),
            ("00-\(given.uppercased())-b7ad6b7169203331-01", Desk.own), ("01-\(given)-b7ad6b7169203331-01", Desk.own),
            ("garbage", Desk.own),
        ] {
            let fields = "Host: edge.example\r\nTraceParent: \(value)\r\ntracestate: a=b\r\n"
            try #require(desk.read("GET /eig/x HTTP/1.1\r\n\(fields)\r\n"))
            let lines = desk.toBackend()
            #expect(lines.filter { $0.lowercased().hasPrefix("traceparent") } == ["traceparent: \(want)"])
            #expect(lines.contains("tracestate: a=b") == (want != Desk.own), "a state goes with its own trace only")
        }
    }

    @Test("of a backend's own call says nothing of the inside")
    func outward() throws {
        let desk = try Desk()
        let path = "/v1/partners/mobicash/quotes?q=1"
        try #require(
            desk.read(
                "PUT \(path) HTTP/1.1\r\nHost: inside\r\nX-EIG-Trick: 1\r\nX-Forwarded-For: 10.20.0.10\r\n"
                    + "Authorization: Bearer t\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
            )
        )
        #expect(
            try desk.toPartner(pathOffset: 21) == [
                "PUT /v2/quotes?q=1 HTTP/1.1", "Host: api.mobicash.example", "Authorization: Bearer t",
                "traceparent: \(Desk.own)", "Content-Length: 2",
            ]
        )
    }
}

@Suite("The head of an answer, as it goes back")
struct ForwardedResponseTests {
    static let id: Substring = "X-EIG-Request-Id: 017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    static let date = "Date: Fri, 15 Jan 2027 08:00:00 GMT"

    struct Case: Sendable, CustomTestStringConvertible {
        let sentence: String
        let answer: String
        var method = HTTP.Method.get
        let want: [Substring]
        var testDescription: String { sentence }
    }

    static let cases: [Case] = [
        Case(
            sentence: "with a length",
            answer: "HTTP/1.1 201 Whatever\r\n\(date)\r\nX-A: 1\r\nContent-Length: 3\r\n\r\n",
            want: ["HTTP/1.1 201 Created", Substring(date), "X-A: 1", id, "Content-Length: 3"]
        ),
        Case(
            sentence: "in chunks",
            answer: "HTTP/1.1 200 OK\r\n\(date)\r\nTransfer-Encoding: chunked\r\n\r\n",
            want: ["HTTP/1.1 200 OK", Substring(date), id, "Transfer-Encoding: chunked"]
        ),
        Case(
            sentence: "up to the end of the backend's connection",
            answer: "HTTP/1.1 200 OK\r\n\(date)\r\n\r\n",
            want: ["HTTP/1.1 200 OK", Substring(date), id, "Transfer-Encoding: chunked"]
        ),
        Case(
            sentence: "to HEAD: the length a body would have",
            answer: "HTTP/1.1 200 OK\r\n\(date)\r\nContent-Length: 99\r\n\r\n",
            method: .head,
            want: ["HTTP/1.1 200 OK", Substring(date), id, "Content-Length: 99"]
        ),
        Case(
            sentence: "without content",
            answer: "HTTP/1.1 204 No Content\r\n\(date)\r\n\r\n",
            want: ["HTTP/1.1 204 No Content", Substring(date), id]
        ),
        Case(
            sentence: "without what is for the backend's connection, or claims to be ours",
            answer: "HTTP/1.1 200 OK\r\n\(date)\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 3\r\n"
                + "X-EIG-Partner: x\r\nX-EIG-Request-Id: y\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nContent-Length: 0\r\n\r\n",
            want: ["HTTP/1.1 200 OK", Substring(date), "Set-Cookie: a=b", "Set-Cookie: c=d", id, "Content-Length: 0"]
        ),
    ]

    @Test("keeps what is the backend's, with the id our log has", arguments: cases)
    func response(_ testCase: Case) throws {
        let desk = try Desk()
        try #require(desk.read("\(testCase.method.name) /eig/x HTTP/1.1\r\nHost: edge.example\r\n\r\n"))
        desk.server.machine.headRead(isPersistent: true, hasBody: false)
        #expect(desk.back(testCase.answer, to: testCase.method) == testCase.want)
    }

    @Test("is dated by us when the backend did not")
    func dated() throws {
        let desk = try Desk()
        try #require(desk.read("GET /eig/x HTTP/1.1\r\nHost: edge.example\r\n\r\n"))
        desk.server.machine.headRead(isPersistent: true, hasBody: false)
        let date = String(decoding: desk.worker.dateLine.dropLast(2), as: UTF8.self)
        let lines = desk.back("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(lines == ["HTTP/1.1 200 OK", Substring(date), Self.id, "Content-Length: 0"])
    }

    @Test("says so when it is the connection's last")
    func last() throws {
        let desk = try Desk()
        try #require(desk.read("GET /eig/x HTTP/1.1\r\nHost: edge.example\r\n\r\n"))
        desk.server.machine.headRead(isPersistent: false, hasBody: false)
        let lines = desk.back("HTTP/1.1 200 OK\r\n\(Self.date)\r\nContent-Length: 0\r\n\r\n")
        #expect(lines.last == "Connection: close")
    }
}
