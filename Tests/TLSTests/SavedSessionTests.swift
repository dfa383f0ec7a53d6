// SPDX-License-Identifier: Apache-2.0
import Base
import COpenSSL
import TLS
import TestKit
import Testing

@Suite("A saved session")
struct SavedSessionTests {
    /// A server that offers tickets, as the library does by itself.
    static func server(versionMax: CInt = TLS1_3_VERSION) -> OpenSSLPeer {
        OpenSSLPeer(OpenSSLPeer.Options(isServer: true, identity: World.edge, versionMax: versionMax))
    }

    /// One connection: handshake, an answer read, what can be saved of it, and a proper end unless it is `cut`.
    static func connect(
        _ client: ClientContext,
        to server: OpenSSLPeer,
        resuming saved: SavedSession? = nil,
        isCut: Bool = false
    ) throws -> (isResumed: Bool, saved: SavedSession?) {
        var side = Wire.Side(Session(client: client, serverName: "edge.example", resuming: saved))
        try side.session.start(replies: &side.output)
        side.talk(to: server)
        #expect(side.failure == nil && side.progress == .established)
        server.write([1, 2, 3])
        side.talk(to: server)
        #expect(side.plaintext.array == [1, 2, 3])
        #expect(side.session.isResumed == server.isResumed)
        let next = side.session.savedSession()
        if !isCut {
            side.session.close(into: &side.output)
            server.close()
        }
        return (side.session.isResumed, next)
    }

    @Test("lets connection after connection go on from the one before", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func resumes(versionMax: CInt) throws {
        let client = try ClientContext(World.clientSettings())
        let server = Self.server(versionMax: versionMax)
        var last = try Self.connect(client, to: server)
        #expect(!last.isResumed)
        for _ in 0..<3 {
            let saved: SavedSession = try #require(last.saved)
            last = try Self.connect(client, to: OpenSSLPeer(again: server), resuming: saved)
            #expect(last.isResumed)
        }
    }

    @Test("may be used more than once")
    func resumesTwice() throws {
        let client = try ClientContext(World.clientSettings())
        let server = Self.server()
        let saved = try #require(try Self.connect(client, to: server).saved)
        for _ in 0..<2 {
            #expect(try Self.connect(client, to: OpenSSLPeer(again: server), resuming: saved).isResumed)
        }
    }

    @Test("that the server does not know leads to a whole handshake")
    func declined() throws {
        let client = try ClientContext(World.clientSettings())
        let saved = try #require(try Self.connect(client, to: Self.server()).saved)
        #expect(try !Self.connect(client, to: Self.server(), resuming: saved).isResumed)
    }

    @Test("of a connection that was dropped without an end leads to a whole handshake")
    func cut() throws {
        let client = try ClientContext(World.clientSettings())
        let server = Self.server()
        let saved = try #require(try Self.connect(client, to: server, isCut: true).saved)
        #expect(try !Self.connect(client, to: OpenSSLPeer(again: server), resuming: saved).isResumed)
    }

    @Test("is not there before the server offered one")
    func none() throws {
        let session = Session(client: try ClientContext(World.clientSettings()), serverName: "edge.example")
        let early = session.savedSession() == nil
        #expect(early)
    }

    @Test("goes to no other server, because its certificate would not be verified")
    func otherServer() async throws {
        for (isOtherName, isOtherContext) in [(true, false), (false, true)] {
            let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                [isOtherName = isOtherName as Bool, isOtherContext = isOtherContext as Bool] in
                let client = try ClientContext(World.clientSettings())
                let saved = try SavedSessionTests.connect(client, to: SavedSessionTests.server()).saved
                let name = isOtherName ? "other.example" : "edge.example"
                let context = isOtherContext ? try ClientContext(World.clientSettings()) : client
                _ = Session(client: context, serverName: name, resuming: saved)
            }
            let text = String(decoding: result.standardErrorContent, as: UTF8.self)
            #expect(text.contains("resuming the session of another server or context"))
        }
    }
}
