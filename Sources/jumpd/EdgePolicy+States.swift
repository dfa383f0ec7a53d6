// SPDX-License-Identifier: Apache-2.0
internal import IPsecConfig
internal import Libreswan
internal import LinuxIO
internal import Partners
internal import Whitelist

extension EdgePolicy {
    /// With the numbers of the states that lead to each network behind a tunnel.
    init(_ configuration: Configuration, host: HostFile, states: [TunnelState]) {
        self.init(configuration, host: host)
        let byTunnel = Dictionary(grouping: states, by: \.tunnel)
        for partner in partners.indices {
            for tunnel in partners[partner].tunnels.indices {
                let id = TunnelID(partner: partners[partner].id, name: partners[partner].tunnels[tunnel].name)
                partners[partner].tunnels[tunnel].states = (byTunnel[id] ?? []).map { state in
                    .init(remote: state.remote, reqid: UInt16(clamping: state.reqid))
                }
            }
        }
    }
}

extension EnforceService {
    /// What shows that a packet came through a tunnel, from the configuration and the files Libreswan was last given.
    ///
    /// Where those cannot be read, the numbers are what they would be on a new host: where they are others, nothing
    /// comes in through those tunnels, and the doubts say why.
    func tunnelStates(_ configuration: Configuration) -> (states: [TunnelState], doubts: [Diagnostic]) {
        guard configuration.partners.contains(where: { !$0.tunnels.isEmpty }) else { return ([], []) }
        var existing: [Connection] = []
        var doubts: [Diagnostic] = []
        do throws(Errno) { existing = try TunnelFiles.read(ipsecFolder, hasSecrets: false).connections } catch {
            doubts.append(doubt("could not be read: \(error)", "let every user read its eig-*.conf"))
        }
        do throws(TunnelSet.Failure) {
            return (try TunnelSet.states(of: configuration, existing: existing), doubts)
        } catch {
            return ([], doubts + [doubt("\(error)", "until then nothing comes in through any tunnel")])
        }
    }

    private func doubt(_ message: String, _ hint: String) -> Diagnostic {
        Diagnostic(
            code: .fileUnchecked,
            file: ipsecFolder,
            line: 1,
            column: 1,
            message: message,
            hint: hint,
            excerpt: ""
        )
    }
}
