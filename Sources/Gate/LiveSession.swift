// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import Base
internal import Synchronization

/// One connection relayed between a person and a target: what is said of it while it lives and when it ends.
///
/// Its worker writes, anybody reads.
final class LiveSession: Sendable {
    /// How the person came in.
    enum Way: String, Sendable {
        case connect
        case postgresql
    }

    let id: String
    let person: String
    let target: String
    let port: UInt16
    let source: IPEndpoint
    let way: Way
    let isBreakGlass: Bool
    let since: WallInstant
    let sinceMonotonic: MonotonicInstant
    /// The worker it lives on, and its place there.
    let workerIndex: Int
    let token: UInt64
    /// From the person to the target.
    let bytesIn = Atomic<Int>(0)
    let bytesOut = Atomic<Int>(0)
    /// Nanoseconds of the monotonic clock when the last byte went either way.
    let lastActive: Atomic<UInt64>
    private let grant: Mutex<Grant>

    /// What lets it live at the moment.
    struct Grant: Sendable {
        let id: String
        let ticket: String
        /// When it ends whatever happens.
        let endsAt: WallInstant
    }

    init(
        id: String,
        person: String,
        destination: (target: String, port: UInt16),
        source: IPEndpoint,
        way: Way,
        passage: Passage,
        endsAt: WallInstant,
        at now: (wall: WallInstant, monotonic: MonotonicInstant),
        place: (workerIndex: Int, token: UInt64)
    ) {
        self.id = id
        self.person = person
        (target, port) = destination
        self.source = source
        self.way = way
        isBreakGlass = passage.isBreakGlass
        since = now.wall
        sinceMonotonic = now.monotonic
        (workerIndex, token) = place
        lastActive = Atomic(now.monotonic.nanoseconds)
        grant = Mutex(Grant(id: passage.grantID, ticket: passage.ticket, endsAt: endsAt))
    }

    var currentGrant: Grant { grant.withLock { $0 } }

    /// Another grant lets it live from now on.
    func prolong(_ fresh: Grant) { grant.withLock { $0 = fresh } }

    func count(in byteCount: Int, at now: MonotonicInstant) {
        bytesIn.wrappingAdd(byteCount, ordering: .relaxed)
        lastActive.store(now.nanoseconds, ordering: .relaxed)
    }

    func count(out byteCount: Int, at now: MonotonicInstant) {
        bytesOut.wrappingAdd(byteCount, ordering: .relaxed)
        lastActive.store(now.nanoseconds, ordering: .relaxed)
    }

    var lastActiveAt: MonotonicInstant { MonotonicInstant(nanoseconds: lastActive.load(ordering: .relaxed)) }

    /// `eig-01:22`.
    var destination: String { "\(target):\(port)" }
}
