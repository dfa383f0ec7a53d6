// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import Systemd

extension HandedSockets {
    init(ofGateway sockets: [InheritedDescriptor]) throws(ListenFailure) {
        try self.init(sockets, names: ["partners", "internal"])
    }

    func listeners(
        _ side: ServerConnection.Side,
        orAt endpoints: [IPEndpoint] = []
    ) throws(ListenFailure) -> [Listener] {
        try listeners(side == .partners ? "partners" : "internal", orAt: endpoints, use: side.rawValue)
    }
}
