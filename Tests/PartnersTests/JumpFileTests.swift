// SPDX-License-Identifier: Apache-2.0
import Partners
import Testing

@Suite("The file that names a gate")
struct JumpFileTests {
    static let good = """
        gate        = "jump.edge.example"
        certificate = "anna.pem"
        key         = "anna.key"
        ca          = "jump-ca.pem"
        """

    @Test("is four keys; a gate without a port has 9443")
    func good() throws {
        let file = try #require(JumpFile.parse(Self.good).file)
        #expect(file.gate.host == "jump.edge.example" && file.gate.port == 9443)
        #expect("\(file.gate)" == "jump.edge.example:9443")
        #expect([file.certificate, file.key, file.ca] == ["anna.pem", "anna.key", "jump-ca.pem"])
    }

    static let addresses: [(String, String?)] = [
        ("jump.example:8443", "jump.example:8443"), ("192.0.2.1", "192.0.2.1:9443"),
        ("[2001:db8::1]", "[2001:db8::1]:9443"), ("[2001:db8::1]:443", "[2001:db8::1]:443"),
        ("jump.example:443", "jump.example:443"), ("2001:db8::1", nil), ("Jump.example", nil), ("jump:0", nil),
        ("jump:65536", nil), ("jump.example/x", nil), ("user@jump", nil), ("", nil), ("jump.example:", nil),
        ("https://jump.example", nil),
    ]

    @Test("names a gate by host and port", arguments: addresses)
    func address(_ text: String, _ expected: String?) {
        #expect(GateAddress(text).map { "\($0)" } == expected)
    }

    static let wrong: [(String, String)] = [
        (good + "\nkeys = \"x\"", "E-UNKNOWN-KEY"), ("gate = \"jump.example\"", "E-MISSING-KEY"),
        (good.replacing("\"anna.key\"", with: "7"), "E-TYPE"), (good.replacing("\"anna.key\"", with: "\"\""), "E-TEXT"),
        (good.replacing("jump.edge.example", with: "10.0.0.0/8"), "E-ADDRESS"), ("gate", "E-SYNTAX"),
    ]

    @Test("says what is wrong with it, and where", arguments: wrong)
    func refuses(_ text: String, _ code: String) {
        let outcome = JumpFile.parse(text)
        #expect(outcome.file == nil)
        #expect(outcome.diagnostics.contains { $0.code.rawValue == code && $0.line >= 1 })
    }
}
