// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Testing

@testable import Engine

@Suite("A loop's connections by token")
struct ConnectionTableTests {
    private final class Peer: Connection {
        override func readinessChanged() {}
    }

    private struct Bench {
        private let loop: EventLoop

        init() throws { loop = try EventLoop(listeners: [], doorbell: try EventCounter().descriptor) }

        func server() throws -> Connection { try connection(isAccepted: true) }

        func connection(isAccepted: Bool) throws -> Connection {
            Peer(loop: loop, isAccepted: isAccepted, channel: Channel(try Pipe().keepReader(), session: nil))
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
        #expect(table.isEmptyOfAccepted && table.connections.isEmpty)
    }

    @Test("counts those that somebody opened to us")
    func servers() throws {
        let bench = try Bench()
        var table = ConnectionTable()
        #expect(table.isEmptyOfAccepted)
        let other = table.insert(try bench.connection(isAccepted: false))
        #expect(table.isEmptyOfAccepted && table.count == 1)
        table.remove(other)
        let token = table.insert(try bench.server())
        #expect(!table.isEmptyOfAccepted)
        table.remove(token)
        #expect(table.isEmptyOfAccepted)
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
