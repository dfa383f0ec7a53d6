// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Partners

extension Connection {
    /// Between two gateways that are always the same, to 172.16.`third`.0/24.
    static func test(_ name: String, third: Int, reqid: Int) -> Connection {
        Connection(
            name: ConnectionName(name)!,
            local: .init(
                address: IPAddress("198.51.100.10")!,
                id: .name("gw.edge.example"),
                subnet: IPPrefix("10.20.0.0/24")!
            ),
            remote: .init(
                address: IPAddress("203.0.113.7")!,
                id: .name("vpn.acme.example"),
                subnet: IPPrefix("172.16.\(third).0/24")!
            ),
            authentication: .sharedSecret,
            reqid: reqid
        )
    }
}
