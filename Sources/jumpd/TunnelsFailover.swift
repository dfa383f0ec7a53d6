// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import IPsecConfig
internal import Libreswan
internal import LinuxIO
internal import Systemd
internal import TunnelHistory

/// The partner's other gateway, when the one in use is silent.
extension TunnelsService {
    func follow(_ change: GatewayChange, _ state: inout State, at now: WallInstant) {
        let (id, peer) = (change.tunnel, change.peer)
        do throws(ApplyFailure) {
            try move(id, to: peer, &state)
            Log.write(
                Log.Line(
                    text: "tunnel \(id): gateway \(peer) from now on: \(change.why)",
                    partner: id.partner.rawValue
                ),
                priority: .warning
            )
        } catch {
            state.trouble = "tunnel \(id) stays at its gateway: \(error)"
            Log.write(
                Log.Line(text: "tunnel \(id) could not be moved to \(peer): \(error)", partner: id.partner.rawValue),
                priority: .error
            )
            // It is where it was, and will be moved when the next change may be.
            state.expectWanted(at: now)
        }
    }

    /// The same connections with another `right=`: the firewall keeps clear text in meanwhile.
    private func move(
        _ id: TunnelID,
        to peer: IPAddress,
        _ state: inout State
    ) throws(ApplyFailure) {
        var chosen = choices.read()
        chosen.active[id] = peer == state.gateways[id]?.backup ? .backup : nil
        var wanted = state.wanted
        for index in wanted.connections.indices where wanted.connections[index].name.tunnel == id {
            wanted.connections[index].remote.address = peer
        }
        _ = try choose(chosen, wanted, for: id, &state)
    }
}
