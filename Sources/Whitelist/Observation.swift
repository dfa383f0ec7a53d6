// SPDX-License-Identifier: Apache-2.0
package import Netfilter

/// What the kernel held at one moment.
package struct Observation: Hashable, Sendable {
    package var generation: UInt32
    package var edge: TableState?
    package var lockdown: TableState?
    /// Base chains of other programs; they may drop what we accept, never the other way round.
    package var foreignChains: [ForeignChain]
    /// How it differs from what was last applied; empty when it does not.
    package var drift: [String]

    package init(
        generation: UInt32,
        edge: TableState?,
        lockdown: TableState?,
        foreignChains: [ForeignChain],
        drift: [String]
    ) {
        self.generation = generation
        self.edge = edge
        self.lockdown = lockdown
        self.foreignChains = foreignChains
        self.drift = drift
    }

    /// What the entries of one set counted, in both families.
    package func tallies(of set: EdgeSet) -> [Element: Tally] {
        ElementSet.Family.allCases.reduce(into: [:]) { found, family in
            found.merge(edge?.elements[set.set(family).name] ?? [:]) { $1 }
        }
    }

    /// What each reason to drop counted.
    package func drops() -> [(reason: EdgeTable.Drop, tally: Tally)] {
        EdgeTable.Drop.allCases.map { ($0, edge?.counters[$0.rawValue] ?? Tally()) }
    }
}
