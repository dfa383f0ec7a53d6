// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Synchronization

/// The live sessions of all workers, for who counts, lists and ends them.
package final class SessionBoard: Sendable {
    private struct State {
        var sessions: [String: LiveSession] = [:]
        var countByPerson: [String: Int] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// Takes a place for one more session of `person`.
    ///
    /// - Returns: false when that would be more than `countMax`.
    func reserve(_ person: String, countMax: Int) -> Bool {
        state.withLock { state in
            let count = state.countByPerson[person, default: 0]
            guard count < countMax else { return false }
            state.countByPerson[person] = count + 1
            return true
        }
    }

    /// Gives a place back that ``reserve(_:countMax:)`` gave.
    func release(_ person: String) {
        state.withLock { state in
            guard let count = state.countByPerson[person] else { return }
            state.countByPerson[person] = count > 1 ? count - 1 : nil
        }
    }

    func add(_ session: LiveSession) { state.withLock { $0.sessions[session.id] = session } }

    func remove(_ session: LiveSession) { state.withLock { _ = $0.sessions.removeValue(forKey: session.id) } }

    subscript(_ id: String) -> LiveSession? { state.withLock { $0.sessions[id] } }

    var count: Int { state.withLock { $0.sessions.count } }

    /// The oldest first.
    var sessions: [LiveSession] {
        state.withLock { Array($0.sessions.values) }.sorted { ($0.since, $0.id) < ($1.since, $1.id) }
    }
}
