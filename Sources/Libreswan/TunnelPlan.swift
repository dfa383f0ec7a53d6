// SPDX-License-Identifier: Apache-2.0
internal import Base
package import IPsecConfig

/// What has to be done so that files and pluto are what is wanted; what is right already is in none of it.
package struct TunnelPlan: Sendable {
    /// Between the files and what is wanted.
    package var delta: ConnectionDelta
    /// The same connection in other words: another version of Libreswan, or a workaround that came or went.
    package var rewritten: [ConnectionName] = []
    /// In the files as wanted, but not in pluto, or in it as something else.
    package var missing: [ConnectionName] = []
    /// In pluto as wanted, but without its trap: its packets would leave in clear text, did the firewall not hold them.
    package var untrapped: [ConnectionName] = []
    /// In pluto under a name of ours, and nobody's.
    package var stray: [ConnectionName] = []
    /// In pluto although an administrator took them down.
    package var takenDown: [ConnectionName] = []
    /// Names of files that are to be written, and of those that go.
    package var writes: [String] = []
    package var removals: [String] = []
    /// What an earlier apply had begun with and did not end.
    package var unfinished: [ConnectionName] = []
    /// Secrets in the files that pluto may not have read, although this apply writes none.
    package var hasUnreadSecrets = false
    /// What an administrator restarts.
    package var restarted: [ConnectionName] = []
    /// What was taken down until now, and is loaded again.
    package var released: [ConnectionName] = []
    /// What somebody else changed in our files.
    package var drift: [String] = []
    private let held: Set<TunnelID>

    /// Loaded anew, or for the first time, by name.
    package var loads: [ConnectionName] {
        let wanted =
            delta.added.map(\.name) + delta.changed.map(\.new.name) + rewritten + missing + unfinished + restarted
            + released
        return Set(wanted).filter { !held.contains($0.tunnel) }.sorted()
    }

    package var deletions: [ConnectionName] { Set(delta.removed.map(\.name) + stray + takenDown).sorted() }

    package var isEmpty: Bool {
        loads.isEmpty && deletions.isEmpty && untrapped.isEmpty && writes.isEmpty && removals.isEmpty
            && !hasUnreadSecrets
    }

    /// Whether pluto is to read its secrets anew.
    var rereadsSecrets: Bool { hasUnreadSecrets || (writes + removals).contains { $0.hasSuffix(".secrets") } }

    /// - Parameter loaded: what pluto has; nothing when it does not run, and then nothing is said of it.
    init(
        standing: TunnelFiles,
        wanted: WantedTunnels,
        composed: ComposedFiles,
        unfinished: PendingWork,
        loaded: LoadedTunnels?
    ) {
        let secretsChanged = wanted.secrets.filter { secret in
            guard let records = standing.secrets[secret.tunnel.partner] else { return true }
            return !records.contains(SecretRecord(local: secret.local, remote: secret.remote, key: secret.key))
        }
        delta = ConnectionDelta(
            from: standing.connections,
            to: wanted.connections,
            secretsChanged: Set(secretsChanged.map(\.tunnel))
        )
        drift = standing.drift
        held = wanted.held
        let touched = Set(delta.added.map(\.name) + delta.changed.map(\.new.name))
        let names = Set(wanted.connections.map(\.name))
        self.unfinished = unfinished.connections.filter { names.contains($0) && !touched.contains($0) }
        rewritten = names.filter { !touched.contains($0) && standing.sections[$0] != composed.sections[$0] }.sorted()
        writes = composed.bytes.keys.filter { composed.bytes[$0] != standing.bytes[$0] }.sorted()
        removals = standing.bytes.keys.filter { composed.bytes[$0] == nil }.sorted()
        restarted = names.filter { wanted.restarted.contains($0.tunnel) }.sorted()
        guard let loaded else { return }
        hasUnreadSecrets = unfinished.hasSecrets && !rereadsSecrets
        let loads = Set(self.loads)
        let rest = wanted.connections.filter { !loads.contains($0.name) && !held.contains($0.name.tunnel) }
        let absent = rest.filter { !loaded.isAsMeant($0) }.map(\.name)
        missing = absent.filter { !wanted.released.contains($0.tunnel) }
        released = absent.filter { wanted.released.contains($0.tunnel) }
        untrapped = rest.filter { loaded.isAsMeant($0) && loaded.lacksTrap($0.name) }.map(\.name)
        let removed = Set(delta.removed.map(\.name))
        stray = loaded.names.filter { !names.contains($0) && !removed.contains($0) }
        takenDown = loaded.names.filter { names.contains($0) && held.contains($0.tunnel) }
    }
}

/// What pluto has of ours.
struct LoadedTunnels: Sendable {
    let readbacks: [ConnectionName: ConnectionReadback]
    let report: PlutoReport

    init(status: String) {
        readbacks = ConnectionReadback.read(status)
        report = PlutoReport(status: Array(status.utf8), traffic: [])
    }

    var names: [ConnectionName] { readbacks.keys.sorted() }

    func differences(_ connection: Connection) -> [String] {
        readbacks[connection.name]?.differences(from: connection) ?? ["pluto does not have it"]
    }

    func isAsMeant(_ connection: Connection) -> Bool { differences(connection).isEmpty }

    /// Not where its address is none of this host's: no trap can be set for it then.
    func lacksTrap(_ name: ConnectionName) -> Bool {
        guard let state = report.connections[name] else { return true }
        return state.routing == .unrouted && state.isOriented != false
    }

    /// Connections of these tunnels whose child SA belongs to an IKE SA that is gone.
    ///
    /// The pairs of networks of a tunnel share one IKE SA. When the connection it was agreed for is replaced it goes,
    /// and the peer forgets every child of it; here pluto goes on encrypting for the others.
    func orphans(_ tunnels: Set<TunnelID>) -> [ConnectionName] {
        let states = report.connections.values
        let alive = Set(states.flatMap(\.exchanges).filter { $0.progress == .establishedIKE }.map(\.serial))
        return states.filter { state in
            tunnels.contains(state.name.tunnel)
                && state.exchanges.contains { exchange in
                    guard case .establishedChild(let ike) = exchange.progress else { return false }
                    return exchange.serial == state.childSerial && ike != 0 && !alive.contains(ike)
                }
        }.map(\.name).sorted()
    }

    func isUnoriented(_ name: ConnectionName) -> Bool { report.connections[name]?.isOriented == false }

    /// Whether it carries, or its key exchange has been agreed.
    func isUp(_ name: ConnectionName) -> Bool {
        guard let state = report.connections[name] else { return false }
        return state.isUp || state.isIKEUp
    }
}
