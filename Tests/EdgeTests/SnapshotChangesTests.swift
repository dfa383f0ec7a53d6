// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import Synchronization
import TestKit
import Testing

@testable import Edge

@Suite("What a reload changes")
struct SnapshotChangesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let sentence: String
        /// `SIGN PARTNER TEXT` and, after a bar, what is interrupted.
        let want: [String]
        /// Live connections of the first partner.
        var live = 0
        let change: @Sendable (ConfigurationFolder) throws -> Void
        var testDescription: String { sentence }

        init(
            _ sentence: String,
            _ want: [String],
            live: Int = 0,
            _ change: @escaping @Sendable (ConfigurationFolder) throws -> Void
        ) {
            self.sentence = sentence
            self.want = want
            self.live = live
            self.change = change
        }
    }

    private static let payfast = "partners.d/payfast.toml"
    private static let mobicash = "partners.d/mobicash.toml"

    static let cases: [Case] = [
        Case("nothing", []) { _ in },
        Case("a comment", []) { try $0.append(payfast, "\n# a word\n") },
        Case("a limit", ["~ payfast [limits]"]) {
            try $0.replace(payfast, "[limits]", with: "[limits]\nburst = 7")
        },
        Case("who answers for it, and from where", ["~ mobicash owner, [[allow]]"]) {
            try $0.replace(mobicash, "\"ops\"", with: "\"others\"")
            try $0.replace(mobicash, "127.0.0.2", with: "127.0.0.3")
        },
        Case("a password", ["~ mobicash the credential file"]) {
            try $0.write("credentials/mobicash", "mobi2:$6$salt$\(String(repeating: "a", count: 86))\n")
        },
        Case("a partner shut out while it is here", ["~ payfast enabled | 3 live connections will be cut"], live: 3) {
            try $0.replace(payfast, "id = ", with: "enabled = false\nid = ")
        },
        Case("a partner shut out while it is away", ["~ payfast enabled"]) {
            try $0.replace(payfast, "id = ", with: "enabled = false\nid = ")
        },
        Case("a partner that is here and goes", ["- payfast PayFast | 1 live connection will be cut"], live: 1) {
            try $0.remove(payfast)
        },
        Case("a partner that comes", ["+ third Third"]) {
            let text = String(decoding: try $0.read(payfast), as: UTF8.self)
            let third = text.replacing("PayFast", with: "Third").replacing("payfast", with: "third")
                .replacing("127.0.0.1", with: "127.0.0.7").replacing("2001:db8:5::", with: "2001:db8:7::")
                .replacing("third-ca.pem", with: "payfast-ca.pem")
            try $0.write("partners.d/third.toml", third)
        },
        Case("timeouts and routes", ["~ - eigd.toml: [[route]], [timeouts]"]) {
            try $0.append(
                "eigd.toml",
                "\n[timeouts]\nidle = \"5s\"\n[[route]]\npath = \"/x\"\nrole = \"any\"\nto = \"rpt\"\n"
            )
        },
        Case("an authority renewed under its name", ["~ - certificates in ca/mobicash-ca.pem"]) {
            try $0.write("ca/mobicash-ca.pem", Minted.make(.authority("MobiCash CA")).certificatePEM)
        },
        Case("our own certificate renewed", ["~ - certificates in identities/edge.pem"]) {
            let renewed = Minted.make(.leaf("edge.example", purposes: "serverAuth"), by: Authorities.edge)
            try $0.write("identities/edge.pem", renewed.chainPEM)
            try $0.write("identities/edge.key", renewed.keyPEM)
        },
    ]

    @Test("is told partner by partner, with what it interrupts", arguments: cases)
    func changes(_ testCase: Case) throws {
        let folder = try ConfigurationFolder()
        let book = CounterBook()
        let old = try SnapshotBuilder.build(folder: folder.path, generation: 1, book: book, workerCount: 1).snapshot
        let payfast = try #require(PartnerID("payfast"))
        book.partner(payfast).connectionsLive.store(testCase.live, ordering: .relaxed)
        try testCase.change(folder)
        let new = try SnapshotBuilder.build(folder: folder.path, generation: 2, book: book, workerCount: 1).snapshot
        let shown = SnapshotChanges(from: old, to: new).items.map { item in
            "\(item.sign.rawValue) \(item.partner ?? "-") \(item.text)" + (item.disruption.map { " | \($0)" } ?? "")
        }
        #expect(shown == testCase.want)
    }
}
