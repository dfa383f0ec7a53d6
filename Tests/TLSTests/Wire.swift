// SPDX-License-Identifier: Apache-2.0
import Base
import TLS

/// A server and a client session joined by memory.
struct Wire: ~Copyable {
    /// What one side has said and shown so far.
    struct Side: ~Copyable {
        var session: Session
        /// To be carried to the other side.
        var output = ByteBuffer()
        var plaintext = ByteBuffer()
        var progress = SessionProgress.handshaking
        var failure: TLSFailure?

        init(_ session: consuming Session) { self.session = session }

        mutating func receive(_ bytes: [UInt8], chunkBytes: Int) {
            var rest = bytes[...]
            while !rest.isEmpty, failure == nil {
                let chunk = Array(rest.prefix(chunkBytes))
                rest = rest.dropFirst(chunkBytes)
                do throws(TLSFailure) {
                    progress = try session.receive(chunk.span, into: &plaintext, replies: &output)
                } catch { failure = error }
            }
        }

        mutating func send(_ bytes: [UInt8]) throws(TLSFailure) { try session.send(bytes.span, into: &output) }

        mutating func takeOutput() -> [UInt8] {
            let bytes = output.array
            output.removeAll()
            return bytes
        }
    }

    var server: Side
    var client: Side
    /// How much is carried in one piece.
    var chunkBytes = Int.max

    init(server: ServerContext, client: ClientContext, serverName: String = "edge.example") {
        self.server = Side(Session(server: server))
        self.client = Side(Session(client: client, serverName: serverName))
    }

    /// Starts the handshake and carries it to its end, whichever that is.
    mutating func shake() throws(TLSFailure) {
        try client.session.start(replies: &client.output)
        carry()
    }

    /// Carries bytes to and fro until nobody has anything left to say.
    mutating func carry() {
        while !client.output.isEmpty || !server.output.isEmpty {
            server.receive(client.takeOutput(), chunkBytes: chunkBytes)
            client.receive(server.takeOutput(), chunkBytes: chunkBytes)
        }
    }
}
