// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import TLS
import TestKit

extension Bench {
    /// A folder with one partner and a gate for two administrators: nothing in it is wrong.
    func writeGateFolder(_ people: FakePeople = FakePeople()) throws {
        try writeGoodFolder()
        try write(Self.gateFile, to: "etc/jumpd.toml")
        try write(String(decoding: people.admins.certificatePEM, as: UTF8.self), to: "etc/ca/admins-ca.pem")
        try write(String(decoding: people.gate.chainPEM, as: UTF8.self), to: "etc/identities/jump.pem")
        try write(String(decoding: people.gate.keyPEM, as: UTF8.self), to: "etc/identities/jump.key")
        let signer = Minted.make(Recipe().with { $0.key = .ed25519 })
        try write(String(decoding: signer.keyPEM, as: UTF8.self), to: "etc/identities/audit.key")
    }

    static let gateFile =
        JumpdFile.host(addresses: ["198.51.100.10"], managementPorts: [22, 9443], inside: "10.20.0.0/16")
        + JumpdFile.egress(to: "10.20.0.0/16", port: 22) + JumpdFile.gate(listen: "198.51.100.10:9443")
        + JumpdFile.admin("anna", "Anna Bauer", roles: ["network"], ca: "admins-ca.pem", san: "anna.example")
        + JumpdFile.role("network", targets: ["eig-01:22"], may: ["approve"])
        + JumpdFile.target("eig-01", "10.20.0.11", ports: [22], reason: "the shell of the gateway host")
}
