// SPDX-License-Identifier: Apache-2.0
import Partners
import Testing

@Suite("An identity of IKE")
struct IKEIdentityTests {
    static let good = [
        "@vpn.acme.example", "@4711", "@_", "@\(String(repeating: "a", count: 253))", "203.0.113.7", "2001:db8::7",
        "vpn@acme.example", "v.p_n+1@acme.example", "-v@acme.example", "CN=vpn",
        "C=IN, O=Acme Ltd, OU=Net & Ops (2), CN=vpn2.acme.example",
        "DC=example, DC=acme, CN=vpn", "UID=vpn@acme.example, CN=acme:1", "emailAddress=a@b.example, serialNumber=12",
        "CN=\(String(repeating: "a", count: 64))",
    ]

    @Test("is read as it is written", arguments: good)
    func read(_ text: String) throws { #expect(try #require(IKEIdentity(text)).description == text) }

    @Test("has one blank after each comma")
    func commas() { #expect(IKEIdentity("C=IN,O=Acme, CN=a")?.description == "C=IN, O=Acme, CN=a") }

    static let bad = [
        "", "@", "vpn.acme.example", "4711", "%any", "%fromcert", "@a b", "@a\n", "@a;b", "@a'b", "@\"a\"", "@[a]",
        "@#00",
        "@é", "@\(String(repeating: "a", count: 254))", "203.0.113.256", "010.0.0.1", "fe80::1%eth0", "a@b@c",
        "@a@b.example",
        "a b@acme.example", ".a@acme.example", "a.@acme.example", "a@acme_x.example", "a@1.2.3.4", "a@", "=", "CN=",
        "=x",
        "XX=1", "cn=vpn", "CN=a,,O=b", "CN=a, ,O=b", "CN=a,", ",CN=a", "CN=a\\,b", "CN=\"a\"", "CN=O'Neill", "CN=a`b",
        "CN=a+O=b", "CN=#0102", "CN=a=b", "CN=%any", "CN=a;b", "CN=a\nO=b", "CN=a\tb", "CN= a", "CN=a ", "CN=a,  O=b",
        "CN=é", "CN=$(x)", "CN=*.acme.example", "CN=a/b", "0.0.0.0", "::", "STREET=a", "CN={a}", "CN=a|b",
        "CN=\(String(repeating: "a", count: 65))",
        Array(repeating: "CN=a", count: 17).joined(separator: ", "),
        Array(repeating: "CN=\(String(repeating: "a", count: 64))", count: 8).joined(separator: ", "),
        "vpn@\u{212A}a.example", "@vpn\u{0301}", "CN=a\u{0}",
    ]

    @Test("is refused where Libreswan would ask DNS, rewrite it or stop reading", arguments: bad)
    func refused(_ text: String) { #expect(IKEIdentity(text) == nil) }
}
