// SPDX-License-Identifier: Apache-2.0
package import Partners

extension TunnelExport {
    /// From a partner file: the pairs of networks are numbered in its order, and no other file but the host's is needed.
    ///
    /// - Parameter certificate: of a tunnel that proves itself with certificates.
    package init(
        _ rule: TunnelRule,
        of tunnel: TunnelID,
        on host: HostFile,
        certificate: TunnelCertificate? = nil,
        ours: OurCertificate? = nil
    ) throws(TunnelSet.Failure) {
        let template = try TunnelSet.template(rule, tunnel, host, .primary, certificate)
        let pairs = TunnelSet.pairs(rule, of: tunnel)
        self.init(
            connections: pairs.enumerated().map { index, pair in
                var connection = template
                connection.name.number = index + 1
                connection.reqid = index + 1
                connection.local.subnet = pair.local
                connection.remote.subnet = pair.remote
                return connection
            },
            backup: rule.backupPeer,
            certificate: ours
        )
    }
}
