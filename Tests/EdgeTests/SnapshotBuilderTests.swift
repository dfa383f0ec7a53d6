// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import ConfigurationFolder
import Control
import Partners
import TestKit
import Testing

@testable import Edge

@Suite("A snapshot of the configuration")
struct SnapshotBuilderTests {
    private static func build(_ folder: ConfigurationFolder) throws -> Snapshot {
        try SnapshotBuilder.build(folder: folder.path, generation: 7, book: CounterBook(), workerCount: 2).snapshot
    }

    @Test("holds everything that requests and deliveries are decided by")
    func whole() throws {
        let folder = try ConfigurationFolder()
        let snapshot = try Self.build(folder)
        let (payfast, mobicash) = (try #require(PartnerID("payfast")), try #require(PartnerID("mobicash")))
        #expect(snapshot.generation == 7)
        #expect(snapshot.targets.map(\.name) == ["txn", "rpt", "mobicash/outward", "payfast/callbacks"])
        #expect(snapshot.targets.map(\.index) == [0, 1, 2, 3])
        #expect(snapshot.targets[0].tls == nil && snapshot.targets[2].tls != nil && snapshot.targets[3].tls != nil)
        // A backend's connections are shared out among the workers; 256 is the default.
        #expect(snapshot.targets[0].limits.connectionsMax == 128)
        #expect(snapshot.outwardTarget(mobicash)?.name == "mobicash/outward")
        #expect(snapshot.outwardTarget(payfast) == nil)
        #expect(snapshot.deliveryTarget(.partner(payfast))?.name == "payfast/callbacks")
        #expect(snapshot.deliveryTarget(.partner(mobicash)) == nil)
        #expect(snapshot.deliveryTarget(.backend("rpt"))?.name == "rpt")
        #expect(snapshot.deliveryTarget(.backend("gone")) == nil)
        #expect(snapshot.receiverDestinations == [.backend("txn"), .backend("rpt")])
        #expect(snapshot.senderCopyDestinations == [])
        #expect(snapshot.relayEndpoints.map(\.destination) == [.backend("txn"), .backend("rpt"), .partner(payfast)])
        #expect(snapshot.directory[mobicash]?.credential?.user == "mobi")
        let uses = snapshot.certificates.map { "\($0.use) \($0.partner ?? "-") \($0.file)" }
        #expect(
            Set(uses) == [
                "server - identities/edge.pem", "identity payfast identities/out.pem",
                "identity mobicash identities/out.pem", "partner-ca payfast ca/payfast-ca.pem",
                "partner-ca mobicash ca/mobicash-ca.pem",
            ]
        )
    }

    @Test("knows the backends by their addresses, and who may come in from inside")
    func inside() throws {
        let folder = try ConfigurationFolder()
        let snapshot = try Self.build(folder)
        let loopback = try #require(IPAddress("127.0.0.1"))
        let elsewhere = try #require(IPAddress("192.0.2.1"))
        #expect(snapshot.backendName(at: loopback) == "txn")
        #expect(snapshot.backendName(at: elsewhere) == nil)
        #expect(snapshot.admitsInside(loopback) && !snapshot.admitsInside(elsewhere))
    }

    @Test("leaves a disabled partner known and unserved")
    func disabled() throws {
        let folder = try ConfigurationFolder()
        let partner = try #require(PartnerID("payfast"))
        let text = String(decoding: try folder.read("partners.d/payfast.toml"), as: UTF8.self)
        try folder.write("partners.d/payfast.toml", "enabled = false\n" + text)
        let snapshot = try Self.build(folder)
        #expect(snapshot.directory[partner] != nil)
        #expect(snapshot.deliveryTarget(.partner(partner)) == nil)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let sentence: String
        /// The file that is to blame, and words of what is wrong and of the mend.
        let file: String
        let message: String
        let hint: String
        let change: @Sendable (ConfigurationFolder) throws -> Void
        var testDescription: String { sentence }

        init(
            _ sentence: String,
            _ file: String,
            _ message: String,
            mend hint: String,
            _ change: @escaping @Sendable (ConfigurationFolder) throws -> Void
        ) {
            self.sentence = sentence
            self.file = file
            self.message = message
            self.hint = hint
            self.change = change
        }
    }

    private static let garbage = Minted.pem("CERTIFICATE", [0x30, 0x03, 1, 2, 3])

    static let cases: [Case] = [
        Case("no eigd.toml", "eigd.toml", "there is no eigd.toml", mend: "example") { try $0.remove("eigd.toml") },
        Case("a mistake in eigd.toml", "eigd.toml", "unknown", mend: "") { try $0.append("eigd.toml", "\nx = 1\n") },
        Case("another certificate's key", "identities/edge.pem", "private key", mend: "its own private key") {
            try $0.write("identities/edge.key", Identities.outward.keyPEM)
        },
        Case("a key that is none", "identities/edge.pem", "private key", mend: "its own private key") {
            try $0.write("identities/edge.key", Minted.pem("PRIVATE KEY", [1, 2, 3]))
        },
        Case("a chain in the wrong order", "identities/edge.pem", "leaf first", mend: "leaf first") {
            try $0.write("identities/edge.pem", Identities.edge.certificatePEM + Authorities.payfast.certificatePEM)
        },
        Case("no server certificate", "eigd.toml", "identities/edge.pem", mend: "create it") {
            try $0.remove("identities/edge.pem")
        },
        Case("an authority that is an intermediate only", "ca/payfast-ca.pem", "self-signed", mend: "root") {
            try $0.write("ca/payfast-ca.pem", Authorities.payfastSub.certificatePEM)
        },
        Case("an authority that is no certificate", "ca/mobicash-ca.pem", "certificate", mend: "as PEM") {
            try $0.write("ca/mobicash-ca.pem", garbage)
        },
        Case("no authority", "partners.d/payfast.toml", "ca/payfast-ca.pem", mend: "create it") {
            try $0.remove("ca/payfast-ca.pem")
        },
        Case("no identity for callbacks", "partners.d/payfast.toml", "identities/gone.pem", mend: "create it") {
            let text = String(decoding: try $0.read("partners.d/payfast.toml"), as: UTF8.self)
            try $0.write("partners.d/payfast.toml", text.replacing("\"out\"", with: "\"gone\""))
        },
        Case("an identity with another's key", "identities/out.pem", "private key", mend: "identities/out.pem and .key")
        {
            try $0.write("identities/out.key", Identities.edge.keyPEM)
        },
        Case("an identity that is no certificate", "identities/out.pem", "certificate", mend: "identities/out.pem") {
            try $0.write("identities/out.pem", garbage)
        },
        Case("a secret that is none", "secrets/hook", "Standard Webhooks", mend: "whsec_") {
            let text = String(decoding: try $0.read("partners.d/payfast.toml"), as: UTF8.self)
            try $0.write(
                "partners.d/payfast.toml",
                text + "\nprofile = \"standard-webhooks\"\nsecret = \"hook\"\n"
            )
            try $0.write("secrets/hook", "whsec_short\n")
        },
    ]

    @Test("is refused whole, with the file and the mend", arguments: cases)
    func refused(_ testCase: Case) throws {
        let folder = try ConfigurationFolder()
        try testCase.change(folder)
        let refused = try #require(throws: ConfigurationRefused.self) { try Self.build(folder) }
        let first = try #require(refused.diagnostics.first { $0.severity == "error" })
        #expect(first.file == testCase.file)
        #expect(first.message.contains(testCase.message), "\(first.message)")
        #expect((first.hint ?? "").contains(testCase.hint), "\(first.hint ?? "")")
        // What eigd prints names all of it, too.
        #expect(refused.text.contains(testCase.file) && refused.text.contains(first.message))
        #expect(refused.text.contains("hint: ") && refused.text.contains(testCase.hint))
        #expect(refused.description.hasPrefix(testCase.file))
    }
}
