// SPDX-License-Identifier: Apache-2.0

/// Where one item stands; the numbers are stored.
///
/// Ready, leased, parked and held are the *head* of their key: the store allows one head for each destination
/// and key, and only a head is ever delivered.
package enum ItemState: Int64, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// Due at its time.
    case ready = 0
    /// With a worker.
    case leased = 1
    /// Acknowledged.
    case done = 2
    /// Given up; holds nothing back.
    case dead = 3
    /// Behind the head of its key.
    case waiting = 4
    /// Its endpoint said 410: waits for the endpoint to be taken up again.
    case parked = 5
    /// Given up, and still the head: what follows waits for a replay or a release.
    case held = 6

    package var isHead: Bool { self == .ready || self == .leased || self == .parked || self == .held }
    /// Still to be delivered.
    package var isOpen: Bool { isHead || self == .waiting }

    package var description: String {
        switch self {
        case .ready: "ready"
        case .leased: "leased"
        case .done: "done"
        case .dead: "dead"
        case .waiting: "waiting"
        case .parked: "parked"
        case .held: "held"
        }
    }

    package init?(_ text: String) {
        guard let state = Self.allCases.first(where: { $0.description == text }) else { return nil }
        self = state
    }
}
