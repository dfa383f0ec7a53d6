// SPDX-License-Identifier: Apache-2.0
import TLS
import TestKit

/// The certificates most tests share: an edge, two partners' own CAs, and a stranger.
enum World {
    static let edgeCA = Minted.make(.authority("Edge CA"))
    static let edge = Minted.make(.leaf("edge.example", purposes: "serverAuth"), by: edgeCA)
    static let edgeAsClient = Minted.make(.leaf("edge.example", purposes: "clientAuth"), by: edgeCA)

    static let payfastCA = Minted.make(.authority("PayFast CA"))
    static let payfast = Minted.make(.leaf("edge.payfast.example", purposes: "clientAuth"), by: payfastCA)

    static let mobicashCA = Minted.make(.authority("MobiCash CA"))
    static let strangerCA = Minted.make(.authority("Stranger CA"))

    static func serverSettings(_ change: (inout ServerTLSSettings) -> Void = { _ in }) -> ServerTLSSettings {
        var settings = ServerTLSSettings(
            certificateChainPEM: edge.chainPEM,
            keyPEM: edge.keyPEM,
            clientAnchorsPEM: [payfastCA.certificatePEM, mobicashCA.certificatePEM]
        )
        change(&settings)
        return settings
    }

    static func clientSettings(
        _ identity: Minted? = payfast,
        _ change: (inout ClientTLSSettings) -> Void = { _ in }
    ) -> ClientTLSSettings {
        var settings = ClientTLSSettings(anchorsPEM: [edgeCA.certificatePEM])
        if let identity {
            settings.identity = TLSIdentity(certificateChainPEM: identity.chainPEM, keyPEM: identity.keyPEM)
        }
        change(&settings)
        return settings
    }

    /// A server for the partners and a client with this certificate, ready to shake hands.
    static func wire(client identity: Minted? = payfast, serverName: String = "edge.example") throws -> Wire {
        Wire(
            server: try ServerContext(serverSettings()),
            client: try ClientContext(clientSettings(identity)),
            serverName: serverName
        )
    }
}
