// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import ConfigurationFolder
internal import Control
internal import LinuxIO
internal import Partners
internal import TLS

/// Builds a whole snapshot from a configuration folder, or says why there is none.
///
/// Everything that could fail later fails here: files are read, chains and keys are matched, TLS
/// contexts are made. Nothing that runs is touched.
struct SnapshotBuilder {
    let folder: FolderSource
    let configuration: Configuration
    let gateway: GatewayFile
    let book: CounterBook
    let workerCount: Int
    var targets: [UpstreamTarget] = []
    var parts = Snapshot.Parts()
    var certificates: [Snapshot.CertificateUse] = []
    var clientContexts: [String: ClientContext] = [:]

    /// - Parameter workerCount: among how many workers a backend's connections are shared; nothing for as many as
    ///   the file asks for.
    /// - Returns: the snapshot, and the warnings there are.
    static func build(
        folder: String,
        generation: Int,
        book: CounterBook,
        workerCount: Int? = nil
    ) throws(ConfigurationRefused) -> (snapshot: Snapshot, warnings: [DiagnosticItem]) {
        let now = Clock.wall()
        let source = FolderSource(folder)
        let outcome = Configuration.load(from: source, now: now, requiring: [.gateway])
        guard let configuration = outcome.configuration, let gateway = configuration.gateway else {
            throw ConfigurationRefused(outcome.diagnostics)
        }
        var builder = SnapshotBuilder(
            folder: source,
            configuration: configuration,
            gateway: gateway,
            book: book,
            workerCount: workerCount ?? GatewayStart.workerCount(of: gateway)
        )
        return (try builder.snapshot(generation: generation, now: now), outcome.diagnostics.map { DiagnosticItem($0) })
    }

    private init(
        folder: FolderSource,
        configuration: Configuration,
        gateway: GatewayFile,
        book: CounterBook,
        workerCount: Int
    ) {
        self.folder = folder
        self.configuration = configuration
        self.gateway = gateway
        self.book = book
        self.workerCount = workerCount
    }

    mutating func snapshot(generation: Int, now: WallInstant) throws(ConfigurationRefused) -> Snapshot {
        // First, so that what is wrong with an authority's file is told of that file.
        let directory = try directory()
        addBackends()
        for partner in configuration.partners where partner.isEnabled { try addPartner(partner) }
        nameDestinations()
        let server = try serverContext()
        let routes = RouteTable(
            gateway.routes,
            targetIndex: { parts.backends[$0] },
            callbackBytesMax: gateway.relay.bodyBytesMax
        )
        return Snapshot(
            generation: generation,
            loadedAt: now,
            gateway: gateway,
            directory: directory,
            routes: routes,
            targets: targets,
            server: server,
            certificates: certificates,
            parts: parts
        )
    }

    // MARK: targets

    mutating func addBackends() {
        for backend in gateway.backends {
            parts.backends[backend.name] = targets.count
            targets.append(
                UpstreamTarget(
                    index: targets.count,
                    kind: .backend,
                    name: backend.name,
                    host: backend.address.address.description,
                    port: backend.address.port,
                    allowed: [],
                    tls: nil,
                    authority: backend.address.description,
                    path: "",
                    limits: UpstreamTarget.Limits(
                        connectionsMax: max(1, backend.connectionsMax / workerCount),
                        connect: Timeout(gateway.timeouts.connect),
                        response: Timeout(gateway.timeouts.response),
                        idle: Timeout(gateway.timeouts.backendIdle)
                    ),
                    counters: book.upstream(backend.name)
                )
            )
            parts.relayEndpoints.append(
                RelayEndpoint(
                    destination: .backend(backend.name),
                    profile: .backend,
                    receiverPath: backend.callbackPath,
                    senderPath: backend.callbackPath,
                    timeout: gateway.relay.timeout,
                    giveUpAfter: gateway.relay.giveUpAfter,
                    deadLetterPolicy: deadLetterPolicy,
                    revision: "\(backend.address)\(backend.callbackPath)"
                )
            )
        }
    }

    var deadLetterPolicy: RelayEndpoint.DeadLetterPolicy { gateway.relay.onDead == .hold ? .hold : .skip }

    mutating func addPartner(_ partner: Partner) throws(ConfigurationRefused) {
        let keys = try webhookKeys(partner)
        if let rule = partner.callbacks {
            parts.callbacks[partner.id] = targets.count
            try add(
                rule.url,
                of: partner,
                purpose: "callbacks",
                to: rule.to,
                identity: rule.identity,
                ca: rule.ca,
                response: rule.timeout
            )
            parts.relayEndpoints.append(
                RelayEndpoint(
                    destination: .partner(partner.id),
                    profile: OutboundProfile(rule.profile, keys: keys),
                    timeout: rule.timeout,
                    giveUpAfter: rule.giveUpAfter,
                    deadLetterPolicy: deadLetterPolicy,
                    revision: "\(rule.url) \(rule.identity) \(rule.profile.rawValue)"
                )
            )
        }
        if let rule = partner.outward {
            parts.outward[partner.id] = targets.count
            try add(
                rule.url,
                of: partner,
                purpose: "outward",
                to: rule.to,
                identity: rule.identity,
                ca: rule.ca,
                response: rule.timeout
            )
        }
        parts.inboundProfiles[partner.id] = InboundProfile(partner.inbound.profile, keys: keys)
    }

    mutating func add(
        _ url: EndpointURL,
        of partner: Partner,
        purpose: String,
        to allowed: [IPPrefix],
        identity: String,
        ca: String,
        response: Duration
    ) throws(ConfigurationRefused) {
        let name = "\(partner.id)/\(purpose)"
        let tls = try clientContext(identity: identity, ca: ca, partner: partner)
        targets.append(
            UpstreamTarget(
                index: targets.count,
                kind: .partner(partner.id),
                name: name,
                host: url.host,
                port: url.port,
                allowed: allowed,
                tls: tls,
                authority: url.authority,
                path: url.path,
                limits: UpstreamTarget.Limits(
                    connectionsMax: max(1, partner.limits.concurrent),
                    connect: Timeout(max(gateway.timeouts.connect, .seconds(5))),
                    response: Timeout(response),
                    idle: Timeout(gateway.timeouts.backendIdle)
                ),
                counters: book.upstream(name)
            )
        )
    }

    mutating func nameDestinations() {
        let receivers = gateway.relay.receiverCallbacksTo
        let names = receivers.isEmpty ? gateway.backends.map(\.name) : receivers
        parts.receiverDestinations = names.map { .backend($0) }
        parts.senderCopyDestinations = gateway.relay.senderCopiesTo.map { .backend($0) }
    }

    // MARK: profiles

    /// One `whsec_…` a line; the first signs first, all of them sign while they are there.
    func webhookKeys(_ partner: Partner) throws(ConfigurationRefused) -> [WebhookKey] {
        guard let name = partner.callbacks?.secret else { return [] }
        let path = ConfigurationPath.secret(name)
        let text = String(decoding: try folder.bytes(of: path), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
        let keys = lines.compactMap { WebhookKey($0) }
        guard !keys.isEmpty, keys.count == lines.count else {
            throw ConfigurationRefused(
                file: path,
                message: "a line is not a Standard Webhooks secret",
                hint: "write whsec_ and 24 to 64 random bytes in base 64, one secret a line"
            )
        }
        return keys
    }
}
