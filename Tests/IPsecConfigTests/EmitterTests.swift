// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Partners
import Testing

@Suite("Text for Libreswan")
struct EmitterTests {
    @Test("is what the golden file says, for every shape and version", arguments: Shape.all, Shape.versions)
    func golden(shape: Shape, version: LibreswanVersion) throws {
        let text = try ConfigurationEmitter(version: version).text(shape.connections)
        try Golden.expect(text, "\(shape.name)-\(version).conf")
        #expect(try ConfigurationReader.read(text) == shape.connections)
    }

    @Test("opens `config setup` to IKEv1 only for a connection that has it")
    func setup() throws {
        let emitter = ConfigurationEmitter(version: LibreswanVersion(4, 10))
        try Golden.expect(emitter.setupText([.sample()]), "setup.conf")
        #expect(try ConfigurationReader.readSetup(emitter.setupText()) == false)
        #expect(try ConfigurationReader.readSetup(emitter.setupText([Shape.ikev1])) == true)
    }

    @Test("runs nothing, traps packets, names its proposals and quotes all but numbers", arguments: Shape.all)
    func properties(shape: Shape) throws {
        for version in Shape.versions {
            let text = String(
                decoding: try ConfigurationEmitter(version: version).text(shape.connections),
                as: UTF8.self
            )
            let lines = text.split(separator: "\n").filter { $0.hasPrefix("    ") }
            let count = shape.connections.count
            #expect(lines.count { $0 == "    leftupdown=\"%disabled\"" } == count)
            #expect(lines.count { $0 == "    auto=\"ondemand\"" } == count)
            #expect(lines.count { $0.hasPrefix("    esp=\"") } == count)
            for line in lines {
                let value = line.split(separator: "=", maxSplits: 1)[1]
                let isNumber = value.utf8.allSatisfy { (0x30...0x39).contains($0) }
                let isQuoted = value.first == "\"" && value.last == "\"" && value.count { $0 == "\"" } == 2
                #expect(isNumber || isQuoted, "\(line)")
            }
        }
    }

    @Test("differs between major versions in what they call the exchange")
    func exchange() throws {
        let four = String(
            decoding: try ConfigurationEmitter(version: LibreswanVersion(4, 12)).text([.sample()]),
            as: UTF8.self
        )
        let five = String(
            decoding: try ConfigurationEmitter(version: LibreswanVersion(5, 0)).text([.sample()]),
            as: UTF8.self
        )
        #expect(four.contains("ikev2=\"insist\"") && !four.contains("keyexchange"))
        #expect(five.contains("keyexchange=\"ikev2\"") && !five.contains("ikev2=") && !five.contains("dpdaction"))
        for version in [LibreswanVersion(3, 32), LibreswanVersion(6, 0)] {
            #expect(throws: EmissionFailure.unknownVersion(version)) {
                try ConfigurationEmitter(version: version).text([])
            }
        }
    }

    @Test("names neither a connection nor a reqid twice")
    func twice() {
        let emitter = ConfigurationEmitter(version: LibreswanVersion(4, 10))
        var second = Connection.sample()
        second.reqid = 102
        #expect(throws: EmissionFailure.twice("connection p_acme_t1_s1")) { try emitter.text([.sample(), second]) }
        #expect(throws: EmissionFailure.twice("reqid 101")) { try emitter.text([.sample(), .sample(number: 2)]) }
    }
}
