// SPDX-License-Identifier: Apache-2.0
import Base
import Glibc
import LinuxIO
import Netfilter
import Testing
import Whitelist

@Suite("The rules", .enabled(if: Host.isPossible, Host.why))
struct RuleTests {
    static let python = "/usr/bin/python3"

    static func hostPolicy(_ partners: [PartnerPolicy]) throws -> EdgePolicy {
        EdgePolicy(
            partners: partners,
            partnerPorts: [8443],
            management: .init(from: [try #require(IPPrefix("10.2.0.0/24"))], ports: [22]),
            internalNetwork: .init(from: [try #require(IPPrefix("10.3.0.0/24"))], ports: [8080]),
            backends: [try #require(IPEndpoint("10.3.0.2:9000"))],
            hostReach: [.init(try #require(IPPrefix("10.2.0.0/24")), port: 514)]
        )
    }

    @Test("let each network reach its own ports and no others")
    func zones() throws {
        let world = try EdgeWorld()
        try world.apply(try Self.hostPolicy([try EdgeWorld.partner("payfast", ["10.1.0.2"])]))
        let ports: [UInt16] = [8443, 22, 8080]
        let listeners = try ports.map { try Line.listen(on: world.edge, "0.0.0.0:\($0)") }
        let callers = [("10.1.0.1", world.payfast), ("10.2.0.1", world.mobicash), ("10.3.0.1", world.stranger)]
        for (number, (address, host)) in callers.enumerated() {
            for (index, port) in ports.enumerated() {
                let line = try Line.open(from: host, to: "\(address):\(port)", within: .milliseconds(150))
                if index == number {
                    _ = try line.get()
                } else {
                    #expect(throws: Errno.timedOut, "\(address) to \(port)") { try line.get() }
                }
            }
        }
        let marks = Set(
            try world.withEnforcer { enforcer throws(EnforceFailure) in try enforcer.flows().map(\.mark) }
        )
        let payfast = try #require(PartnerID("payfast"))
        #expect(
            marks == [
                payfast.mark, ReservedMark.management.rawValue, ReservedMark.internalNetwork.rawValue,
            ]
        )
        withExtendedLifetime(listeners) {}
    }

    @Test("let this host reach partners and backends at their ports, and nothing else")
    func egress() throws {
        let world = try EdgeWorld()
        let reach = EdgePolicy.Reach(try #require(IPPrefix("10.1.0.2")), port: 443)
        try world.apply(try Self.hostPolicy([try EdgeWorld.partner("payfast", [], reach: [reach])]))
        let listeners = [
            try Line.listen(on: world.payfast, "0.0.0.0:443"), try Line.listen(on: world.payfast, "0.0.0.0:444"),
            try Line.listen(on: world.stranger, "0.0.0.0:9000"), try Line.listen(on: world.mobicash, "0.0.0.0:443"),
            try Line.listen(on: world.mobicash, "0.0.0.0:514"),
        ]
        for endpoint in ["10.1.0.2:443", "10.3.0.2:9000", "10.2.0.2:514"] {
            let line = try Line.open(from: world.edge, to: endpoint).get()
            try line.send("hello")
        }
        let served = try #require(try listeners[0].accept())
        #expect(try served.receive() == "hello")
        let before = try world.drops(.egress).packets
        for endpoint in ["10.1.0.2:444", "10.2.0.2:443", "10.3.0.2:9001"] {
            let line = try Line.open(from: world.edge, to: endpoint, within: .milliseconds(150))
            #expect(throws: Errno.self, "\(endpoint)") { try line.get() }
        }
        #expect(try world.drops(.egress).packets >= before + 3)
    }

    @Test("let nothing open a connection from the partner port, though answers leave from it")
    func fromPartnerPort() throws {
        let world = try EdgeWorld()
        try world.apply(try EdgeWorld.everybody())
        let listener = try Line.listen(on: world.payfast, "0.0.0.0:444")
        let script = """
            import socket
            s = socket.socket()
            s.bind(("10.1.0.1", 8443))
            s.settimeout(0.3)
            try:
                s.connect(("10.1.0.2", 444))
                print("connected")
            except OSError:
                print("refused")
            """
        let said = try world.edge.run { try ChildProcess.run([Self.python, "-c", script]) }
        #expect(said.outputText == "refused\n", "\(said.errorText)")
        #expect(try world.drops(.egress).packets >= 1)
        withExtendedLifetime(listener) {}
    }

    @Test("cut what this host had open to a partner that is removed")
    func egressCut() throws {
        let world = try EdgeWorld()
        let reach = EdgePolicy.Reach(try #require(IPPrefix("10.1.0.2")), port: 443)
        try world.apply(try Self.hostPolicy([try EdgeWorld.partner("payfast", [], reach: [reach])]))
        let listener = try Line.listen(on: world.payfast, "0.0.0.0:443")
        let line = try Line.open(from: world.edge, to: "10.1.0.2:443").get()
        let served = try #require(try listener.accept())
        let report = try world.apply(try Self.hostPolicy([]))
        #expect(report.flowsCut.count == 1)
        #expect(throws: Errno(rawValue: ECONNABORTED)) { try line.receive() }
        #expect(throws: Errno(rawValue: ECONNRESET)) { try served.receive() }
    }

    @Test("drop IPv6 extension headers nobody needs", arguments: ["IPV6_DSTOPTS", "IPV6_HOPOPTS"])
    func extensionHeaders(_ option: String) throws {
        let world = try EdgeWorld()
        try world.apply(try EdgeWorld.everybody())
        let listener = try Line.listen(on: world.edge, "[::]:8443")
        let script = """
            import socket
            s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
            # An options header of one padding option.
            s.setsockopt(socket.IPPROTO_IPV6, socket.\(option), bytes([0, 0, 1, 4, 0, 0, 0, 0]))
            s.settimeout(0.3)
            try:
                s.connect(("fd01::1", 8443))
                print("connected")
            except TimeoutError:
                print("silence")
            """
        let said = try world.payfast.run { try ChildProcess.run([Self.python, "-c", script]) }
        #expect(said.outputText == "silence\n", "\(said.errorText)")
        #expect(try world.drops(.malformed).packets >= 1)
        #expect(throws: Errno.timedOut) { try listener.accept(within: .milliseconds(20)) }
    }

    @Test("drop a source that is not reached through the interface it came by")
    func forged() throws {
        let world = try EdgeWorld()
        try world.apply(try EdgeWorld.everybody())
        // The stranger takes on the partner's address, and says it on its own wire.
        try world.stranger.run {
            _ = try ChildProcess.run(["ip", "addr", "add", "10.1.0.2/32", "dev", "lo"])
            _ = try ChildProcess.run(["ip", "route", "replace", "10.3.0.0/24", "dev", "up0", "src", "10.1.0.2"])
        }
        let line = try Line.open(from: world.stranger, to: "10.3.0.1:8443", within: .milliseconds(200))
        #expect(throws: Errno.timedOut) { try line.get() }
        #expect(try world.drops(.spoofed).packets >= 1)
    }

    @Test("take networks behind a tunnel in clear text neither in nor out")
    func clearText() throws {
        let world = try EdgeWorld()
        let inside = try #require(IPPrefix("10.1.0.0/24"))
        let partner = PartnerPolicy(
            id: try #require(PartnerID("payfast")),
            allow: [.init(from: try #require(IPPrefix("10.1.0.2")), via: "t1")],
            reach: [.init(try #require(IPPrefix("10.1.0.2")), port: 443)],
            tunnels: [.init(peers: [try #require(IPAddress("10.2.0.2"))], remoteSubnets: [inside])]
        )
        try world.apply(EdgeWorld.policy([partner]))
        let features = try world.withEnforcer { enforcer throws(EnforceFailure) in enforcer.features }
        #expect(
            features.isSuperset(of: [.tunnelInbound, .tunnelState, .tunnelOutbound]),
            "this kernel has CONFIG_XFRM"
        )
        let line = try Line.open(from: world.payfast, to: "10.1.0.1:8443", within: .milliseconds(150))
        #expect(throws: Errno.timedOut) { try line.get() }
        #expect(try world.drops(.clearText).packets >= 1)
        let out = try Line.open(from: world.edge, to: "10.1.0.2:443", within: .milliseconds(150))
        #expect(throws: Errno.self) { try out.get() }
        #expect(try world.drops(.leaks).packets >= 1)
    }

    @Test("hold clear text of tunnels back before they accept anything but loopback", arguments: ["input", "output"])
    func clearTextFirst(_ name: String) throws {
        let features = Set(KernelFeature.allCases)
        for table in [EdgeTable.table(features), LockdownTable.table(features)] {
            let rules = try #require(table.chains.first { $0.name == name }).rules
            let held = rules.dropFirst().prefix(2)
            #expect(rules.first?.comment == "loopback", "\(table.name)")
            #expect(held.allSatisfy { $0.statements.last == .drop }, "\(table.name)")
            let clear: Statement = name == "input" ? .wasDecrypted(false) : .willBeEncrypted(false)
            #expect(held.allSatisfy { $0.statements.contains(clear) }, "\(table.name)")
            #expect(Set(held.flatMap(\.statements)).isSuperset(of: [.family(.v4), .family(.v6)]), "\(table.name)")
        }
    }

    @Test("pass nothing on from one wire to another")
    func forwards() throws {
        let world = try EdgeWorld()
        try world.apply(try EdgeWorld.everybody())
        try world.edge.run { _ = try ChildProcess.run(["sysctl", "-q", "net.ipv4.ip_forward=1"]) }
        for (host, gateway) in [(world.payfast, "10.1.0.1"), (world.mobicash, "10.2.0.1")] {
            try host.run { _ = try ChildProcess.run(["ip", "route", "add", "default", "via", gateway]) }
        }
        let listener = try Line.listen(on: world.mobicash, "0.0.0.0:8443")
        let line = try Line.open(from: world.payfast, to: "10.2.0.2:8443", within: .milliseconds(200))
        #expect(throws: Errno.timedOut) { try line.get() }
        #expect(try world.drops(.forwarded).packets >= 1)
        withExtendedLifetime(listener) {}
    }

    @Test("answer an echo request from anybody, and count what else of ICMP they refuse")
    func icmp() throws {
        let world = try EdgeWorld()
        try world.apply(try EdgeWorld.everybody())
        for address in ["10.3.0.1", "fd03::1"] {
            let script = """
                import socket, struct
                v6 = ":" in "\(address)"
                s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_RAW, 58 if v6 else 1)
                s.settimeout(2)
                body = struct.pack("!BBHHH", 128 if v6 else 8, 0, 0, 7, 1)
                total = sum(struct.unpack("!4H", body))
                body = body if v6 else struct.pack("!BBHHH", 8, 0, ~total & 0xffff, 7, 1)
                s.sendto(body, ("\(address)", 0))
                while True:
                    kind = s.recv(100)[0 if v6 else 20]
                    if kind == (129 if v6 else 0): break
                print("answered")
                # A redirect (5, 137): nobody may tell this host where to send.
                s.sendto(struct.pack("!BBHI", 137 if v6 else 5, 0, 0 if v6 else ~0x0500 & 0xffff, 0), ("\(address)", 0))
                """
            let said = try world.stranger.run { try ChildProcess.run([Self.python, "-c", script]) }
            #expect(said.outputText == "answered\n", "\(address): \(said.errorText)")
        }
        #expect(try world.drops(.icmp).packets + world.drops(.invalid).packets >= 2)
    }
}
