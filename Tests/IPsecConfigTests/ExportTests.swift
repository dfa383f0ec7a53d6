// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import LinuxIO
import Partners
import Testing

@Suite("The partner's end")
struct ExportTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let export: TunnelExport
    }

    static let cases = [
        Case(
            testDescription: "secret",
            export: TunnelExport(connections: [.sample()], backup: IPAddress("203.0.113.8"))
        ),
        Case(testDescription: "several", export: TunnelExport(connections: Shape.several)),
        Case(testDescription: "ipv6", export: TunnelExport(connections: [Shape.ipv6])),
        Case(
            testDescription: "certificate",
            export: TunnelExport(
                connections: [Shape.certificate(.ecdsa, .ecdsa)],
                certificate: .init(subject: "C=IN, O=Edge, CN=gw.edge.example", issuer: "C=IN, O=Edge, CN=Edge VPN CA")
            )
        ),
    ]

    @Test("is what the golden file says, for every product", arguments: cases, TunnelExport.Product.allCases)
    func golden(testCase: Case, product: TunnelExport.Product) throws {
        let text = try testCase.export.text(for: product)
        try Golden.expect(Array(text.utf8), "export-\(testCase.testDescription)-\(product.rawValue).txt")
        #expect(text.split(separator: "\n").allSatisfy { $0.utf8.allSatisfy { (0x20...0x7e).contains($0) } })
        #expect(text.contains(TunnelExport.keyPlaceholder) == (testCase.testDescription != "certificate"))
    }

    @Test("is our end seen in a mirror")
    func mirrored() throws {
        let text = try TunnelExport(connections: [.sample()]).text(for: .libreswan)
        for line in [
            "    left=\"203.0.113.7\"", "    leftid=\"@vpn.acme.example\"", "    leftsubnet=\"172.16.5.0/24\"",
            "    right=\"198.51.100.10\"", "    rightid=\"@gw.edge.example\"", "    rightsubnet=\"10.20.0.0/24\"",
        ] { #expect(text.contains("\(line)\n")) }
    }

    @Test("names certificates in the order of the certificate, or not at all")
    func names() {
        #expect(CertificateName.inOrder("CN=vpn,O=Acme Ltd,C=IN") == "C=IN, O=Acme Ltd, CN=vpn")
        #expect(CertificateName.inOrder("CN=vpn") == "CN=vpn")
        for text in ["", "CN=Acme\\, Ltd,C=IN", "CN=a+OU=b,C=IN", "STREET=x,C=IN", "CN=a/b", "CN=*", "CN=é"] {
            #expect(CertificateName.inOrder(text) == nil, "\(text)")
        }
    }

    @Test("leaves out what a product does not know, and says so when nothing is left")
    func unknown() throws {
        var connection = Connection.sample()
        connection.ike = [IKEProposal(.aes256, .sha256, .dh31), IKEProposal(.aes256, .sha256, .dh14)]
        let export = TunnelExport(connections: [connection])
        #expect(
            try export.text(for: .iosXE).contains(" group 14\n") && !export.text(for: .iosXE).contains(" group 31\n")
        )
        connection.ike = [IKEProposal(.aes256, .sha256, .dh31)]
        for product in [TunnelExport.Product.iosXE, .paloalto] {
            let failure = TunnelExport.Failure.noCommonProposal(connection.name.tunnel, product, keyword: "ike")
            #expect(throws: failure) { try TunnelExport(connections: [connection]).text(for: product) }
        }
    }

    @Test("is not made for IKEv1, nor of what the emitter would not write")
    func refused() {
        #expect(throws: TunnelExport.Failure.ikev1(Shape.ikev1.name.tunnel)) {
            try TunnelExport(connections: [Shape.ikev1]).text(for: .strongswan)
        }
        var connection = Connection.sample()
        connection.remote.id = .name("a\"\n}")
        var certified = Shape.certificate(.rsa, .rsa)
        certified.local.id = .name("gw")
        let certificate = TunnelExport.OurCertificate(subject: "CN=a\nb", issuer: "CN=c")
        for export in [
            TunnelExport(connections: [connection]), TunnelExport(connections: [certified], certificate: certificate),
        ] {
            for product in TunnelExport.Product.allCases {
                #expect(throws: TunnelExport.Failure.self) { try export.text(for: product) }
            }
        }
    }

    @Test(
        "is nothing the installed Libreswan has anything to say about",
        .enabled(
            if: InstalledLibreswanTests.version?.major == 4,
            "there is no /usr/sbin/ipsec of version 4: apt-get install libreswan"
        ),
        arguments: cases
    )
    func checked(testCase: Case) throws {
        let path = "\(Golden.folder)/export-\(testCase.testDescription)-libreswan.txt"
        let result = try ChildProcess.run([
            InstalledLibreswanTests.program, "addconn", "--config", path, "--checkconfig",
        ])
        #expect(
            result.isSuccess && result.outputText == "" && result.errorText == "",
            "\(result.outputText)\(result.errorText)"
        )
    }
}
