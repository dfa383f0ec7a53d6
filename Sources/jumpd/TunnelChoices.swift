// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import IPsecConfig
internal import Libreswan
internal import LinuxIO
internal import Systemd
internal import TunnelHistory

/// What was chosen for single tunnels while they ran, and outlives a restart: who is on the partner's other gateway, and
/// what an administrator took down.
struct TunnelChoices: Sendable {
    let path: String

    struct Chosen: Hashable, Sendable {
        var active: [TunnelID: TunnelPeer] = [:]
        var held: [TunnelID: Hold] = [:]
    }

    /// Who took a tunnel down and when, as far as that was written.
    struct Hold: Hashable, Sendable {
        var since: WallInstant?
        /// Of the user who asked for it (unix(7), SO_PEERCRED).
        var userID: UInt32?

        /// `taken down 2026-11-22T01:40:12Z by uid 0`.
        var words: String {
            let when = since.map { " \($0.rfc3339.prefix(19))Z" } ?? ""
            return "taken down\(when) by \(userID.map { "uid \($0)" } ?? "an administrator")"
        }
    }

    init(state: String) { path = "\(state)/choices" }

    /// What cannot be read was never chosen: every tunnel is on its first gateway then, and none is held.
    func read() -> Chosen {
        var chosen = Chosen()
        guard let bytes = try? FileStore.read(path, byteCountMax: 1 << 20) else { return chosen }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 3, let partner = PartnerID(String(words[1])) else { continue }
            let tunnel = TunnelID(partner: partner, name: String(words[2]))
            switch words[0] {
            case "backup": chosen.active[tunnel] = .backup
            case "held":
                let since = words.dropFirst(3).first.flatMap { Int64($0) }.map { WallInstant(seconds: $0) }
                chosen.held[tunnel] = Hold(since: since, userID: words.dropFirst(4).first.flatMap { UInt32($0) })
            default: break
            }
        }
        return chosen
    }

    func write(_ chosen: Chosen) throws(Errno) {
        let backups = chosen.active.filter { $0.value == .backup }.keys.sorted()
        let held = chosen.held.sorted { $0.key < $1.key }.map { tunnel, hold in
            let since = hold.since.map { " \($0.seconds)" + (hold.userID.map { " \($0)" } ?? "") } ?? ""
            return "held \(tunnel.partner) \(tunnel.name)\(since)"
        }
        let lines = backups.map { "backup \($0.partner) \($0.name)" } + held
        try FileStore.replace(path, with: Array(lines.map { "\($0)\n" }.joined().utf8).span, mode: 0o600)
    }
}

extension TunnelsService {
    /// Keeps what was chosen for one tunnel and makes it so; where nothing was changed the choice is forgotten.
    func choose(
        _ chosen: TunnelChoices.Chosen,
        _ wanted: WantedTunnels,
        for id: TunnelID,
        _ state: inout State
    ) throws(ApplyFailure) -> TunnelApplier.Applied {
        let before = choices.read()
        do throws(Errno) { try choices.write(chosen) } catch { throw .file(path: choices.path, error) }
        var wanted = wanted
        wanted.held = Set(chosen.held.keys)
        let now = Clock.wall()
        let result = Result { () throws(ApplyFailure) in try applier.apply(wanted, at: now) }
        wanted.restarted = []
        wanted.released = []
        switch result {
        case .success(let applied):
            state.wanted = wanted
            state.initiations += applied.initiations
        case .failure(.partly):
            // Its files stand.
            state.wanted = wanted
        case .failure:
            do throws(Errno) { try choices.write(before) } catch {
                Log.write("\(choices.path) names what was not done: \(error)", priority: .error)
            }
            return try result.get()
        }
        state.expectWanted(at: now)
        state.watch.told(id, at: now)
        return try result.get()
    }
}

extension TunnelsService.State {
    func expectWanted(at now: WallInstant) {
        expect(ExpectedTunnel.all(of: wanted.connections, gateways: gateways, held: wanted.held), at: now)
    }
}
