// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Testing

@testable import Edge

@Suite("A worker's connections by token")
struct ConnectionTableTests {
    private final class Bench {
        private let surroundings: Surroundings
        private let worker: Worker

        init() throws {
            surroundings = try Surroundings(try ConfigurationFolder())
            worker = try Worker(index: 0, environment: surroundings.environment, snapshot: surroundings.snapshot)
        }

        deinit { _ = try? surroundings.stop() }

        func server() throws -> ServerConnection {
            let endpoint = IPEndpoint(address: .v4(1), port: 1)
            let channel = Channel(try Pipe().keepReader(), session: nil)
            return ServerConnection(worker: worker, side: .inside, peer: endpoint, listenerIndex: 1, channel: channel)
        }
    }

    @Test("finds a connection by its token, and nothing by the token of one that is gone")
    func generations() throws {
        let bench = try Bench()
        var table = ConnectionTable()
        let (first, second, third) = (try bench.server(), try bench.server(), try bench.server())
        let firstToken = table.insert(first)
        let secondToken = table.insert(second)
        #expect(firstToken != secondToken)
        #expect(table[firstToken] === first && table[secondToken] === second)
        table.remove(firstToken)
        #expect(table[firstToken] == nil && table[secondToken] === second)
        // Its place is taken again under another token.
        let thirdToken = table.insert(third)
        #expect(thirdToken & 0xffff_ffff == firstToken & 0xffff_ffff && thirdToken != firstToken)
        #expect(table[firstToken] == nil && table[thirdToken] === third)
        table.remove(firstToken)
        #expect(table[thirdToken] === third, "a late removal takes nobody else's place")
        #expect(table.connections.count == 2)
        #expect(table[99] == nil)
        table.remove(secondToken)
        table.remove(thirdToken)
        table.remove(thirdToken)
        #expect(table.isEmptyOfServers && table.connections.isEmpty)
    }

    @Test("counts those that somebody opened to us")
    func servers() throws {
        let bench = try Bench()
        var table = ConnectionTable()
        #expect(table.isEmptyOfServers)
        let token = table.insert(try bench.server())
        #expect(!table.isEmptyOfServers)
        table.remove(token)
        #expect(table.isEmptyOfServers)
    }

    @Test("never gives a token that is a listener's, however often a place is used")
    func tokens() throws {
        let bench = try Bench()
        var table = ConnectionTable()
        let connection = try bench.server()
        var last: UInt64 = 0
        for _ in 0..<1000 {
            last = table.insert(connection)
            table.remove(last)
        }
        #expect(last >> 32 == 999)
        #expect(last < UInt64.max - 64)
    }
}
