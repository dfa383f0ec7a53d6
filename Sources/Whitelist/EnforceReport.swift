// SPDX-License-Identifier: Apache-2.0
package import Base
package import Netfilter

/// One entry that comes or goes.
package struct EntryChange: Hashable, Sendable {
    package var set: EdgeSet
    package var element: Element
    /// Whose it is; nothing for the host's own.
    package var partner: PartnerID?

    package init(set: EdgeSet, element: Element, partner: PartnerID?) {
        self.set = set
        self.element = element
        self.partner = partner
    }
}

/// What an apply changed, or would change.
package struct EnforceReport: Hashable, Sendable {
    package var added: [EntryChange] = []
    package var removed: [EntryChange] = []
    /// Tables, chains, sets and rules, in words.
    package var structural: [String] = []
    /// Connections that were permitted before and are not now.
    package var flowsCut: [Flow] = []
    /// Entries this kernel cannot keep safe, left out.
    package var omissions: [String] = []

    package init() {}

    package var isEmpty: Bool { added.isEmpty && removed.isEmpty && structural.isEmpty }
}

/// Why nothing was applied, or why the host is closed.
package enum EnforceFailure: Error, Hashable, Sendable {
    /// The configuration contradicts itself; nothing was changed.
    case conflict(AllowList.Conflict)
    /// Another program owns our table; nothing was changed.
    case heldByAnother(table: String)
    /// The kernel refused; nothing was changed.
    case kernel(NetfilterFailure)
    /// The kernel's state is not what was written: every partner was taken out.
    case mismatch([String])
}

extension EnforceFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .conflict(let conflict): conflict.description
        case .heldByAnother(let table): "another program owns table inet \(table); is a second enforcer running?"
        case .kernel(let failure): failure.description
        case .mismatch(let lines): "the kernel does not hold what was written: \(lines.joined(separator: "; "))"
        }
    }
}
