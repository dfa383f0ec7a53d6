// SPDX-License-Identifier: Apache-2.0
import Base
import TLS
import TestKit
import Testing

@Suite("A key of ours")
struct ServerKeyTests {
    static let now = WallInstant(seconds: 1_795_000_000)
    static let serial = [UInt8](repeating: 0xff, count: 16)

    @Test("is written, read again, and is another one each time")
    func roundTrip() throws {
        let text = try ServerKey.make().pem()
        let again = try ServerKey(pem: text).pem()
        let another = try ServerKey.make().pem()
        #expect(again == text)
        #expect(another != text)
        #expect(throws: PEMError.self) {
            let nothing = try ServerKey(pem: Array("nothing".utf8))
            _ = try nothing.pem()
        }
    }

    @Test("knows its own request for the same names, and no other")
    func requests() throws {
        let key = try ServerKey.make()
        let names = ["edge.example.net", "edge2.example.net"]
        let request = try key.request(for: names)
        let another = try ServerKey.make()
        let answers = [
            key.made(request: request, for: names),
            key.made(request: request, for: ["edge.example.net"]),
            key.made(request: request, for: names.reversed()),
            another.made(request: request, for: names),
            key.made(request: Array(request.dropLast(40)), for: names),
            key.made(request: World.edge.certificatePEM, for: names),
        ]
        #expect(answers == [true, false, false, false, false, false])
        // One signature bit otherwise: somebody else's names under our key.
        var forged = try #require(String(validating: request, as: UTF8.self)).split(separator: "\n").map(String.init)
        let line = forged.count - 2
        forged[line] = (forged[line].hasPrefix("A") ? "B" : "A") + forged[line].dropFirst()
        let isTaken = key.made(request: Array(forged.joined(separator: "\n").utf8), for: names)
        #expect(!isTaken)
    }

    @Test("signs a certificate for itself that sessions take")
    func certificate() throws {
        let key = try ServerKey.make()
        let names = ["edge.example.net", "b.example"]
        let text = try key.selfSigned(for: names, from: Self.now, days: 30, serial: Self.serial)
        let facts = try #require(try PEM.certificates(text).first)
        #expect(facts.dnsNames == names && facts.subject == "CN=edge.example.net")
        #expect(facts.isSelfIssued && !facts.isAuthority && facts.hasServerAuth && !facts.hasClientAuth)
        #expect(facts.notAfter == Self.now + .seconds(30 * 86_400) && facts.isValid(at: Self.now))
        #expect(facts.serial.hasPrefix("7f") && facts.weakness == nil)
        try PEM.requireKey(try key.pem(), matches: text)
    }

    @Test("names no common name where it would be longer than a certificate may have")
    func longName() throws {
        let name = String(repeating: "a", count: 60) + ".example"
        let key = try ServerKey.make()
        let text = try key.selfSigned(for: [name], from: Self.now, days: 1, serial: Self.serial)
        let facts = try #require(try PEM.certificates(text).first)
        #expect(facts.subject.isEmpty && facts.dnsNames == [name])
    }
}
