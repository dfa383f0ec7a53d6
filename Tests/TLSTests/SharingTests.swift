// SPDX-License-Identifier: Apache-2.0
import Base
import TLS
import TestKit
import Testing

@Suite("Shared contexts")
struct SharingTests {
    @Test("serve many workers at once, and each session keeps to its own peer")
    func concurrently() async throws {
        let server = try ServerContext(World.serverSettings())
        let names = ["edge.payfast.example", "edge.mobicash.example"]
        let partners = [
            try ClientContext(World.clientSettings(World.payfast)),
            try ClientContext(World.clientSettings(Minted.make(.leaf(names[1]), by: World.mobicashCA))),
        ]
        let seen = try await withThrowingTaskGroup(of: [String].self) { group in
            for worker in 0..<4 {
                let client = partners[worker % 2]
                group.addTask {
                    try (0..<10).flatMap { _ in
                        var wire = Wire(server: server, client: client)
                        try wire.shake()
                        try wire.client.send([1])
                        wire.carry()
                        return wire.server.plaintext.array == [1] ? wire.server.session.peer?.dnsNames ?? [] : []
                    }
                }
            }
            var all: [String] = []
            for try await names in group { all += names }
            return all
        }
        #expect(seen.count == 40)
        #expect(seen.count { $0 == names[0] } == 20)
        #expect(seen.count { $0 == names[1] } == 20)
    }

    @Test("interleaved on one thread, sessions never take each other's bytes")
    func interleaved() throws {
        let server = try ServerContext(World.serverSettings())
        let client = try ClientContext(World.clientSettings())
        var first = Wire(server: server, client: client)
        var second = Wire(server: server, client: client)
        try first.client.session.start(replies: &first.client.output)
        try second.client.session.start(replies: &second.client.output)
        for _ in 0..<6 {
            first.server.receive(first.client.takeOutput(), chunkBytes: 50)
            second.server.receive(second.client.takeOutput(), chunkBytes: 70)
            first.client.receive(first.server.takeOutput(), chunkBytes: 70)
            second.client.receive(second.server.takeOutput(), chunkBytes: 50)
        }
        try first.client.send([1])
        try second.client.send([2])
        second.carry()
        first.carry()
        #expect(first.server.plaintext.array == [1])
        #expect(second.server.plaintext.array == [2])
    }

    @Test("a session that is not established sends nothing: that is a bug of ours, and it says so")
    func sendsTooEarly() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var wire = try World.wire()
            try wire.client.send([1])
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains("sending before the handshake ended"))
    }
}
