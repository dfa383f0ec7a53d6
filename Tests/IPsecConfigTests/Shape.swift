// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Partners
import Testing

/// Connections of every kind that is written.
struct Shape: Sendable, CustomTestStringConvertible {
    let name: String
    let connections: [Connection]
    var testDescription: String { name }

    static let versions = [LibreswanVersion(4, 10), LibreswanVersion(5, 2), LibreswanVersion(5, 3, 2)]

    static let all = [
        Shape(name: "secret", connections: [.sample()]),
        Shape(name: "ipv6", connections: [ipv6]),
        Shape(name: "certificate", connections: [certificate(.ecdsa, .ecdsa)]),
        Shape(name: "certificate-rsa", connections: [certificate(.rsa, .rsa)]),
        Shape(
            name: "certificate-mixed",
            connections: [certificate(.ecdsa, .rsa), certificate(.rsa, .ecdsa, number: 2)]
        ),
        Shape(name: "ikev1", connections: [ikev1]),
        Shape(name: "several", connections: several),
        Shape(name: "none", connections: []),
    ]

    static let ipv6 = Connection(
        name: ConnectionName("p_a_b_v6_s17")!,
        local: .init(
            address: IPAddress("2001:db8::10")!,
            id: .address(IPAddress("2001:db8::10")!),
            subnet: IPPrefix("2001:db8:1::/64")!
        ),
        remote: .init(
            address: IPAddress("2001:db8:ffff::7")!,
            id: .email("vpn-ops@acme.example"),
            subnet: IPPrefix("2001:db8:2::5")!
        ),
        authentication: .sharedSecret,
        esp: [ESPProposal(.aesGCM128, group: .dh19), ESPProposal(.aes128, .sha256, group: .dh19)],
        ikeLifetime: .seconds(300),
        espLifetime: .seconds(300),
        encapsulation: .always,
        reqid: 16_383
    )

    static let ikev1 = Connection(
        name: ConnectionName("p_oldbank_t1_s1")!,
        local: Connection.sample().local,
        remote: Connection.sample().remote,
        authentication: .sharedSecret,
        version: .v1,
        ike: [IKEProposal(.aes256, .sha1, .dh5)],
        esp: [ESPProposal(.tripleDES, .sha1)],
        encapsulation: .never,
        reqid: 1
    )

    static let several = (1...3).map { number in
        var connection = Connection.sample(number: number)
        connection.local.subnet = IPPrefix("10.20.\(number).0/24")!
        connection.reqid = 100 + number
        return connection
    }

    static func certificate(_ ours: KeyKind, _ theirs: KeyKind, number: Int = 1) -> Connection {
        var connection = Connection.sample(number: number)
        connection.local.id = .distinguishedName("C=IN, O=Edge, CN=gw.edge.example")
        connection.remote.id = .distinguishedName("C=IN,O=Acme Ltd (Mumbai), CN=vpn2.acme.example")
        connection.authentication = .certificate(
            nickname: "acme-0a1b2c",
            authority: "C=IN, O=Acme Ltd, CN=Acme VPN CA"
        )
        connection.localKey = ours
        connection.remoteKey = theirs
        connection.reqid = 200 + number
        return connection
    }
}

extension Connection {
    /// With a pre-shared key.
    static func sample(_ tunnel: String = "p_acme_t1", number: Int = 1) -> Connection {
        Connection(
            name: ConnectionName("\(tunnel)_s\(number)")!,
            local: End(
                address: IPAddress("198.51.100.10")!,
                id: .name("gw.edge.example"),
                subnet: IPPrefix("10.20.0.0/24")!
            ),
            remote: End(
                address: IPAddress("203.0.113.7")!,
                id: .name("vpn.acme.example"),
                subnet: IPPrefix("172.16.5.0/24")!
            ),
            authentication: .sharedSecret,
            reqid: 101
        )
    }
}
