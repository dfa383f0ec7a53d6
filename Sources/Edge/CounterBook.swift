// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners
internal import Synchronization

/// The counters of partners and upstreams by name: kept over reloads, so that totals never fall.
final class CounterBook: Sendable {
    private let partners = Mutex<[PartnerID: PartnerRuntime]>([:])
    private let upstreams = Mutex<[String: UpstreamCounters]>([:])

    func partner(_ id: PartnerID) -> PartnerRuntime {
        partners.withLock { known in
            if let runtime = known[id] { return runtime }
            let runtime = PartnerRuntime()
            known[id] = runtime
            return runtime
        }
    }

    func upstream(_ name: String) -> UpstreamCounters {
        upstreams.withLock { known in
            if let counters = known[name] { return counters }
            let counters = UpstreamCounters()
            known[name] = counters
            return counters
        }
    }
}
