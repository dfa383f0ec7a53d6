// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Netfilter
import Testing

@Suite("The kernel", .enabled(if: PrivateNetwork.isPossible, PrivateNetwork.why))
struct KernelTests {
    static let statements: [[Statement]] = [
        [.family(.v4), .transport(.tcp), .markFrom(Statement.Key(.v4, .source, .destination), map: "p4"), .accept],
        [.family(.v6), .transport(.tcp), .markFrom(Statement.Key(.v6, .destination, .source), map: "p6"), .accept],
        [.family(.v4), .within(Statement.Key(.v4, .source, nil), set: "x4"), .wasDecrypted(false), .drop],
        [.family(.v6), .within(Statement.Key(.v6, .destination, nil), set: "x6"), .willBeEncrypted(true), .drop],
        [.family(.v4), .wasDecryptedBy(.v4, set: "r4", false), .drop],
        [.family(.v6), .wasDecryptedBy(.v6, set: "r6", true), .accept],
        [.arrives(onInterface: "lo"), .accept],
        [.connection([.invalid]), .count("drops"), .drop],
        [.connection([.established, .related, .new]), .accept],
        [.isReply, .hasMark, .accept],
        [.family(.v6), .extensionHeader(43), .drop],
        [.family(.v6), .sourcePrefixV6([0xfe, 0x80]), .transport(.udp), .port(.destination, 546), .accept],
        [.noReturnPath, .drop],
        [.transport(.tcp), .tcpOpens(true), .mark(0x8000_0001), .accept],
        [.transport(.tcp), .tcpOpens(false), .tcpResets, .reset],
        [.transport(.icmp), .icmpType(8), .atMost(perSecond: 50, burst: 100), .accept],
        [.linkLayer(.multicast), .jump("other")],
        [.transport(.esp), .goTo("other")],
        [.atMost(perSecond: 10, burst: 20), .log(prefix: "eig ", group: 5)],
    ]

    static let sets = [
        ElementSet("p4", family: .v4, isMap: true),
        ElementSet("p6", family: .v6, isMap: true),
        ElementSet("x4", family: .v4, companion: .protocolNumber),
        ElementSet("x6", family: .v6, companion: .protocolNumber),
        ElementSet("r4", family: .v4, companion: .reqid),
        ElementSet("r6", family: .v6, companion: .reqid),
        ElementSet("s4", family: .v4),
    ]

    static func table(_ name: String, ownership: Table.Ownership = .anyone) -> Table {
        let rules = statements.enumerated().map { Rule("rule \($0.offset)", $0.element) }
        return Table(
            name: name,
            ownership: ownership,
            counters: ["drops"],
            sets: sets,
            chains: [
                Chain("input", hook: .init(.input, priority: 7, dropsByDefault: false), rules: [rules[0]]),
                Chain("other", rules: []),
                Chain("all", hook: .init(.output, priority: -3, dropsByDefault: false), rules: []),
                Chain("rules", rules: rules.filter { $0.statements != [.noReturnPath, .drop] }),
                Chain("path", hook: .init(.input, priority: 9, dropsByDefault: false), rules: [rules[12]]),
            ]
        )
    }

    @Test("holds what was written, and reads back the same")
    func roundTrip() throws {
        let table = Self.table("t")
        let (found, text) = try PrivateNetwork.run {
            var socket = try NetfilterSocket()
            try socket.commit(Change.create(table), generation: nil)
            let text = table.chains.map { chain in chain.rules.map { socket.text(of: $0) } }
            return (try socket.read("t", sets: table.sets), text)
        }
        let state = try #require(found)
        #expect(state.holder == .anyone && state.ownership == .anyone)
        #expect(state.counters == ["drops": Tally()])
        for set in table.sets { #expect(state.sets[set.name] == .some(set)) }
        for (chain, text) in zip(table.chains, text) {
            let found = try #require(state.chains[chain.name])
            #expect(found.hook == chain.hook)
            #expect(found.rules == text)
            #expect(text.allSatisfy { !$0.isEmpty })
        }
    }

    @Test("shows the numbers of tunnels to nft as they are")
    func reqids() throws {
        let sets = Self.sets.filter { $0.companion == .reqid }
        let elements = try ["172.16.5.0/24", "2001:db8:70::/64"].map { text in
            let network = try #require(IPPrefix(text))
            return Element(first: network.address, last: network.last, companion: 16383...16383)
        }
        let (listing, found) = try PrivateNetwork.run {
            var socket = try NetfilterSocket()
            let changes = zip(sets, elements).map { set, element in
                Change.add(element, comment: "acme", set: set, table: "t")
            }
            try socket.commit(Change.create(Self.table("t")) + changes, generation: nil)
            let listing = try ChildProcess.run(["nft", "list", "table", "inet", "t"]).outputText
            return (listing, try socket.read("t", sets: sets))
        }
        #expect(listing.contains("172.16.5.0/24 . 0x00003fff"), "\(listing)")
        #expect(listing.contains("ip saddr . ipsec in reqid != @r4 drop"), "\(listing)")
        #expect(listing.contains("ip6 saddr . ipsec in reqid @r6 accept"), "\(listing)")
        for (set, element) in zip(sets, elements) {
            #expect(found?.elements[set.name]?.keys.map(\.self) == [element])
        }
    }
}
