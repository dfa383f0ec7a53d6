// SPDX-License-Identifier: Apache-2.0
import Base
import Glibc
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

    /// A process that died is one whose descriptors closed: all but the one that somebody else holds, too.
    @Test("is the socket: the table stands while anybody holds it, and whoever takes it over owns the table")
    func isKept() throws {
        let (between, holder, after) = try PrivateNetwork.run {
            var first: NetfilterSocket? = try NetfilterSocket()
            try first?.commit(Change.create(Self.table(.owner)), generation: nil)
            let kept = dup(first?.descriptor ?? -1)
            first = nil
            _ = try PrivateNetwork.command("nft", "flush", "ruleset")
            var other = try NetfilterSocket()
            let between = try other.read("t", sets: [])?.holder
            var second: NetfilterSocket? = try NetfilterSocket(adopting: kept)
            let holder = try second?.read("t", sets: [])?.holder
            try second?.commit([.createCounter("d", table: "t")], generation: nil)
            let after = try second?.read("t", sets: [])?.counters.keys.sorted()
            second = nil
            for _ in 0..<200 where try other.read("t", sets: []) != nil {
                _ = try PrivateNetwork.command("sleep", "0.01")
            }
            #expect(try other.read("t", sets: []) == nil)
            return (between, holder, after)
        }
        #expect(between == .another && holder == .us)
        #expect(after == ["c", "d"])
    }

    @Test("is not taken for what is no bound socket of nf_tables", arguments: ["pipe", "tcp", "route", "unbound"])
    func isChecked(_ kind: String) throws {
        var ends: [CInt] = [-1, -1]
        let number: CInt
        switch kind {
        case "pipe":
            #expect(unsafe pipe(&ends) == 0)
            number = ends[0]
        case "tcp": number = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        case "route": number = socket(AF_NETLINK, CInt(SOCK_RAW.rawValue), 0)
        default: number = socket(AF_NETLINK, CInt(SOCK_RAW.rawValue), 12)
        }
        let before = inode(number)
        #expect(throws: NetfilterFailure.self) { _ = try NetfilterSocket(adopting: number) }
        // Another test may have been given the number since.
        #expect(before != nil && inode(number) != before, "it is closed")
        if ends[1] >= 0 { close(ends[1]) }
    }

    /// What is open under a number; nothing when nothing is.
    private func inode(_ number: CInt) -> UInt? {
        var status = stat()
        return unsafe fstat(number, &status) == 0 ? UInt(status.st_ino) : nil
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
