// SPDX-License-Identifier: Apache-2.0
internal import Base
package import Netfilter

extension AllowList {
    /// Whether a connection that carries a mark may go on: the same question the rules ask of each packet.
    package func permits(_ flow: Flow) -> Bool {
        guard flow.transport == Statement.TransportProtocol.tcp.rawValue else { return true }
        switch ReservedMark(rawValue: flow.mark) {
        case .tunnel, .host: return true
        case .management: return has(.management, flow.source, flow.destinationPort, mark: nil)
        case .internalNetwork:
            return has(.internalNetwork, flow.source, flow.destinationPort, mark: nil)
                || has(.backends, flow.destination, flow.destinationPort, mark: nil)
        case nil:
            return has(.partners, flow.source, flow.destinationPort, mark: flow.mark)
                || has(.tunnelled, flow.source, flow.destinationPort, mark: flow.mark)
                || has(.egress, flow.destination, flow.destinationPort, mark: flow.mark)
        }
    }

    private func has(_ set: EdgeSet, _ address: IPAddress, _ port: UInt16, mark: UInt32?) -> Bool {
        elements(in: set, address.isV4 ? .v4 : .v6).contains { element in
            element.first <= address && address <= element.last && element.companion.contains(port)
                && element.mark == mark
        }
    }
}
