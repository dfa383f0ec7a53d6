// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import IPsecConfig
internal import Libreswan
internal import LinuxIO
internal import Synchronization
internal import TunnelHistory

/// What an administrator does to one tunnel, without looking at the files.
enum Turn: String {
    case up
    /// Pluto forgets it until it is turned up again; the firewall lets none of its packets out meanwhile.
    case down
    /// Loaded anew, towards the partner's first gateway.
    case restart
}

extension TunnelsService {
    func turn(_ id: TunnelID, _ turn: Turn) -> ControlResponse {
        let result: Result<TunnelApplier.Applied, ApplyFailure>? = state.withLock { state in
            guard state.wanted.connections.contains(where: { $0.name.tunnel == id }) else { return nil }
            return Result { () throws(ApplyFailure) in try self.turn(id, turn, &state) }
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
        case .failure(let failure): return Self.response(to: .apply(failure))
        case .success(let applied):
            let generation = state.withLock { $0.record.status.generation }
            return ControlResponse(
                ChangeDocument(isApplied: true, changes: applied.changeItems, generation: generation)
            )
        }
    }

    private func turn(_ id: TunnelID, _ turn: Turn, _ state: inout State) throws(ApplyFailure) -> TunnelApplier.Applied
    {
        var chosen = choices.read()
        var wanted = state.wanted
        switch turn {
        case .up: chosen.held.remove(id)
        case .down: chosen.held.insert(id)
        case .restart:
            chosen.held.remove(id)
            chosen.active[id] = nil
            if let primary = state.gateways[id]?.primary {
                for index in wanted.connections.indices where wanted.connections[index].name.tunnel == id {
                    wanted.connections[index].remote.address = primary
                }
            }
            wanted.restarted = [id]
        }
        let applied = try choose(chosen, wanted, for: id, &state)
        if turn == .up, applied.initiations.isEmpty {
            state.initiations += wanted.connections.map(\.name).filter { $0.tunnel == id }
        }
        state.looksAt = Clock.monotonic()
        return applied
    }
}
