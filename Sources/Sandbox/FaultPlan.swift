// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// The faults one simulator will show, oldest first; changed while it runs.
package final class FaultPlan: Sendable {
    private let faults: Mutex<[Fault]>

    package init(_ faults: [Fault] = []) { self.faults = Mutex(faults) }

    package var current: [Fault] { faults.withLock { $0 } }

    package func replace(with wanted: [Fault]) { faults.withLock { $0 = wanted } }

    /// The fault for the request at hand, counted as shown.
    func take() -> Fault.Kind? {
        faults.withLock { faults in
            guard var fault = faults.first else { return nil }
            let remains = fault.spend()
            if remains { faults[0] = fault } else { faults.removeFirst() }
            return fault.kind
        }
    }
}
