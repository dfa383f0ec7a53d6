// SPDX-License-Identifier: Apache-2.0
package import Base
package import Partners

/// What shows that a packet came through a tunnel: a network behind it, and the number that the states of one of its
/// connections have in the kernel.
package struct TunnelState: Hashable, Sendable {
    package var tunnel: TunnelID
    package var remote: IPPrefix
    /// 1 to 16383.
    package var reqid: Int

    package init(tunnel: TunnelID, remote: IPPrefix, reqid: Int) {
        self.tunnel = tunnel
        self.remote = remote
        self.reqid = reqid
    }
}

extension TunnelSet {
    /// The states of every connection that a ``TunnelSet`` of the same configuration and files has, in order of their
    /// numbers; for whoever has neither certificates nor a choice of peers.
    package static func states(
        of configuration: Configuration,
        existing: [Connection]
    ) throws(Failure) -> [TunnelState] {
        let pairs = pairs(of: configuration)
        guard let numbers = NumberRegistry.assign(pairs, existing: existing) else {
            throw .tooManyPairs(count: pairs.count)
        }
        return numbers.map { pair, numbers in
            TunnelState(tunnel: pair.tunnel, remote: pair.remote, reqid: numbers.reqid)
        }.sorted { $0.reqid < $1.reqid }
    }
}
