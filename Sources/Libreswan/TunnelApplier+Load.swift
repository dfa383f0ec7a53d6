// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import IPsecConfig
internal import LinuxIO
internal import Partners

extension TunnelApplier {
    /// Of the file with what pluto is to load.
    static let loadName = "load.conf"

    /// Has pluto forget what goes and load what is new or has changed, then reads all of it back.
    func load(
        plan: TunnelPlan,
        wanted: WantedTunnels,
        loads connections: [Connection],
        emitter: ConfigurationEmitter,
        before: LoadedTunnels
    ) throws(ApplyFailure) -> (initiations: [ConnectionName], notices: [String]) {
        let stands = "the files in \(tools.paths.folder) stand as wanted"
        let path = "\(tools.paths.state)/\(Self.loadName)"
        let text: [UInt8]
        do throws(EmissionFailure) { text = try emitter.text(connections) } catch { throw .emission(error) }
        do throws(Errno) { try FileStore.replace(path, with: text.span, mode: 0o600) } catch {
            throw .partly(stands: stands, failed: ["\(path): \(error)"])
        }
        defer { try? FileStore.remove(path) }
        let outcome: (failed: [String], orphans: [ConnectionName], after: LoadedTunnels)
        do throws(ToolFailure) {
            outcome = try order(plan, wanted, connections, path)
        } catch {
            throw .partly(stands: stands, failed: [error.description])
        }
        guard outcome.failed.isEmpty else { throw .partly(stands: stands, failed: outcome.failed) }
        let after = outcome.after
        let initiations = initiations(plan, connections, before, after)
        return (initiations + outcome.orphans, notices(wanted.connections, after))
    }

    /// - Parameter path: of a file with what is to be loaded.
    /// - Returns: what pluto did not do, one line each; what lost its key exchange with another; what pluto has now.
    private func order(
        _ plan: TunnelPlan,
        _ wanted: WantedTunnels,
        _ connections: [Connection],
        _ path: String
    ) throws(ToolFailure) -> (failed: [String], orphans: [ConnectionName], after: LoadedTunnels) {
        for name in plan.deletions { try tools.delete(name) }
        if plan.rereadsSecrets { try tools.rereadSecrets() }
        let unknown = try unknownSecrets(plan, wanted.secrets)
        // One call for all of them: each is replaced and gets its trap in the same breath.
        var said = connections.isEmpty || !unknown.isEmpty ? "" : try tools.load(path)
        for name in plan.untrapped { said += try tools.route(name) }
        var after = LoadedTunnels(status: try tools.status())
        let bare = connections.map(\.name).filter { after.readbacks[$0] != nil && after.lacksTrap($0) }
        if !bare.isEmpty {
            for name in bare { said += try tools.route(name) }
            after = LoadedTunnels(status: try tools.status())
        }
        let orphans = after.orphans(Set((connections.map(\.name) + plan.deletions).map(\.tunnel)))
        // The trap stays.
        for name in orphans { try tools.terminate(name) }
        var failed = unknown + plan.deletions.filter { after.readbacks[$0] != nil }.map { "\($0): pluto still has it" }
        for connection in connections {
            failed += after.differences(connection).map { "\(connection.name): \($0)" }
        }
        failed += (bare + plan.untrapped).filter { after.lacksTrap($0) }.map { "\($0): pluto sets no trap for it" }
        return (failed.isEmpty || said.isEmpty ? failed : failed + ["Libreswan said: \(said)"], orphans, after)
    }

    /// The tunnels whose secret pluto does not list: it says nothing when it cannot read a file.
    private func unknownSecrets(_ plan: TunnelPlan, _ secrets: [SharedSecret]) throws(ToolFailure) -> [String] {
        let tunnels = Set(plan.loads.map(\.tunnel)).union(plan.delta.secretsChanged)
        let expected = secrets.filter { tunnels.contains($0.tunnel) }
        guard !expected.isEmpty else { return [] }
        let pairs = try tools.listSharedSecrets().split(whereSeparator: \.isNewline).compactMap { line in
            line.firstRange(of: ": PSK ").map {
                Set(line[$0.upperBound...].split(separator: " ").map { Substring($0) })
            }
        }
        return expected.filter { secret in
            !pairs.contains(Set([secret.local.description, secret.remote.description].map { Substring($0) }))
        }.map { "\($0.tunnel): pluto does not know its secret" }
    }

    /// New ones at once, so that their state is known before the first payment; of the others those that were up.
    private func initiations(
        _ plan: TunnelPlan,
        _ connections: [Connection],
        _ before: LoadedTunnels,
        _ after: LoadedTunnels
    ) -> [ConnectionName] {
        let new = Set(plan.delta.added.map(\.name) + plan.missing + plan.restarted + plan.released)
        return connections.map(\.name).filter { name in
            !after.isUnoriented(name) && (new.contains(name) || before.isUp(name))
        }
    }

    private func notices(_ wanted: [Connection], _ after: LoadedTunnels) -> [String] {
        let addresses = Set(wanted.filter { after.isUnoriented($0.name) }.map(\.local.address))
        return addresses.map { "this host has no address \($0): tunnels that begin there cannot come up" }.sorted()
    }
}
