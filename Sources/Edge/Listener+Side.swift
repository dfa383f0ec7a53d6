// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import LinuxIO

extension Listener {
    /// Whose connections it takes.
    var side: ServerConnection.Side { use == ServerConnection.Side.partners.rawValue ? .partners : .inside }

    convenience init(side: ServerConnection.Side, endpoint: IPEndpoint, descriptor: consuming OwnedDescriptor) {
        self.init(use: side.rawValue, endpoint: endpoint, descriptor: descriptor)
    }
}
