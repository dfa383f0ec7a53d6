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

    static let gateFile = """
        [host]
        addresses = ["198.51.100.10"]
        [management]
        from = ["192.0.2.0/24"]
        ports = [22, 9443]
        [partners]
        ports = [8443]
        [internal]
        from = ["10.20.0.0/16"]
        ports = [8080]
        [[egress]]
        to = ["10.20.0.0/16"]
        ports = [22]

        [gate]
        listen = ["198.51.100.10:9443"]
        name = "jump.edge.example"
        certificate = "jump.pem"
        key = "jump.key"

        [audit]
        key = "audit.key"

        [[admin]]
        id = "anna"
        name = "Anna Bauer"
        roles = ["network"]
        ca = "admins-ca.pem"
        san = "anna.example"

        [[role]]
        id = "network"
        targets = ["eig-01:22"]
        may = ["approve"]

        [[target]]
        id = "eig-01"
        address = "10.20.0.11"
        ports = [22]
        protocol = "tcp"
        reason = "the shell of the gateway host"

        """
}
