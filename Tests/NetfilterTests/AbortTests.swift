// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Netfilter
import Testing

@Suite("Aborting connections", .enabled(if: PrivateNetwork.isPossible, PrivateNetwork.why))
struct AbortTests {
    static func flow(_ from: IPEndpoint, _ to: IPEndpoint) -> Flow {
        Flow(
            source: from.address,
            destination: to.address,
            transport: 6,
            sourcePort: from.port,
            destinationPort: to.port,
            mark: 7
        )
    }

    static func listener(_ text: String) throws -> OwnedDescriptor {
        guard let address = IPAddress(text) else { throw Errno.noEntry }
        return try Sockets.listen(IPEndpoint(address: address, port: 0))
    }

    static func endpoint(_ socket: borrowing OwnedDescriptor) throws -> IPEndpoint {
        guard let endpoint = Sockets.localEndpoint(socket) else { throw Errno.noEntry }
        return endpoint
    }

    @Test("ends the connection it names, once, and no other", arguments: ["127.0.0.1", "::1"])
    func aborts(_ address: String) throws {
        let counts = try PrivateNetwork.run {
            let listener = try Self.listener(address)
            let place = try Self.endpoint(listener)
            let first = try Sockets.connect(place)
            let second = try Sockets.connect(place)
            let from = try Self.endpoint(first)
            var sockets = try ConntrackSocket()
            let once = try sockets.abort([Self.flow(from, place)])
            let again = try sockets.abort([Self.flow(from, place)])
            #expect(Sockets.connectError(second) == nil)
            var accepted = 0
            while try Sockets.accept(listener) != nil { accepted += 1 }
            return (once, again, accepted)
        }
        // Its other end is on this host, too, and may be the one that is found the second time.
        #expect(counts.0 == 1 && counts.1 <= 1)
        #expect(counts.2 >= 1, "the other connection is still there")
    }

    /// The kernel answers a question about a connection that has gone with the listening socket of its port.
    @Test("of a connection that has gone leaves the listener alone", arguments: ["127.0.0.1", "::1"])
    func sparesListeners(_ address: String) throws {
        let (count, isListening, accepts) = try PrivateNetwork.run {
            let listener = try Self.listener(address)
            let place = try Self.endpoint(listener)
            let stranger = IPEndpoint(address: place.address, port: 9)
            var sockets = try ConntrackSocket()
            let count = try sockets.abort([Self.flow(stranger, place)])
            let client = try Sockets.connect(place)
            try client.wait(for: .writable, timeout: .seconds(5))
            return (count, Sockets.isListening(listener), Sockets.connectError(client) == nil)
        }
        #expect(count == 0)
        #expect(isListening && accepts)
    }
}
