// SPDX-License-Identifier: Apache-2.0
import Control
import TestKit
import Testing
import eigctl

@Suite("eigctl tunnel export")
struct TunnelExportTests {
    let bench: Bench

    init() throws {
        bench = try Bench()
        try bench.writeGoodFolder()
        try bench.write(
            JumpdFile.host(addresses: ["198.51.100.10"], managementPorts: [22], inside: "10.20.0.0/16"),
            to: "etc/jumpd.toml"
        )
    }

    private func writePartner(_ auth: String = "{ psk = \"payfast-t1.psk\" }") throws {
        let tunnels = [("t1", 16), ("t2", 17)].map { name, octet in
            """
            [[tunnel]]
            name = "\(name)"
            peer = "203.0.113.7"
            local-id = "@gw.edge.example"
            remote-id = "@\(name).payfast.example"
            local-subnets = ["10.20.0.0/24"]
            remote-subnets = ["172.\(octet).5.0/24", "172.\(octet).6.0/24"]
            auth = \(auth)

            """
        }
        try bench.write(Bench.partner + tunnels.joined(), to: "etc/partners.d/payfast.toml")
    }

    @Test("writes every tunnel, or one, for what the partner runs; secrets are neither needed nor read")
    func writes() throws {
        try writePartner()
        let all = bench.run("tunnel", "export", "payfast", "--for", "strongswan")
        #expect(all.status == .ok && all.error.isEmpty, "\(all.error)")
        #expect(all.output.contains("    edge_t1 {\n") && all.output.contains("    edge_t2 {\n"))
        #expect(
            all.output.contains("local_ts = 172.16.6.0/24\n") && all.output.contains("secret = \"PRE-SHARED-KEY\"\n")
        )
        for product in ["libreswan", "strongswan", "ios-xe", "fortigate", "paloalto"] {
            let one = bench.run("tunnel", "export", "payfast", "--tunnel=t2", "--for", product)
            #expect(
                one.status == .ok && !one.output.contains("t1.payfast") && one.output.contains("t2.payfast.example")
            )
        }
        let json = bench.run("tunnel", "export", "payfast", "--for=ios-xe", "--json")
        let document = try json.document(TunnelExportDocument.self)
        #expect(document.ok && document.product == "ios-xe" && document.tunnels.map(\.tunnel) == ["t1", "t2"])
    }

    @Test("says of certificates which authority to trust and whom to accept")
    func certificates() throws {
        try writePartner("{ certificate = \"edge-vpn\", ca = \"payfast-vpn-ca.pem\" }")
        let missing = bench.run("tunnel", "export", "payfast", "--for", "libreswan")
        #expect(missing.status == .error && missing.error.contains("identities/edge-vpn.pem"))
        try bench.write(Bench.certificate, to: "etc/identities/edge-vpn.pem")
        try bench.write(Bench.certificate, to: "etc/ca/payfast-vpn-ca.pem")
        let ran = bench.run("tunnel", "export", "payfast", "--for", "libreswan", "--tunnel", "t1")
        #expect(ran.status == .ok, "\(ran.error)")
        #expect(ran.output.contains("trust the authority CN=") && ran.output.contains("leftcert=\"YOUR-CERTIFICATE\""))
        #expect(!ran.output.contains("PRE-SHARED-KEY"))
    }

    @Test("helps with what was mistyped or is missing")
    func mistakes() throws {
        try writePartner()
        let cases: [([String], ExitCode, String)] = [
            (["tunnel", "export", "payfast"], .usage, "`--for` is missing"),
            (["tunnel", "export", "payfast", "--for", "cisco"], .usage, "write one of `libreswan`, `strongswan`"),
            (["tunnel", "export", "payfats", "--for", "ios-xe"], .error, "did you mean payfast?"),
            (["tunnel", "export", "../x", "--for", "ios-xe"], .error, "has no partner ../x"),
            (["tunnel", "export", "payfast", "--for", "ios-xe", "--tunnel", "t9"], .error, "it has t1, t2"),
        ]
        for (words, status, text) in cases {
            let ran = bench.run(["--config=\(bench.path)/etc"] + words)
            #expect(ran.status == status && ran.error.contains(text) && ran.output.isEmpty, "\(words): \(ran.error)")
        }
        try bench.writeGoodFolder()
        let none = bench.run("tunnel", "export", "payfast", "--for", "ios-xe")
        #expect(none.error.contains("partner payfast has no tunnel") && none.error.contains("[[tunnel]]"))
        try bench.write("id = 1\n", to: "etc/partners.d/payfast.toml")
        #expect(bench.run("tunnel", "export", "payfast", "--for", "ios-xe").error.contains("see `eigctl check`"))
    }
}
