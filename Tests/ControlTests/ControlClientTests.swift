// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import LinuxIO
import TestKit
import Testing

@Suite("A control client")
struct ControlClientTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    var path: String { folder["c.sock"] }

    /// A program that answers one caller with `bytes` and goes.
    func impostor(_ bytes: String) throws -> OwnedThread {
        let listener = try UnixSockets.listen(path, mode: 0o600)
        let box = Listener(listener)
        return try OwnedThread(name: "impostor") { @Sendable in
            try? box.socket.wait(for: .readable, timeout: .seconds(10))
            guard let accepted = try? UnixSockets.accept(box.socket) else { return }
            try? accepted.wait(for: .readable, timeout: .seconds(10))
            var question = ByteBuffer()
            _ = try? accepted.read(into: &question, byteCountMax: 4096)
            _ = try? accepted.send(Array(bytes.utf8).span)
        }
    }

    @Test("gives up on a program that does not answer")
    func timesOut() throws {
        let listener = try UnixSockets.listen(path, mode: 0o600)
        let client = ControlClient(path: path, timeout: .milliseconds(50))
        #expect(throws: ControlClientError.timedOut(path: path, after: .milliseconds(50))) {
            try client.send("GET", "/")
        }
        _ = consume listener
    }

    @Test("says when the answer breaks off")
    func breaksOff() throws {
        let thread = try impostor("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        #expect(throws: ControlClientError.lost(path: path, why: "closed without a whole answer")) {
            try ControlClient(path: path).send("GET", "/")
        }
        thread.join()
    }

    @Test("takes nothing for an answer that is none")
    func malformed() throws {
        let thread = try impostor("220 mail.example ESMTP\r\n")
        let path = path
        let error = #expect(throws: ControlClientError.self) { try ControlClient(path: path).send("GET", "/") }
        guard case .malformed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        thread.join()
    }

    @Test("sees past an interim answer")
    func interim() throws {
        let thread = try impostor("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
        #expect(try ControlClient(path: path).send("GET", "/").status == 204)
        thread.join()
    }
}

private final class Listener: Sendable {
    let socket: OwnedDescriptor
    init(_ socket: consuming OwnedDescriptor) { self.socket = socket }
}
