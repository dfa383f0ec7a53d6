// SPDX-License-Identifier: Apache-2.0
internal import Partners

/// Partner roles as bits: what a request compares, where hashing two sets would cost more than its whole route.
struct RoleSet: Hashable, Sendable {
    private let bits: UInt8

    init(_ roles: Set<PartnerRole>) {
        bits = roles.reduce(0) { bits, role in
            switch role {
            case .send: bits | 1
            case .receive: bits | 2
            }
        }
    }

    func isDisjoint(with other: RoleSet) -> Bool { bits & other.bits == 0 }
}
