// SPDX-License-Identifier: Apache-2.0

/// The definition of one nftables table of family `inet`: everything but the elements of its sets.
package struct Table: Hashable, Sendable {
    /// Who may change it, and what becomes of it when they are gone.
    package enum Ownership: Hashable, Sendable {
        /// Anyone with CAP_NET_ADMIN; `nft flush ruleset` removes it.
        case anyone
        /// Only the netlink socket that created it; it goes when that socket closes (Linux 5.12).
        case owner
        /// Only that socket while it lives; then anyone, until another adopts it (Linux 6.9).
        case ownerThenAnyone
    }

    package var name: String
    package var ownership: Ownership
    package var counters: [String]
    package var sets: [ElementSet]
    package var chains: [Chain]

    package init(name: String, ownership: Ownership, counters: [String], sets: [ElementSet], chains: [Chain]) {
        self.name = name
        self.ownership = ownership
        self.counters = counters
        self.sets = sets
        self.chains = chains
    }
}

/// One chain and its rules, in order.
package struct Chain: Hashable, Sendable {
    /// Where a base chain hangs (filter type); a chain without one is only jumped to.
    package struct Hook: Hashable, Sendable {
        package enum Point: UInt32, Hashable, Sendable {
            case input = 1
            case forward = 2
            case output = 3
        }

        package var point: Point
        /// Lower runs earlier; 0 is `filter`.
        package var priority: Int32
        package var dropsByDefault: Bool

        package init(_ point: Point, priority: Int32, dropsByDefault: Bool) {
            self.point = point
            self.priority = priority
            self.dropsByDefault = dropsByDefault
        }
    }

    package var name: String
    package var hook: Hook?
    package var rules: [Rule]

    package init(_ name: String, hook: Hook? = nil, rules: [Rule]) {
        self.name = name
        self.hook = hook
        self.rules = rules
    }
}

/// One rule: statements from left to right, each a match that may end it or an act.
package struct Rule: Hashable, Sendable {
    /// Shown by `nft list`; at most 127 bytes.
    package var comment: String
    package var statements: [Statement]

    package init(_ comment: String, _ statements: [Statement]) {
        self.comment = comment
        self.statements = statements
    }
}
