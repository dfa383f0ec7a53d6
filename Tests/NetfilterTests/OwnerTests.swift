// SPDX-License-Identifier: Apache-2.0
import Base
import Netfilter
import Testing

@Suite("A table's owner", .enabled(if: PrivateNetwork.isPossible, PrivateNetwork.why))
struct OwnerTests {
    static func table(_ ownership: Table.Ownership) -> Table {
        Table(name: "t", ownership: ownership, counters: ["c"], sets: [], chains: [])
    }

    @Test("is the only one who can change it, whatever others flush")
    func owned() throws {
        let (holder, theirs, failure, after) = try PrivateNetwork.run {
            var socket = try NetfilterSocket()
            var other = try NetfilterSocket()
            try socket.commit(Change.create(Self.table(.owner)), generation: nil)
            let holder = try socket.read("t", sets: [])?.holder
            let theirs = try other.read("t", sets: [])?.holder
            let failure = Result { () throws(NetfilterFailure) in
                try other.commit([.deleteTable("t")], generation: nil)
            }
            _ = try PrivateNetwork.command("nft", "flush", "ruleset")
            return (holder, theirs, failure, try socket.read("t", sets: []))
        }
        #expect(holder == .us && theirs == .another)
        #expect(throws: NetfilterFailure(.system(1), subject: "delete table inet t", changeIndex: 0)) {
            try failure.get()
        }
        #expect(after?.counters == ["c": Tally()])
    }

    @Test("takes it along when its socket closes")
    func closes() throws {
        let after = try PrivateNetwork.run {
            var socket: NetfilterSocket? = try NetfilterSocket()
            try socket?.commit(Change.create(Self.table(.owner)), generation: nil)
            socket = nil
            var other = try NetfilterSocket()
            // The kernel tidies up behind a closed socket in its own time.
            for _ in 0..<200 {
                guard try other.read("t", sets: []) != nil else { return true }
                _ = try PrivateNetwork.command("sleep", "0.01")
            }
            return false
        }
        #expect(after)
    }

    /// Linux before 6.9 refuses such a table; the refusal names it, and there is nothing to test.
    @Test("of a lasting table leaves it to the next owner")
    func lasts() throws {
        let holders: [TableState.Holder?]? = try PrivateNetwork.run {
            var socket: NetfilterSocket? = try NetfilterSocket()
            let table = Self.table(.ownerThenAnyone)
            do throws(NetfilterFailure) {
                try socket?.commit(Change.create(table), generation: nil)
            } catch {
                guard error.reason == .system(95), error.changeIndex == 0 else { throw error }
                return nil
            }
            var holders = [try socket?.read("t", sets: [])?.holder]
            socket = nil
            var next = try NetfilterSocket()
            for _ in 0..<200 where try next.read("t", sets: [])?.holder != .nobody {
                _ = try PrivateNetwork.command("sleep", "0.01")
            }
            holders.append(try next.read("t", sets: [])?.holder)
            try next.commit([.createTable("t", .ownerThenAnyone)], generation: nil)
            holders.append(try next.read("t", sets: [])?.holder)
            return holders
        }
        #expect(holders ?? [.us, .nobody, .us] == [.us, .nobody, .us])
    }
}
