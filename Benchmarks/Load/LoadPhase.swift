// SPDX-License-Identifier: Apache-2.0
import Base

/// Where a run is; each phase leads to the next.
enum LoadPhase {
    /// The connections that stay are made; in the mode `resume`, those that are resumed first.
    case opening
    case warmingUp(until: MonotonicInstant)
    /// The window: what is answered now counts.
    case measuring(until: MonotonicInstant)
    /// The connections stay and nothing is asked, until memory is read.
    case settling(until: MonotonicInstant)
    /// Nothing new is asked; what is outstanding is still checked.
    case draining(until: MonotonicInstant)
    case ended

    var deadline: MonotonicInstant {
        switch self {
        case .opening, .ended: .distantFuture
        case .warmingUp(let until), .measuring(let until), .settling(let until), .draining(let until): until
        }
    }

    /// Requests are begun.
    var isAsking: Bool {
        switch self {
        case .warmingUp, .measuring: true
        case .opening, .settling, .draining, .ended: false
        }
    }
}
