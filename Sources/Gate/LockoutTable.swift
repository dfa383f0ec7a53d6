// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import Base
internal import Partners
internal import Synchronization

/// Who is locked out, for all workers.
final class LockoutTable: Sendable {
    private let state: Mutex<Lockout>

    /// - Parameter entries: those who were locked out before a restart.
    init(_ rule: LockoutRule, entries: [Lockout.Entry] = []) { state = Mutex(Lockout(rule, entries: entries)) }

    /// - Returns: who is locked out from now on because of it.
    func failed(person: String?, source: IPAddress, at now: WallInstant) -> [Lockout.Entry] {
        state.withLock { $0.failed(person: person, source: source, now: now) }
    }

    /// A person proved who they are.
    func succeeded(_ person: String, at now: WallInstant) { state.withLock { $0.succeeded(person, now: now) } }

    func lockedUntil(person: String, source: IPAddress, at now: WallInstant) -> WallInstant? {
        state.withLock { $0.lockedUntil(person: person, source: source, now: now) }
    }

    /// - Returns: those who were locked out.
    func unlock(person: String? = nil, source: IPAddress? = nil, at now: WallInstant) -> [Lockout.Entry] {
        state.withLock { $0.unlock(person: person, source: source, now: now) }
    }

    func adopt(_ rule: LockoutRule) { state.withLock { $0.adopt(rule) } }

    func entries(at now: WallInstant) -> [Lockout.Entry] { state.withLock { $0.entries(now: now) } }
}
