// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import Partners
internal import TLS

/// Everything a request is decided by, built whole from the files, immutable, swapped in one step.
final class Snapshot: Sendable {
    /// Counts from 1 at start.
    let generation: Int
    let loadedAt: WallInstant
    let gateway: GatewayFile
    let directory: PartnerDirectory
    let routes: RouteTable
    /// Backends first, then the partners' endpoints.
    let targets: [UpstreamTarget]
    let server: ServerContext
    /// The names partners may call us by, as bytes.
    let serverNames: [[UInt8]]
    let certificates: [CertificateUse]
    let timeouts: Timeouts
    private let parts: Parts

    /// What is looked up by name.
    struct Parts: Sendable {
        var backends: [String: Int] = [:]
        var callbacks: [PartnerID: Int] = [:]
        var outward: [PartnerID: Int] = [:]
        var inboundProfiles: [PartnerID: InboundProfile] = [:]
        var receiverDestinations: [Destination] = []
        var senderCopyDestinations: [Destination] = []
        var relayEndpoints: [RelayEndpoint] = []
    }

    /// How long a connection may take for what it does with every request.
    struct Timeouts: Sendable {
        let handshake: Timeout
        let head: Timeout
        let idle: Timeout

        init(_ file: GatewayTimeouts) {
            handshake = Timeout(file.handshake)
            head = Timeout(file.head)
            idle = Timeout(file.idle)
        }
    }

    /// A certificate whose end would stop something.
    struct CertificateUse: Sendable {
        /// `server`, `partner-ca` or `identity`.
        let use: String
        let partner: String?
        let file: String
        let certificate: PeerCertificate
    }

    init(
        generation: Int,
        loadedAt: WallInstant,
        gateway: GatewayFile,
        directory: PartnerDirectory,
        routes: RouteTable,
        targets: [UpstreamTarget],
        server: ServerContext,
        certificates: [CertificateUse],
        parts: Parts
    ) {
        self.generation = generation
        self.loadedAt = loadedAt
        self.gateway = gateway
        self.directory = directory
        self.routes = routes
        self.targets = targets
        self.server = server
        self.certificates = certificates
        self.parts = parts
        timeouts = Timeouts(gateway.timeouts)
        serverNames = gateway.server.names.map { Array($0.utf8) }
    }

    var relayEndpoints: [RelayEndpoint] { parts.relayEndpoints }
    var receiverDestinations: [Destination] { parts.receiverDestinations }
    var senderCopyDestinations: [Destination] { parts.senderCopyDestinations }

    func outwardTarget(_ id: PartnerID) -> UpstreamTarget? { parts.outward[id].map { targets[$0] } }

    /// Where a delivery goes, or nothing when the endpoint is no longer configured.
    func deliveryTarget(_ destination: Destination) -> UpstreamTarget? {
        switch destination {
        case .backend(let name): parts.backends[name].map { targets[$0] }
        case .partner(let id): parts.callbacks[id].map { targets[$0] }
        }
    }

    func inboundProfile(of id: PartnerID) -> InboundProfile { parts.inboundProfiles[id] ?? .plain }

    func admitsInside(_ address: IPAddress) -> Bool { gateway.internalFrom.contains { $0.contains(address) } }

    /// The backend that has this address, to say whose a callback is.
    func backendName(at address: IPAddress) -> String? {
        gateway.backends.first { $0.address.address == address }?.name
    }
}
