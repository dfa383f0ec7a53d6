// SPDX-License-Identifier: Apache-2.0
package import Base
package import Partners

/// The administrator somebody was found to be.
package struct Person: Hashable, Sendable {
    package let admin: AdminRule
    /// What they may do in the gate itself.
    package let rights: Set<AccessRight>
    /// From then on they are not this person any more: their certificate or their entry has ended.
    package let validUntil: WallInstant?

    package init(admin: AdminRule, rights: Set<AccessRight>, validUntil: WallInstant?) {
        self.admin = admin
        self.rights = rights
        self.validUntil = validUntil
    }

    package var id: String { admin.id }
    package var name: String { admin.name }
}

/// Who a certificate stands for.
package enum Identification: Hashable, Sendable {
    case person(Person)
    /// Why nobody, and whose name it carries, where it carries one.
    case refused(AccessDenial, claimed: Person?)
}

/// Whether a person may go to a place now.
package enum Verdict: Hashable, Sendable {
    case allowed(Passage)
    case refused(AccessDenial)
}

/// A way through the gate: to where, by which grant, how long.
package struct Passage: Hashable, Sendable {
    package let target: TargetRule
    package let port: UInt16
    /// Where the target is.
    package var endpoint: IPEndpoint { IPEndpoint(address: target.address, port: port) }
    package let grantID: String
    /// Empty for a use of break-glass without one.
    package let ticket: String
    /// When it must be decided again: the grant, or the person, ends then.
    package let until: WallInstant
    package let isBreakGlass: Bool
    /// Without a byte either way.
    package let idle: Duration
    /// From its beginning, whatever goes through.
    package let longest: Duration
}
