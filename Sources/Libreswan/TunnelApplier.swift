// SPDX-License-Identifier: Apache-2.0
package import Base
package import IPsecConfig
internal import LinuxIO

/// Makes Libreswan's files and pluto what is wanted, one connection at a time.
///
/// What is right already gets no command: Libreswan tears down even what is added again unchanged. The order: the
/// ladder; the list of what is begun; all files at once; deletions; what is new or has changed, with its trap; pluto
/// read back; the list removed. Whoever ends it in the middle leaves the list, and the next apply goes on.
package struct TunnelApplier: Sendable {
    /// Which part of a change is made: what is new must stand before the kernel admits it, and what goes must go after
    /// the kernel has shut it out.
    package enum Phase: String, Sendable {
        case all
        case additions
        case removals
    }

    package struct Applied: Sendable {
        package var plan: TunnelPlan
        /// What an operator should know, one line each.
        package var notices: [String] = []
        /// Whose key exchange is to be begun: new, or loaded anew after it was up.
        package var initiations: [ConnectionName] = []
        /// Of the revision that was kept; nothing when no file was written.
        package var revision: Int?
    }

    package let tools: Toolbox

    package init(_ tools: Toolbox) { self.tools = tools }

    package func standing() throws(ApplyFailure) -> TunnelFiles {
        do throws(Errno) { return try TunnelFiles.read(tools.paths.folder) } catch {
            throw .file(path: tools.paths.folder, error)
        }
    }

    /// What ``apply(_:phase:at:)`` would do; changes nothing, and does not climb the ladder.
    package func plan(_ wanted: WantedTunnels, phase: Phase = .all) throws(ApplyFailure) -> Applied {
        try prepare(wanted, phase).applied
    }

    private struct Preparation {
        var applied: Applied
        var wanted: WantedTunnels
        var composed: ComposedFiles
        var emitter: ConfigurationEmitter
        var loaded: LoadedTunnels?
        /// What an earlier apply left to be done.
        var unfinished: PendingWork
    }

    private func prepare(_ wanted: WantedTunnels, _ phase: Phase) throws(ApplyFailure) -> Preparation {
        let standing = try standing()
        let wanted = phase == .additions ? Self.retaining(standing, wanted) : wanted
        var notices: [String] = []
        let version: LibreswanVersion
        if tools.isInstalled {
            do throws(ToolFailure) { version = try tools.installedVersion() } catch { throw .tool(error) }
        } else {
            guard wanted.connections.isEmpty else { throw .notInstalled }
            version = LibreswanVersion(4, 0)
        }
        let emitter = ConfigurationEmitter(version: version)
        let composed: ComposedFiles
        do throws(EmissionFailure) {
            composed = try ComposedFiles(wanted, emitter: emitter, standing: standing, key: Random.bytes(32))
        } catch {
            throw .emission(error)
        }
        let loaded = try loaded(isNeeded: !wanted.connections.isEmpty || hasPluto, &notices)
        let unfinished = PendingList(state: tools.paths.state).read()
        let plan = TunnelPlan(
            standing: standing,
            wanted: wanted,
            composed: composed,
            unfinished: unfinished,
            loaded: loaded
        )
        return Preparation(
            applied: Applied(plan: plan, notices: notices),
            wanted: wanted,
            composed: composed,
            emitter: emitter,
            loaded: loaded,
            unfinished: unfinished
        )
    }

    /// Whether there is a control socket, answered or not.
    private var hasPluto: Bool { (try? FileStore.status(tools.paths.controlSocket)) != nil }

    /// Nothing when pluto does not run.
    private func loaded(isNeeded: Bool, _ notices: inout [String]) throws(ApplyFailure) -> LoadedTunnels? {
        guard isNeeded, tools.isInstalled else { return nil }
        do throws(ToolFailure) {
            return LoadedTunnels(status: try tools.status())
        } catch {
            guard case .plutoSilent = error else { throw .tool(error) }
            notices.append("\(error); it loads the tunnels when it starts")
            return nil
        }
    }

    /// What is wanted, and what is to go but may stay until the kernel has shut it out.
    ///
    /// Not what claims the same pair of networks as something new: pluto would set no trap for that.
    static func retaining(_ standing: TunnelFiles, _ wanted: WantedTunnels) -> WantedTunnels {
        var wanted = wanted
        let names = Set(wanted.connections.map(\.name))
        let kept = standing.connections.filter { old in
            !names.contains(old.name)
                && !wanted.connections.contains { new in
                    new.reqid == old.reqid
                        || new.local.subnet.overlaps(old.local.subnet) && new.remote.subnet.overlaps(old.remote.subnet)
                }
        }
        wanted.connections = (wanted.connections + kept).sorted { $0.name < $1.name }
        for connection in kept where connection.authentication == .sharedSecret {
            guard let record = standing.secret(connection),
                !wanted.secrets.contains(where: { $0.local == record.local && $0.remote == record.remote })
            else { continue }
            let tunnel = connection.name.tunnel
            wanted.secrets.append(
                SharedSecret(tunnel: tunnel, local: record.local, remote: record.remote, key: record.key)
            )
        }
        return wanted
    }

    /// Makes it so.
    package func apply(
        _ wanted: WantedTunnels,
        phase: Phase = .all,
        at now: WallInstant
    ) throws(ApplyFailure) -> Applied {
        let prepared = try prepare(wanted, phase)
        var applied = prepared.applied
        let plan = applied.plan
        guard !plan.isEmpty else {
            PendingList(state: tools.paths.state).clear()
            return applied
        }
        let loads = Set(plan.loads)
        let connections = prepared.wanted.connections.filter { loads.contains($0.name) }
        if tools.isInstalled, !plan.writes.isEmpty || !loads.isEmpty {
            let tunnels = Set(connections.map(\.name.tunnel)).union(plan.delta.secretsChanged)
            let secrets = prepared.wanted.secrets.filter { tunnels.contains($0.tunnel) }
            applied.notices += try TunnelLadder(tools: tools).climb(
                connections,
                secrets,
                prepared.wanted,
                emitter: prepared.emitter
            )
        }
        try write(prepared, connections, &applied, now)
        try installCertificates(prepared.wanted)
        guard let loaded = prepared.loaded else {
            // It loads the files when it starts.
            PendingList(state: tools.paths.state).clear()
            return applied
        }
        let done = try load(
            plan: plan,
            wanted: prepared.wanted,
            loads: connections,
            emitter: prepared.emitter,
            before: loaded
        )
        applied.initiations = done.initiations
        applied.notices += done.notices
        PendingList(state: tools.paths.state).clear()
        return applied
    }

    /// Before pluto is told of connections that name them.
    private func installCertificates(_ wanted: WantedTunnels) throws(ApplyFailure) {
        let register = CertificateRegister(state: tools.paths.state)
        let ours = register.read()
        let nicknames = Set(wanted.identities.map(\.nickname) + wanted.authorities.map(\.nickname))
        guard tools.isInstalled, !wanted.keepsCertificates, !(ours.isEmpty && nicknames.isEmpty) else { return }
        let stands = "the files in \(tools.paths.folder) stand as wanted"
        let failed: String
        do throws(Errno) {
            // Named before they are there: what a crash leaves is found again.
            try register.write(ours.union(nicknames))
            let database = CertificateDatabase(folder: tools.paths.nss, scratch: tools.paths.state)
            do throws(ToolFailure) {
                try database.install(wanted.identities, wanted.authorities, ours: ours)
                failed = ""
            } catch {
                failed = error.description
            }
            if failed.isEmpty { try register.write(nicknames) }
        } catch {
            throw .partly(stands: stands, failed: ["\(tools.paths.state)/certificates: \(error)"])
        }
        guard failed.isEmpty else { throw .partly(stands: stands, failed: [failed]) }
    }

    /// All files as one: a full disk or missing rights change nothing.
    private func write(
        _ prepared: Preparation,
        _ connections: [Connection],
        _ applied: inout Applied,
        _ now: WallInstant
    ) throws(ApplyFailure) {
        let plan = applied.plan
        let folder = tools.paths.folder
        let revisions = RevisionStore(state: tools.paths.state)
        let pending = PendingList(state: tools.paths.state)
        do throws(Errno) {
            if !plan.writes.isEmpty || !plan.removals.isEmpty {
                applied.revision = try revisions.add(prepared.composed.bytes, at: now)
            }
            try pending.write(PendingWork(connections: plan.loads, hasSecrets: plan.rereadsSecrets))
        } catch {
            if let revision = applied.revision { revisions.remove(revision) }
            throw .file(path: tools.paths.state, error)
        }
        let files = plan.writes.compactMap { name in
            prepared.composed.bytes[name].map { bytes in
                FileBatch.File(path: "\(folder)/\(name)", bytes: bytes, mode: ComposedFiles.mode(name))
            }
        }
        do throws(FileBatchFailure) {
            try FileBatch.write(files)
        } catch {
            // Nothing stands of it.
            if let revision = applied.revision { revisions.remove(revision) }
            pending.restore(prepared.unfinished)
            throw .file(path: error.path, error.errno)
        }
        revisions.trim()
        for name in plan.removals {
            do throws(Errno) { try FileStore.remove("\(folder)/\(name)") } catch {
                guard error != .noEntry else { continue }
                throw .partly(stands: "the other files stand", failed: ["\(folder)/\(name): \(error)"])
            }
        }
        if !plan.removals.isEmpty { try? FileStore.synchronize(folder: folder) }
    }
}
