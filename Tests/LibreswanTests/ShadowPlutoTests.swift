// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import LinuxIO
import Partners
import TestKit
import Testing

@testable import Libreswan

/// Whether this machine has Libreswan and lets a process make a namespace of its own.
let hasLibreswan: Bool = {
    guard Toolbox(LibreswanPaths()).isInstalled, Limits.userID == 0 else { return false }
    let probe = try? ChildProcess.run(["unshare", "--user", "--keep-caps", "--net", "true"], timeout: .seconds(5))
    return probe?.isSuccess ?? false
}()

@Suite("A throw-away pluto", .enabled(if: hasLibreswan, "needs Libreswan, root and user namespaces"), .serialized)
struct ShadowPlutoTests {
    static let text = """
        conn p_acme_t1_s1
            type=tunnel
            ikev2=insist
            left="198.51.100.10"
            leftid="@gw.edge.example"
            leftsubnet="10.20.0.0/24"
            right="203.0.113.7"
            rightid="@vpn.acme.example"
            rightsubnet="172.16.5.0/24"
            authby=secret
            ike="aes_gcm256-sha2_512;dh20,aes_gcm256-sha2_512;dh19,aes256-sha2_512;dh20,aes256-sha2_256;dh19"
            esp="aes_gcm256,aes256-sha2_512"
            ikelifetime=8h
            salifetime=1h
            leftupdown="%disabled"
            auto=ondemand

        """

    static let connection = Connection.test("p_acme_t1_s1", third: 5, reqid: 101)

    /// What differs when `text` is loaded.
    private func differences(_ text: String) throws -> [String] {
        let folder = try TemporaryFolder()
        var paths = LibreswanPaths()
        paths.state = folder.path
        paths.nss = "\(folder.path)/none"
        let shadow = ShadowPluto(Toolbox(paths))
        let found = try shadow.differences(
            configuration: Array(text.utf8),
            secrets: Array("@a @b : PSK 0x00112233445566778899\n".utf8),
            wanted: [Self.connection]
        )
        #expect(try FileStore.names(in: folder.path) == [])
        return found
    }

    @Test("has what was meant, and leaves nothing behind")
    func agrees() throws {
        #expect(try differences(Self.text) == [])
    }

    @Test(
        "shows what --checkconfig is silent about",
        arguments: [
            ("172.16.5.0/24", "172.16.5.0/99"), ("aes_gcm256,aes256-sha2_512", "3des-md5"),
            ("aes_gcm256-sha2_512;dh20,", ""), ("@vpn.acme.example", "@other.example"), ("secret", "secrets"),
            ("%disabled", "/bin/true"), ("rightsubnet", "x-rightsubnet"), ("p_acme_t1_s1", "p_acme_t1_s2"),
            ("ike=\"", "ike=\"rot13-sha999;dh99,"),
        ]
    )
    func disagrees(_ old: String, _ new: String) throws {
        #expect(try differences(Self.text.replacing(old, with: new)).count >= 1)
    }
}
