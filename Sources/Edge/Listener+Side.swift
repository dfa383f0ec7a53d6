// SPDX-License-Identifier: Apache-2.0
internal import Engine

extension Listener {
    /// Whose connections it takes.
    var side: ServerConnection.Side { use == ServerConnection.Side.partners.rawValue ? .partners : .inside }
}
