// SPDX-License-Identifier: Apache-2.0
package import Access
package import Base
package import Partners
internal import SQLite
internal import Synchronization

/// Why the grants cannot be worked with at all: their file.
package struct GrantDeskError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
}

/// All grants, for everybody who asks for one, decides on one or lets somebody in by one; safe to share.
///
/// What is new is on disk before it counts. With a full disk it is refused, and what is in force stays; what takes
/// access away, and an emergency, works all the same, from memory, and is written down as soon as there is room.
package final class GrantDesk: Sendable {
    /// How much a change may depend on the disk.
    private enum Weight {
        /// Gives something: not without the disk.
        case gives
        /// Takes something away, or cannot wait.
        case mustBe
    }

    private struct State: ~Copyable {
        var book: GrantBook
        var rules: AccessRules
        /// Nothing after an error that leaves unknown what is on disk, until it is opened again.
        var store: AccessStore?
        var ballast: Ballast
        /// Grants that are otherwise on disk than here.
        var unsaved: Set<String> = []
        var trouble: String?
        var mendedAt: WallInstant
        var prunedAt: WallInstant
        /// What could not be read again while the disk is in trouble.
        var signatures: [ReviewSigning]
        /// As they are on disk.
        var lockouts: [Lockout.Entry]
    }

    /// Given back when the disk is full, so that there is room to write down what takes access away.
    private static let ballastBytes: Int64 = 4 << 20
    private static let mendEvery = Duration.seconds(5)
    private static let pruneEvery = Duration.seconds(3600)

    package let path: String
    /// When this store was first opened: from then on a review could have been signed.
    package let reviewableSince: WallInstant
    private let state: Mutex<State>
    /// Apart from the rest: a worker that counts must not wait for the disk.
    private let tally = Mutex(UsageTally())
    private let listener = Mutex<@Sendable () -> Void>({})

    /// Opens the store, creating it where there is none, and reads all grants.
    ///
    /// - Throws: ``GrantDeskError``; a damaged file is never taken for an empty one.
    package init(path: String, rules: AccessRules, now: WallInstant) throws(GrantDeskError) {
        self.path = path
        do throws(SQLiteFailure) {
            let store = try AccessStore(path: path)
            let book = GrantBook(try store.grants())
            let signatures = try store.signatures()
            let lockouts = try store.lockouts()
            reviewableSince = try store.firstOpened(now: now)
            var ballast = Ballast(path: "\(path).ballast", byteCount: Self.ballastBytes)
            _ = ballast.take()
            state = Mutex(
                State(
                    book: book,
                    rules: rules,
                    store: consume store,
                    ballast: ballast,
                    mendedAt: now,
                    prunedAt: now,
                    signatures: signatures,
                    lockouts: lockouts
                )
            )
        } catch {
            throw GrantDeskError(description: Self.sentence(error, path))
        }
    }

    private static func sentence(_ failure: SQLiteFailure, _ path: String) -> String {
        switch failure.kind {
        case .busy: "another jumpd gate has it open"
        case .cannotOpen: "it cannot be opened: \(failure.message)"
        case .corrupt: "it is damaged, or another program's: \(failure.message)"
        case .full: "no space is left where \(path) lies"
        default: failure.description
        }
    }

    // MARK: - Reading

    /// Every grant that is remembered, newest first.
    package var grants: [Grant] { state.withLock { $0.book.grants } }

    package subscript(_ id: String) -> Grant? { state.withLock { $0.book[id] } }

    /// Why nothing new can be written down at the moment; nothing when it can.
    package var trouble: String? { state.withLock { $0.trouble } }

    /// Bytes of the file and its log.
    package var byteCount: Int {
        Int(clamping: Volume.fileBytes(at: path) + Volume.fileBytes(at: "\(path)-wal"))
    }

    package var signatures: [ReviewSigning] { state.withLock { $0.signatures } }

    // MARK: - Changing

    /// Called after each change, on the thread that made it and outside of every lock of this desk.
    package func onChange(_ body: @escaping @Sendable () -> Void) { listener.withLock { $0 = body } }

    /// Takes other files on for what is asked from now on; nobody is told.
    package func adopt(_ rules: AccessRules, now: WallInstant) { state.withLock { $0.rules = rules } }

    package func request(
        _ order: GrantBook.Order,
        by who: String,
        now: WallInstant,
        draw: @escaping () -> UInt64
    ) throws(GrantRefusal) -> Grant {
        var order = order
        order.startsAt = order.startsAt.map { WallInstant(milliseconds: $0.milliseconds) }
        return try change(.gives, now) { [order] book, rules, now throws(GrantRefusal) in
            try book.request(order, by: who, rules, at: now, draw: draw)
        }
    }

    /// Works without a disk, too: an emergency may well be one of this host.
    package func breakGlass(
        by who: String,
        reason: String,
        ticket: String?,
        now: WallInstant,
        draw: @escaping () -> UInt64
    ) throws(GrantRefusal) -> Grant {
        try change(.mustBe, now) { book, rules, now throws(GrantRefusal) in
            try book.breakGlass(by: who, reason: reason, ticket: ticket, rules, at: now, draw: draw)
        }
    }

    package func approve(_ id: String, by who: String, note: String?, now: WallInstant) throws(GrantRefusal) -> Grant {
        try change(.gives, now) { book, rules, now throws(GrantRefusal) in
            try book.approve(id, by: who, note: note, rules, at: now)
        }
    }

    package func deny(_ id: String, by who: String, note: String?, now: WallInstant) throws(GrantRefusal) -> Grant {
        try change(.mustBe, now) { book, rules, now throws(GrantRefusal) in
            try book.deny(id, by: who, note: note, rules, at: now)
        }
    }

    package func revoke(_ id: String, by who: String, note: String?, now: WallInstant) throws(GrantRefusal) -> Grant {
        try change(.mustBe, now) { book, rules, now throws(GrantRefusal) in
            try book.revoke(id, by: who, note: note, rules, at: now)
        }
    }

    package func close(_ id: String, by who: String, note: String?, now: WallInstant) throws(GrantRefusal) -> Grant {
        try change(.gives, now) { book, rules, now throws(GrantRefusal) in
            try book.close(id, by: who, note: note, rules, at: now)
        }
    }

    /// Writes down that a review was read.
    package func sign(_ signature: ReviewSigning) throws(GrantRefusal) {
        let failure: SQLiteFailure? = state.withLock { state in
            do throws(SQLiteFailure) {
                guard state.store != nil else {
                    throw SQLiteFailure(kind: .other, message: state.trouble ?? "no store")
                }
                try state.store?.sign(signature)
                state.signatures.insert(signature, at: 0)
                return nil
            } catch {
                Self.note(error, &state, path)
                return error
            }
        }
        if let failure { throw .notStored(Self.sentence(failure, path)) }
    }

    /// Whether a grant is on disk as it is here.
    package func isStored(_ id: String) -> Bool { state.withLock { !$0.unsaved.contains(id) } }

    private func change(
        _ weight: Weight,
        _ now: WallInstant,
        _ body: (inout GrantBook, AccessRules, WallInstant) throws(GrantRefusal) -> Grant
    ) throws(GrantRefusal) -> Grant {
        // As the file has it, so that a restart changes nothing.
        let now = WallInstant(milliseconds: now.milliseconds)
        let result: Result<Grant, GrantRefusal> = state.withLock { state in
            do throws(GrantRefusal) {
                var book = state.book
                let forgotten = book.makeRoom(at: now)
                let grant = try body(&book, state.rules, now)
                if let why = Self.save(grant, weight, &state, path) {
                    guard weight == .mustBe else { throw .notStored(why) }
                    state.unsaved.insert(grant.id)
                }
                state.book = book
                Self.remove(forgotten, &state, path)
                return .success(grant)
            } catch {
                return .failure(error)
            }
        }
        let grant = try result.get()
        let told = listener.withLock { $0 }
        told()
        return grant
    }

    /// - Returns: why it could not be written.
    private static func save(_ grant: Grant, _ weight: Weight, _ state: inout State, _ path: String) -> String? {
        guard state.store != nil else { return state.trouble ?? "its file is not open" }
        // What is left of the volume is for taking access away.
        if weight == .gives, !state.ballast.isHeld, !state.ballast.take() {
            state.trouble = "no space is left where \(path) lies"
            return state.trouble
        }
        do throws(SQLiteFailure) {
            try state.store?.save(grant)
            state.unsaved.remove(grant.id)
            return nil
        } catch {
            note(error, &state, path)
            guard weight == .mustBe, error.kind == .full else { return state.trouble }
        }
        state.ballast.drop()
        do throws(SQLiteFailure) {
            try state.store?.save(grant)
            state.unsaved.remove(grant.id)
            return nil
        } catch {
            note(error, &state, path)
            return state.trouble
        }
    }

    private static func note(_ failure: SQLiteFailure, _ state: inout State, _ path: String) {
        state.trouble = sentence(failure, path)
        // What is on disk after these is unknown: it is opened and written again.
        if failure.kind == .inputOutput || failure.kind == .corrupt { state.store = nil }
    }

    // MARK: - Time

    /// What has to be done from time to time, about once a second.
    ///
    /// - Returns: grants that lapsed or expired since, each once, also over restarts.
    @discardableResult
    package func tick(now: WallInstant) -> [Grant] {
        let now = WallInstant(milliseconds: now.milliseconds)
        return state.withLock { state in
            let ended = state.book.takeEnded(at: now)
            for grant in ended where Self.save(grant, .mustBe, &state, path) != nil { state.unsaved.insert(grant.id) }
            flushUsage(&state)
            if now < state.mendedAt || state.mendedAt + Self.mendEvery <= now {
                state.mendedAt = now
                mend(&state)
            }
            if now < state.prunedAt || state.prunedAt + Self.pruneEvery <= now {
                state.prunedAt = now
                prune(&state, now)
            }
            return ended
        }
    }

    /// Writes what is only here, and takes back the room that was given.
    private func mend(_ state: inout State) {
        guard state.trouble != nil || !state.unsaved.isEmpty || !state.ballast.isHeld else { return }
        do throws(SQLiteFailure) {
            if state.store == nil {
                let store = try AccessStore(path: path)
                try store.replaceGrants(state.book.grants)
                state.store = consume store
                state.unsaved = []
            }
            for id in state.unsaved {
                if let grant = state.book[id] { try state.store?.save(grant) }
                state.unsaved.remove(id)
            }
            state.trouble = state.ballast.take() ? nil : "no space is left where \(path) lies"
        } catch {
            Self.note(error, &state, path)
        }
    }

    private static func remove(_ ids: [String], _ state: inout State, _ path: String) {
        guard !ids.isEmpty else { return }
        state.unsaved.subtract(ids)
        do throws(SQLiteFailure) {
            try state.store?.transaction { () throws(SQLiteFailure) in try state.store?.remove(ids) }
        } catch {
            note(error, &state, path)
        }
    }

    private func prune(_ state: inout State, _ now: WallInstant) {
        let gone = state.book.prune(at: now)
        Self.remove(gone, &state, path)
        do throws(SQLiteFailure) {
            try state.store?.removeUsage(before: UsageKey.day(now) - GrantBook.keptDays)
        } catch {
            Self.note(error, &state, path)
        }
    }

    // MARK: - Lock-outs

    /// Those who were locked out when it was last told: a restart lets nobody in again.
    package var lockouts: [Lockout.Entry] { state.withLock { $0.lockouts } }

    /// Writes down who is locked out, where that has changed.
    package func keep(lockouts entries: [Lockout.Entry]) {
        state.withLock { state in
            guard entries != state.lockouts, state.store != nil else { return }
            do throws(SQLiteFailure) {
                try state.store?.replaceLockouts(entries)
                state.lockouts = entries
            } catch {
                Self.note(error, &state, path)
            }
        }
    }

    // MARK: - Use

    /// Counts a session that ended, or what one that goes on did since it was last counted; never waits for the disk.
    package func noteUse(who: String, target: String, _ usage: Usage) {
        tally.withLock { $0.add(who: who, target: target, usage) }
    }

    /// That somebody did anything at all, a session or a question to the gate; never waits for the disk.
    package func noteSeen(_ who: String, at now: WallInstant) {
        tally.withLock { $0.see(who, at: now) }
    }

    /// Writes down what was counted since the last tick: before an orderly end.
    package func flush() { state.withLock { flushUsage(&$0) } }

    private func flushUsage(_ state: inout State) {
        guard state.store != nil, state.ballast.isHeld else { return }
        let taken = tally.withLock { $0.take() }
        guard !taken.isEmpty else { return }
        do throws(SQLiteFailure) {
            try state.store?.add(taken)
        } catch {
            Self.note(error, &state, path)
            tally.withLock { $0.giveBack(taken) }
        }
    }

    /// What everybody did everywhere since an instant, to the day; the key's day is 0.
    package func usage(since: WallInstant) -> [UsageKey: Usage] {
        state.withLock { state in
            let first = UsageKey.day(since)
            var sums: [UsageKey: Usage] = [:]
            do throws(SQLiteFailure) {
                sums = try state.store?.usage(since: first) ?? [:]
            } catch {
                Self.note(error, &state, path)
            }
            for (key, usage) in tally.withLock({ $0.sums }) where key.day >= first && key.target != UsageKey.noTarget {
                sums[UsageKey(day: 0, who: key.who, target: key.target), default: Usage(lastAt: usage.lastAt)].add(
                    usage
                )
            }
            return sums
        }
    }

    /// When each person last did anything, to the minute, as far back as is kept.
    package func lastSeen() -> [String: WallInstant] {
        state.withLock { state in
            var seen: [String: WallInstant] = [:]
            do throws(SQLiteFailure) {
                seen = try state.store?.lastSeen() ?? [:]
            } catch {
                Self.note(error, &state, path)
            }
            for (key, usage) in tally.withLock({ $0.sums }) {
                seen[key.who] = max(seen[key.who] ?? usage.lastAt, usage.lastAt)
            }
            return seen
        }
    }
}
