// SPDX-License-Identifier: Apache-2.0
import Base
import Netfilter
import Testing

@Suite("A transaction", .enabled(if: PrivateNetwork.isPossible, PrivateNetwork.why))
struct TransactionTests {
    static let set = ElementSet("p4", family: .v4, isMap: true)
    static let table = Table(name: "t", ownership: .anyone, counters: [], sets: [set], chains: [])

    static func element(_ prefix: String, _ port: UInt16 = 8443, mark: UInt32 = 7) throws -> Element {
        Element(try #require(IPPrefix(prefix)), port: port, mark: mark)
    }

    static func add(_ element: Element) -> Change { .add(element, comment: "ada", set: set, table: "t") }

    @Test("names the change that was refused, and makes none", arguments: [0, 1, 2])
    func refused(_ position: Int) throws {
        var elements = try ["10.0.0.1", "10.0.0.2"].map { try Self.element($0) }
        elements.insert(try Self.element("192.0.2.1"), at: position)
        let changes = elements.map { Self.add($0) }
        let (failure, after) = try PrivateNetwork.run {
            var socket = try NetfilterSocket()
            try socket.commit(Change.create(Self.table) + [Self.add(try Self.element("192.0.2.1"))], generation: nil)
            let result = Result { () throws(NetfilterFailure) in try socket.commit(changes, generation: nil) }
            return (result, try socket.read("t", sets: [Self.set]))
        }
        #expect(
            throws: NetfilterFailure(.system(17), subject: "add 192.0.2.1 . 8443 : 0x7 to p4", changeIndex: position)
        ) {
            try failure.get()
        }
        #expect(after?.elements["p4"]?.keys.map(\.first) == [try #require(IPAddress("192.0.2.1"))])
    }

    @Test("is refused as a whole when the ruleset is not the one that was read")
    func stale() throws {
        let (failure, state) = try PrivateNetwork.run {
            var socket = try NetfilterSocket()
            let generation = try socket.generation()
            _ = try PrivateNetwork.command("nft", "add", "table", "inet", "other")
            let result = Result { () throws(NetfilterFailure) in
                try socket.commit(Change.create(Self.table), generation: generation)
            }
            return (result, try socket.read("t", sets: []))
        }
        #expect(throws: NetfilterFailure(.stale, subject: "commit a batch")) { try failure.get() }
        #expect(state == nil)
    }

    @Test("of ten thousand entries is one, and removing one leaves the others' counts")
    func many() throws {
        let elements = (0..<10_000).map { number in
            Element(IPPrefix(.v4(0x0a00_0000 + UInt32(number) * 2)), port: 8443, mark: UInt32(number) + 1)
        }
        let (all, fewer) = try PrivateNetwork.run {
            var socket = try NetfilterSocket()
            try socket.commit(Change.create(Self.table) + elements.map { Self.add($0) }, generation: nil)
            let all = try socket.read("t", sets: [Self.set])
            try socket.commit([.remove(elements[5000], set: Self.set, table: "t")], generation: nil)
            return (all, try socket.read("t", sets: [Self.set]))
        }
        #expect(Set(all?.elements["p4"]?.keys ?? [:].keys) == Set(elements))
        #expect(fewer?.elements["p4"]?.count == 9_999)
        #expect(fewer?.elements["p4"]?[elements[5000]] == nil)
    }

    @Test("gives nft the same elements as it gives us", arguments: UInt64(1)...8)
    func oracle(seed: UInt64) throws {
        var state = seed &* 0x9e37_79b9_7f4a_7c15
        var lines: [String] = []
        var elements: [Element] = []
        for number in 0..<40 {
            state = state &* 6_364_136_223_846_793_005 &+ 1
            let bits = 24 + Int(state >> 60) % 9
            let address = IPAddress.v4(0x0a00_0000 + UInt32(number) << 8 + UInt32(state >> 40 & 0xff)).masked(to: bits)
            let prefix = try #require(IPPrefix(address, bitCount: bits))
            let port = UInt16(truncatingIfNeeded: state >> 20) | 1
            let mark = UInt32(truncatingIfNeeded: state) | 1
            elements.append(Element(prefix, port: port, mark: mark))
            lines.append("\(prefix) . \(port) counter packets 0 bytes 0 comment \"ada\" : 0x\(Self.hex(mark))")
        }
        let written = elements
        let (listing, found) = try PrivateNetwork.run {
            var socket = try NetfilterSocket()
            try socket.commit(Change.create(Self.table) + written.map { Self.add($0) }, generation: nil)
            let listing = try PrivateNetwork.command("nft", "--numeric", "list", "map", "inet", "t", "p4")
            return (listing, try socket.read("t", sets: [Self.set])?.elements["p4"])
        }
        #expect(Set((found ?? [:]).keys) == Set(elements))
        let body = listing.split(separator: "{").last?.split(separator: "}").first ?? ""
        let said = body.split(separator: ",").map { $0.trimmed }
        #expect(Set(said).symmetricDifference(lines).sorted() == [])
    }

    private static func hex(_ mark: UInt32) -> String {
        let digits = String(mark, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
