// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import ConfigurationFolder
internal import Control
internal import LinuxIO
internal import Partners
internal import TLS

/// The gate's part of the configuration folder, read, checked and made ready: chains, keys, anchors.
final class GateConfiguration: Sendable {
    /// A certificate the gate works with, for its expiry.
    struct CertificateUse: Sendable {
        /// `gate` for our own, `admin-ca` for an authority of administrators.
        let use: String
        let file: String
        let certificate: PeerCertificate
    }

    /// Counts up with each that is taken on.
    let number: Int
    let loadedAt: WallInstant
    let rules: AccessRules
    /// For each file in `ca/`, the SHA-256 of the certificates a chain can end in.
    let anchors: [String: [[UInt8]]]
    let server: ServerContext
    /// The TLS of the legs that have it, by target.
    let legs: [String: ClientContext]
    let certificates: [CertificateUse]
    let warnings: [DiagnosticItem]

    /// - Throws: ``ConfigurationRefused``; nothing that runs is touched.
    init(folder: String, number: Int, now: WallInstant) throws(ConfigurationRefused) {
        let source = FolderSource(folder)
        let outcome = Configuration.load(from: source, now: now, requiring: [.gate])
        guard let configuration = outcome.configuration, let rules = configuration.host?.access else {
            throw ConfigurationRefused(outcome.diagnostics)
        }
        self.number = number
        loadedAt = now
        self.rules = rules
        warnings = outcome.diagnostics.map { DiagnosticItem($0) }
        var anchors: [String: [[UInt8]]] = [:]
        var certificates: [CertificateUse] = []
        for (name, bytes) in configuration.adminAuthorities.sorted(by: { $0.key < $1.key }) {
            let found = try FolderSource.roots(name, bytes)
            anchors[name] = found.map(\.sha256)
            let path = ConfigurationPath.authority(name)
            certificates += found.map { CertificateUse(use: "admin-ca", file: path, certificate: $0) }
        }
        let server = try Self.server(rules.gate, source, configuration.adminAuthorities)
        let path = ConfigurationPath.identityFile(rules.gate.certificate)
        certificates.insert(CertificateUse(use: "gate", file: path, certificate: server.certificate), at: 0)
        var legs: [String: ClientContext] = [:]
        for target in rules.targets { legs[target.id] = try Self.leg(target, source) }
        self.anchors = anchors
        self.server = server
        self.legs = legs
        self.certificates = certificates
    }

    private static func server(
        _ rule: GateRule,
        _ source: FolderSource,
        _ authorities: [String: [UInt8]]
    ) throws(ConfigurationRefused) -> ServerContext {
        let path = ConfigurationPath.identityFile(rule.certificate)
        var settings = ServerTLSSettings(
            certificateChainPEM: try source.bytes(of: path),
            keyPEM: try source.bytes(of: ConfigurationPath.identityFile(rule.key)),
            clientAnchorsPEM: authorities.sorted { $0.key < $1.key }.map(\.value)
        )
        settings.speaksPostgreSQL = true
        do {
            return try ServerContext(settings)
        } catch {
            let hint = "put the chain, leaf first, and its own private key under identities/"
            throw ConfigurationRefused(file: path, message: "\(error)", hint: hint)
        }
    }

    private static func leg(
        _ target: TargetRule,
        _ source: FolderSource
    ) throws(ConfigurationRefused) -> ClientContext? {
        guard let tls = target.tls else { return nil }
        let path = ConfigurationPath.authority(tls.ca)
        do {
            return try ClientContext(ClientTLSSettings(anchorsPEM: [try source.bytes(of: path)], speaksHTTP: false))
        } catch let error as ConfigurationRefused {
            throw error
        } catch {
            throw ConfigurationRefused(
                file: path,
                message: "\(error)",
                hint: "put the CA of \(target.id) there as PEM"
            )
        }
    }
}
