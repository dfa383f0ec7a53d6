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
            try move(id, to: peer, &state, at: now)
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
            expect(&state, at: now)
        }
    }

    /// The same connections with another `right=`: the firewall keeps clear text in meanwhile.
    private func move(
        _ id: TunnelID,
        to peer: IPAddress,
        _ state: inout State,
        at now: WallInstant
    ) throws(ApplyFailure) {
        var chosen = choices.read()
        chosen.active[id] = peer == state.gateways[id]?.backup ? .backup : nil
        do throws(Errno) { try choices.write(chosen) } catch {
            throw .file(path: applier.tools.paths.state, error)
        }
        var wanted = state.wanted
        for index in wanted.connections.indices where wanted.connections[index].name.tunnel == id {
            wanted.connections[index].remote.address = peer
        }
        let applied = try applier.apply(wanted, at: now)
        state.wanted = wanted
        state.initiations += applied.initiations
        expect(&state, at: now)
        state.watch.told(id, at: now)
    }

    private func expect(_ state: inout State, at now: WallInstant) {
        state.expect(
            ExpectedTunnel.all(of: state.wanted.connections, gateways: state.gateways, held: state.wanted.held),
            at: now
        )
    }
}
