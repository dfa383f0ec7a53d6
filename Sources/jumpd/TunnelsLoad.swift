// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import ConfigurationFolder
internal import IPsecConfig
internal import Libreswan
internal import LinuxIO
internal import Partners

/// The configuration as it is now, as connections and secrets.
struct TunnelsLoad {
    var wanted: WantedTunnels
    var expected: [ExpectedTunnel]
    var gateways: [TunnelID: (primary: IPAddress, backup: IPAddress?)]
    var diagnostics: [Diagnostic]

    init(
        folder: String,
        applier: TunnelApplier,
        choices: TunnelChoices
    ) throws(TunnelsService.Refusal) {
        let source = FolderSource(folder)
        let outcome = Configuration.load(from: source, now: Clock.wall(), requiring: [.host])
        guard let configuration = outcome.configuration, let host = configuration.host else {
            throw .configuration(outcome.diagnostics)
        }
        diagnostics = outcome.diagnostics
        let chosen = choices.read()
        let existing: [Connection]
        do throws(ApplyFailure) { existing = try applier.standing().connections } catch { throw .apply(error) }
        let certificates = try TunnelCertificates(configuration, existing: existing, from: source)
        let set: TunnelSet
        do throws(TunnelSet.Failure) {
            set = try TunnelSet(
                configuration: configuration,
                host: host,
                existing: existing,
                active: chosen.active,
                certificates: certificates.tunnels
            )
        } catch {
            throw .set(error)
        }
        var secrets: [SharedSecret] = []
        for request in set.secrets { secrets.append(try Self.read(request, from: source)) }
        wanted = WantedTunnels(connections: set.connections, secrets: secrets, held: Set(chosen.held.keys))
        wanted.identities = certificates.identities
        wanted.authorities = certificates.authorities
        var gateways: [TunnelID: (primary: IPAddress, backup: IPAddress?)] = [:]
        for partner in configuration.partners {
            for rule in partner.tunnels {
                gateways[TunnelID(partner: partner.id, name: rule.name)] = (rule.peer, rule.backupPeer)
            }
        }
        self.gateways = gateways
        expected = ExpectedTunnel.all(of: set.connections, gateways: gateways, held: wanted.held)
    }

    private static func read(
        _ request: SecretRequest,
        from source: FolderSource
    ) throws(TunnelsService.Refusal) -> SharedSecret {
        let path = ConfigurationPath.secret(request.file)
        switch source.read(path, limitBytes: 4096) {
        case .bytes(let bytes):
            let key: PreSharedKey
            do throws(PreSharedKey.Flaw) { key = try PreSharedKey(bytes) } catch {
                throw .secret(request.tunnel, why: "\(path): \(error.message); \(error.hint)")
            }
            return SharedSecret(
                tunnel: request.tunnel,
                local: request.local,
                remote: request.remote,
                key: key.bytes
            )
        case .missing: throw .secret(request.tunnel, why: "there is no \(path)")
        case .forbidden: throw .secret(request.tunnel, why: "\(path) may not be read")
        case .failed(let why): throw .secret(request.tunnel, why: "\(path): \(why)")
        }
    }
}
