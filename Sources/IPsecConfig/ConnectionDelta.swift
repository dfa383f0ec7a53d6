// SPDX-License-Identifier: Apache-2.0

/// What must be done to the connections that exist to get those that are wanted.
///
/// What is the same on both sides is in none of the lists and gets no command: Libreswan tears down the IKE SA even of
/// a connection that is added again unchanged.
package struct ConnectionDelta: Hashable, Sendable {
    package struct Change: Hashable, Sendable {
        package var old: Connection
        package var new: Connection

        package init(old: Connection, new: Connection) {
            self.old = old
            self.new = new
        }
    }

    /// By name, as all of them.
    package let added: [Connection]
    package let changed: [Change]
    package let removed: [Connection]
    /// How many are the same on both sides.
    package let unchangedCount: Int
    /// The tunnels whose pre-shared key is another, by id.
    package let secretsChanged: [TunnelID]
    /// The tunnels that have a connection on both sides.
    let kept: Set<TunnelID>

    /// - Parameter old: none twice by name, as ``TunnelSet`` and the reader of the files give them.
    /// - Parameter secretsChanged: which pre-shared keys are others; connections do not say. Those of tunnels that are
    ///   new or go are left out.
    package init(from old: [Connection], to new: [Connection], secretsChanged: Set<TunnelID> = []) {
        let before = Dictionary(old.map { ($0.name, $0) }) { first, _ in first }
        let after = Dictionary(new.map { ($0.name, $0) }) { first, _ in first }
        let wanted = after.values.sorted { $0.name < $1.name }
        added = wanted.filter { before[$0.name] == nil }
        removed = before.values.filter { after[$0.name] == nil }.sorted { $0.name < $1.name }
        changed = wanted.compactMap { new in
            guard let old = before[new.name], old != new else { return nil }
            return Change(old: old, new: new)
        }
        unchangedCount = wanted.count - added.count - changed.count
        kept = Set(before.keys.map(\.tunnel)).intersection(after.keys.map(\.tunnel))
        self.secretsChanged = secretsChanged.intersection(kept).sorted()
    }

    package var isEmpty: Bool { added.isEmpty && changed.isEmpty && removed.isEmpty && secretsChanged.isEmpty }
}
