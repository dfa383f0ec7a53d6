// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import LinuxIO
import Synchronization
import TestKit
import Testing

@Suite("A control server")
struct ControlServerTests {
    /// Answers with what it was asked.
    static let echo: ControlServer.Answer = { request in
        let query = request.query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        return .text("\(request.method) \(request.path) [\(query)] \(request.body.count)")
    }

    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    var path: String { folder["c.sock"] }

    func text(_ response: ControlResponse) -> String { String(decoding: response.body, as: UTF8.self) }

    /// Everything a caller gets that sends `bytes` and says no more.
    func exchange(_ pieces: [String], endsInput: Bool = false) throws -> String {
        let socket = try UnixSockets.connect(path)
        for piece in pieces {
            _ = try? socket.send(Array(piece.utf8).span)
            Clock.sleep(.milliseconds(5))
        }
        if endsInput { socket.shutdownWrites() }
        var received = ByteBuffer()
        // An answer given before all was read ends in a reset, behind its last byte.
        while let outcome = try? socket.read(into: &received, byteCountMax: 4096), outcome != .endOfStream {
            if outcome == .wouldBlock { try socket.wait(for: .readable, timeout: .seconds(10)) }
        }
        return String(received.bytes)
    }

    @Test("answers method, path, query and body")
    func answers() throws {
        let server = try ControlServer(path: path, answer: Self.echo)
        let client = ControlClient(path: path)
        let plain = try client.send("GET", "/v1/status")
        #expect(plain.status == 200)
        #expect(plain.contentType == "text/plain; charset=utf-8")
        #expect(text(plain) == "GET /v1/status [] 0")
        let full = try client.send(
            "POST",
            "/v1/callbacks",
            query: ["state": "dead", "x": "a b&c=d/é"],
            body: [UInt8](repeating: 1, count: 300_000)
        )
        #expect(text(full) == "POST /v1/callbacks [state=dead,x=a b&c=d/é] 300000")
        server.stop()
    }

    @Test("is reached by nobody and leaves no file once stopped")
    func stops() throws {
        let server = try ControlServer(path: path, answer: Self.echo)
        server.stop()
        #expect(throws: ControlClientError.noSocket(path: path)) { try ControlClient(path: path).send("GET", "/") }
        #expect(try FileStore.names(in: folder.path).isEmpty)
    }

    @Test("tells its caller from the kernel's word")
    func peer() throws {
        let box = SeenPeer()
        let server = try ControlServer(path: path) { request in
            box.seen.withLock { $0 = request.peer }
            return .text("")
        }
        _ = try ControlClient(path: path).send("GET", "/")
        let seen = box.seen.withLock { $0 }
        #expect(seen?.processID == Limits.processID)
        #expect(seen?.userID == Limits.userID)
        server.stop()
    }

    @Test("refuses whom its policy refuses, and does not ask further")
    func unauthorised() throws {
        let server = try ControlServer(path: path, policy: ControlPolicy { _, _ in false }) { _ in
            Issue.record("an unauthorised request was answered")
            return .text("")
        }
        let response = try ControlClient(path: path).send("POST", "/v1/reload", body: [1, 2, 3])
        #expect(response.status == 403)
        #expect(try ErrorDocument(json: response.body).error.code == "not_allowed")
        server.stop()
    }

    @Test("has a socket only owner and group may use")
    func mode() throws {
        let server = try ControlServer(path: path, answer: Self.echo)
        #expect(try FileStore.status(path).mode == 0o660)
        server.stop()
    }

    @Test("takes a body in pieces, with a hundred-continue where asked for")
    func pieces() throws {
        let server = try ControlServer(path: path, answer: Self.echo)
        let answer = try exchange(["POST /a HT", "TP/1.1\r\nHost: x\r\nContent-Length: 4\r\n", "\r\nab", "cd"])
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(answer.hasSuffix("POST /a [] 4"))
        let invited = try exchange([
            "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n", "abcd",
        ])
        #expect(invited.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "))
        server.stop()
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        let bytes: String
        let status: Int
        var testDescription: String { bytes }
    }

    static let refused = [
        Refused(bytes: "nonsense\r\n\r\n", status: 400),
        Refused(bytes: "GET / HTTP/1.1\r\n\r\n", status: 400),
        Refused(bytes: "GET /?a HTTP/1.1\r\nHost: x\r\n\r\n", status: 400),
        Refused(bytes: "GET /?a=1&a=2 HTTP/1.1\r\nHost: x\r\n\r\n", status: 400),
        Refused(bytes: "GET /?a=%ff HTTP/1.1\r\nHost: x\r\n\r\n", status: 400),
        Refused(bytes: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65\r\n\r\n", status: 413),
        Refused(bytes: "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", status: 411),
        Refused(bytes: "GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 20_000))\r\n\r\n", status: 431),
    ]

    @Test("refuses what is malformed or too large", arguments: refused)
    func refuses(_ testCase: Refused) throws {
        var limits = ControlLimits()
        limits.bodyBytesMax = 64
        let server = try ControlServer(path: path, limits: limits) { _ in
            Issue.record("a refused request was answered")
            return .text("")
        }
        let answer = try exchange([testCase.bytes])
        #expect(answer.hasPrefix("HTTP/1.1 \(testCase.status) "), "\(answer)")
        server.stop()
    }

    @Test("tells a slow caller that its time is up, and serves others meanwhile")
    func slow() throws {
        var limits = ControlLimits()
        limits.stepMax = .milliseconds(300)
        let server = try ControlServer(path: path, limits: limits, answer: Self.echo)
        let slow = try UnixSockets.connect(path)
        _ = try slow.send(Array("GET / HTTP/1.1\r\n".utf8).span)
        #expect(text(try ControlClient(path: path).send("GET", "/meanwhile")) == "GET /meanwhile [] 0")
        var received = ByteBuffer()
        while case let outcome = try slow.read(into: &received, byteCountMax: 4096), outcome != .endOfStream {
            if outcome == .wouldBlock { try slow.wait(for: .readable, timeout: .seconds(10)) }
        }
        #expect(String(received.bytes).hasPrefix("HTTP/1.1 408 "))
        server.stop()
    }

    @Test("makes callers beyond its number wait, and serves them when there is room")
    func crowd() throws {
        var limits = ControlLimits()
        limits.connectionsMax = 2
        limits.stepMax = .milliseconds(300)
        let server = try ControlServer(path: path, limits: limits, answer: Self.echo)
        let first = try UnixSockets.connect(path)
        let second = try UnixSockets.connect(path)
        #expect(text(try ControlClient(path: path).send("GET", "/third")) == "GET /third [] 0")
        _ = consume first
        _ = consume second
        server.stop()
    }

    @Test("replaces the socket of a program that died")
    func stale() throws {
        _ = try UnixSockets.listen(path, mode: 0o660)
        #expect(throws: ControlClientError.nobodyListens(path: path)) { try ControlClient(path: path).send("GET", "/") }
        let server = try ControlServer(path: path, answer: Self.echo)
        #expect(try ControlClient(path: path).send("GET", "/").status == 200)
        server.stop()
    }

    @Test("leaves a living program's socket and a foreign file alone")
    func occupied() throws {
        let server = try ControlServer(path: path, answer: Self.echo)
        let path = path
        #expect(throws: ControlStartError.alreadyServed(path: path)) {
            try ControlServer(path: path, answer: Self.echo)
        }
        #expect(try ControlClient(path: path).send("GET", "/").status == 200)
        server.stop()

        let file = folder["file"]
        try FileStore.replace(file, with: [1].span, mode: 0o600)
        #expect(throws: ControlStartError.notASocket(path: file)) { try ControlServer(path: file, answer: Self.echo) }
        #expect(try FileStore.read(file) == [1])
    }
}

private final class SeenPeer: Sendable {
    let seen = Mutex<PeerCredentials?>(nil)
}
