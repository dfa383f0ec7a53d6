// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import LinuxIO
import Partners
import Testing

@testable import Engine
@testable import Gate

@Suite("What other files would change for the gate")
struct GateChangesTests {
    private static func lines(_ replaced: String, _ replacement: String) throws -> [String] {
        let text = GateDeskTests.text
        #expect(text.contains(replaced))
        let old = try #require(HostFile.parse(text).file?.access)
        let other = text.replacing(replaced, with: replacement)
        let new = try #require(HostFile.parse(other).file?.access)
        return GateChanges(from: old, to: new).items.map { "\($0.sign.rawValue) \($0.text)" }
    }

    @Test(
        "is a line for each person, role, target and table",
        arguments: [
            ("reason = \"the gateway\"", "reason = \"the gateway\"", []),
            ("name = \"Anna Bauer\"", "name = \"Anna Bauer\"\nenabled = false", ["~ administrator anna"]),
            ("targets = [\"eig-01:22\"]", "targets = [\"eig-01:8443\"]", ["~ role network"]),
            ("address = \"10.20.0.11\"", "address = \"10.20.0.12\"", ["~ target eig-01"]),
            ("key = \"jump.key\"", "key = \"jump.key\"\nidle = \"5m\"", ["~ gate [gate]"]),
            ("id = \"rita\"", "id = \"renate\"", ["+ administrator renate", "- administrator rita"]),
        ]
    )
    func changes(_ replaced: String, _ replacement: String, _ lines: [String]) throws {
        #expect(try Self.lines(replaced, replacement) == lines)
    }

    @Test("says of other addresses that sockets do not follow a file by themselves")
    func listening() throws {
        let access = try #require(HostFile.parse(GateDeskTests.text).file?.access)
        var other = access
        other.gate.idle += .seconds(1)
        func text(_ sockets: [IPEndpoint]) throws -> String {
            let listeners = try sockets.map { endpoint in
                Listener(
                    use: 0,
                    endpoint: endpoint,
                    descriptor: try Sockets.listen(IPEndpoint(address: .v4(0x7f00_0001), port: 0))
                )
            }
            var changes = GateChanges(from: access, to: other)
            changes.sayOfListening(ListenDifference(other.gate, listeners))
            return changes.items.map(\.text).joined(separator: "\n")
        }
        #expect(try text(other.gate.listen) == "gate [gate]")
        #expect(
            try text([]) == "gate [gate], but not where it listens: eigctl setup --yes, then systemctl restart "
                + "jumpd.socket jumpd"
        )
    }
}
