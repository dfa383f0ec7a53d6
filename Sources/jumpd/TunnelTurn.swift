// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
internal import Base
internal import Control
internal import IPsecConfig
internal import Libreswan
internal import LinuxIO
internal import Synchronization
internal import Systemd
internal import TunnelHistory

/// What an administrator does to one tunnel, without looking at the files.
enum Turn: String {
    case up
    /// Pluto forgets it until it is turned up again; the firewall lets none of its packets out meanwhile.
    case down
    /// Loaded anew, towards the partner's first gateway.
    case restart

    /// In the audit log.
    var kind: AuditKind {
        switch self {
        case .up: .tunnelUp
        case .down: .tunnelDown
        case .restart: .tunnelRestart
        }
    }
}

extension TunnelsService {
    /// - Parameter userID: whose word it is.
    func turn(_ id: TunnelID, _ turn: Turn, by userID: UInt32) -> ControlResponse {
        let result: Result<ChangeDocument, ApplyFailure>? = state.withLock { state in
            guard state.wanted.connections.contains(where: { $0.name.tunnel == id }) else { return nil }
            return Result { () throws(ApplyFailure) in try self.turn(id, turn, by: userID, &state) }
        }
        bell.ring()
        switch result {
        case nil:
            return .failure(
                404,
                code: "no_such_tunnel",
                message: "there is no tunnel \(id) in what was applied",
                hint: "`eigctl tunnel status` shows them"
            )
        case .failure(let failure):
            Log.write(
                Log.Line(text: "tunnel \(id) \(turn.rawValue) failed: \(failure)", partner: id.partner.rawValue),
                priority: .warning
            )
            return Self.response(to: .apply(failure))
        case .success(let document): return ControlResponse(document)
        }
    }

    private func turn(
        _ id: TunnelID,
        _ turn: Turn,
        by userID: UInt32,
        _ state: inout State
    ) throws(ApplyFailure) -> ChangeDocument {
        var chosen = choices.read()
        let hold = chosen.held[id]
        var wanted = state.wanted
        switch turn {
        case .up:
            chosen.held[id] = nil
            wanted.released = [id]
        case .down: chosen.held[id] = hold ?? TunnelChoices.Hold(since: Clock.wall(), userID: userID)
        case .restart:
            chosen.held[id] = nil
            chosen.active[id] = nil
            if let primary = state.gateways[id]?.primary {
                for index in wanted.connections.indices where wanted.connections[index].name.tunnel == id {
                    wanted.connections[index].remote.address = primary
                }
            }
            wanted.restarted = [id]
        }
        let applied = try choose(chosen, wanted, for: id, &state)
        if turn == .up, applied.initiations.isEmpty { state.initiations += idle(id, wanted) }
        state.looksAt = Clock.monotonic()
        var changes = applied.changeItems
        if turn == .up, let hold {
            let text = "tunnel \(id.name): up again; it was \(hold.words)"
            changes.insert(ChangeItem(.modify, partner: id.partner.rawValue, text: text), at: 0)
        }
        return ChangeDocument(
            isApplied: true,
            changes: changes,
            diagnostics: applied.notices.map(Self.item),
            generation: state.record.status.generation
        )
    }

    /// Its connections that are not up: one that is would get a second child SA.
    private func idle(_ id: TunnelID, _ wanted: WantedTunnels) -> [ConnectionName] {
        guard let status = try? applier.tools.status() else { return [] }
        let report = PlutoReport(status: Array(status.utf8), traffic: [])
        return wanted.connections.map(\.name).filter { $0.tunnel == id && report.connections[$0]?.isUp != true }
    }
}
