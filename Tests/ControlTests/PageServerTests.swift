// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import LinuxIO
import Testing

@Suite("A page server")
struct PageServerTests {
    static let loopback = IPEndpoint(address: .v4(0x7f00_0001), port: 0)
    static let here = [IPPrefix("127.0.0.0/8")].compactMap(\.self)
    static let elsewhere = [IPPrefix("192.0.2.0/24")].compactMap(\.self)

    func server(
        from: [IPPrefix] = here,
        limits: ControlLimits = ControlLimits(),
        page: @escaping @Sendable () -> ControlResponse = { .text("a 1\n") }
    ) throws -> PageServer {
        try PageServer(endpoint: Self.loopback, from: from, path: "/metrics", name: "page", limits: limits, page: page)
    }

    func connect(_ server: PageServer) throws -> OwnedDescriptor {
        let socket = try Sockets.connect(server.endpoint)
        try socket.wait(for: .writable, timeout: .seconds(5))
        return socket
    }

    /// Everything a caller gets that sends `text` and says no more.
    func exchange(_ server: PageServer, _ text: String) throws -> String {
        let socket = try connect(server)
        _ = try socket.send(Array(text.utf8).span)
        return try rest(of: socket)
    }

    func rest(of socket: borrowing OwnedDescriptor) throws -> String {
        var received = ByteBuffer()
        // An answer given before all was read ends in a reset, behind its last byte.
        while let outcome = try? socket.read(into: &received, byteCountMax: 65536), outcome != .endOfStream {
            if outcome == .wouldBlock { try socket.wait(for: .readable, timeout: .seconds(10)) }
        }
        return String(received.bytes)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let request: String
        let status: Int
        var testDescription: String { String(request.prefix(60)) }
    }

    static let cases = [
        Case(request: "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", status: 200),
        Case(
            request: "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nUser-Agent: Prometheus/2.42.0\r\n"
                + "Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n"
                + "X-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n",
            status: 200
        ),
        Case(request: "GET /metrics?a=b HTTP/1.1\r\nHost: x\r\n\r\n", status: 200),
        Case(request: "HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n", status: 405),
        Case(request: "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", status: 405),
        Case(request: "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", status: 413),
        Case(request: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", status: 404),
        Case(request: "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n", status: 404),
        Case(request: "POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", status: 404),
        Case(request: "nonsense\r\n\r\n", status: 400),
        Case(request: "GET /metrics HTTP/1.1\r\n\r\n", status: 400),
        Case(
            request: "GET /metrics HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n",
            status: 431
        ),
    ]

    @Test("answers a GET of its page, and says of everything else what it is", arguments: cases)
    func answers(_ testCase: Case) throws {
        let server = try server()
        let answer = try exchange(server, testCase.request)
        #expect(answer.hasPrefix("HTTP/1.1 \(testCase.status) "), "\(answer)")
        #expect(answer.hasSuffix("\r\n\r\na 1\n") == (testCase.status == 200))
        #expect(answer.contains("\r\nAllow: GET\r\n") == (testCase.status == 405))
        server.stop()
    }

    @Test("answers nobody from elsewhere, and makes no page for them")
    func elsewhere() throws {
        let server = try server(from: Self.elsewhere) {
            Issue.record("a page was made")
            return .text("")
        }
        let answer = try exchange(server, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 403 "))
        server.stop()
    }

    @Test("cuts who asks slowly and who does not read, and answers others meanwhile")
    func slow() throws {
        var limits = ControlLimits()
        limits.stepMax = .milliseconds(400)
        let page = String(repeating: "0123456789abcdef", count: 1 << 20)
        let server = try server(limits: limits) { .text(page) }
        let silent = try connect(server)
        let deaf = try connect(server)
        _ = try deaf.send(Array("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".utf8).span)
        let before = Clock.monotonic()
        #expect(try exchange(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").hasPrefix("HTTP/1.1 404 "))
        #expect(Clock.monotonic() - before < .milliseconds(300))
        #expect(try rest(of: silent).hasPrefix("HTTP/1.1 408 "))
        Clock.sleep(.milliseconds(900))
        let got = try rest(of: deaf)
        #expect(got.hasPrefix("HTTP/1.1 200 ") && got.utf8.count < page.utf8.count, "\(got.utf8.count) bytes")
        server.stop()
    }

    @Test("gives as many places as it has, and none of them for long")
    func full() throws {
        var limits = ControlLimits()
        limits.connectionsMax = 4
        limits.stepMax = .milliseconds(300)
        let server = try server(limits: limits)
        let one = try connect(server)
        let two = try connect(server)
        let three = try connect(server)
        let four = try connect(server)
        #expect(try exchange(server, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
        for answer in [try rest(of: one), try rest(of: two), try rest(of: three), try rest(of: four)] {
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
        }
        server.stop()
    }

    @Test("is gone once stopped, and says when its address is taken")
    func stops() throws {
        let server = try server()
        #expect(throws: Errno.addressInUse) {
            try PageServer(endpoint: server.endpoint, from: [], path: "/", name: "page") { .text("") }
        }
        server.stop()
    }
}
