// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import Foundation
import IPsecConfig
import LinuxIO
import Partners
import Testing

@Suite("jumpd enforce, with tunnels", .enabled(if: Host.isPossible, Host.why))
struct JumpdTunnelTests {
    let world: JumpdWorld

    init() throws { world = try JumpdWorld() }

    private static let tunnel = """
        [[tunnel]]
        name = "t1"
        peer = "10.1.0.9"
        backup-peer = "10.1.0.8"
        local-id = "@gw.edge.example"
        remote-id = "@vpn.payfast.example"
        local-subnets = ["10.1.0.1"]
        remote-subnets = ["172.16.5.0/24", "172.16.7.0/24"]
        auth = { psk = "payfast-t1.psk" }
        """

    @Test("lets networks behind a tunnel in by the numbers Libreswan was given")
    func tunnelStates() throws {
        try world.allow("10.1.0.2", tunnel: Self.tunnel)
        try FileManager.default.createDirectory(atPath: "\(world.folder)/secrets", withIntermediateDirectories: true)
        try world.write("Zk7pQ2vXr9sW4mTb8nLc3hYd6gJf1uEa\n", to: "secrets/payfast-t1.psk")
        let ipsec = "\(world.folder)/ipsec.d"
        try FileManager.default.createDirectory(atPath: ipsec, withIntermediateDirectories: true)
        let jumpd = try world.enforce("--ipsec-folder", ipsec)
        let states = {
            try world.edge.run { try ChildProcess.run(["nft", "list", "set", "inet", "eig", "r4"]).outputText }
        }
        // Nothing was given yet: what it would be.
        #expect(try states().contains("172.16.5.0/24 . 0x00000001"))
        #expect(try states().contains("172.16.7.0/24 . 0x00000002"))
        let connection = try Connection(
            name: #require(ConnectionName("p_payfast_t1_s3")),
            local: .init(
                address: #require(IPAddress("10.1.0.1")),
                id: .name("gw.edge.example"),
                subnet: #require(IPPrefix("10.1.0.1"))
            ),
            remote: .init(
                address: #require(IPAddress("10.1.0.9")),
                id: .name("vpn.payfast.example"),
                subnet: #require(IPPrefix("172.16.7.0/24"))
            ),
            authentication: .sharedSecret,
            reqid: 77
        )
        let text = try ConfigurationEmitter(version: LibreswanVersion(4, 10)).text([connection])
        try world.write(String(decoding: text, as: UTF8.self), to: "ipsec.d/eig-payfast.conf")
        // Not its own to read, and not asked for.
        try FileManager.default.createDirectory(
            atPath: "\(ipsec)/eig-payfast.secrets",
            withIntermediateDirectories: true
        )
        let applied = try world.ask("POST", "/v1/apply", for: ChangeDocument.self)
        #expect(applied.diagnostics.isEmpty)
        let given = try states()
        #expect(given.contains("172.16.7.0/24 . 0x0000004d") && given.contains("172.16.5.0/24 . 0x00000001"))
        #expect(!given.contains("0x00000002"))
        let peers = try world.edge.run { try ChildProcess.run(["nft", "list", "set", "inet", "eig", "k4"]).outputText }
        #expect(peers.contains("10.1.0.8") && peers.contains("10.1.0.9"))
        // What cannot be read takes nothing down and says what is lost.
        try FileStore.remove("\(ipsec)/eig-payfast.conf")
        try FileManager.default.createDirectory(atPath: "\(ipsec)/eig-payfast.conf", withIntermediateDirectories: true)
        let doubtful = try world.ask("POST", "/v1/apply", for: ChangeDocument.self)
        #expect(doubtful.diagnostics.map(\.code) == ["W-FILE-UNCHECKED"])
        #expect(try world.allowed() == ["10.1.0.2"])
        withExtendedLifetime(jumpd) {}
    }
}
