// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
internal import Base
package import LinuxIO
internal import Synchronization

/// The thread behind the event door: it takes events from all callers, has them written together and answers each.
package final class AuditDoor: Sendable {
    /// Further callers wait in the kernel's queue.
    package static let callersMax = 512
    /// Of them those who are none of our programs: anybody on the host may connect, and must not take everybody's place.
    static let guestsMax = 32
    /// Written in one piece; the rest waits for the next turn.
    static let batchMax = 256
    /// Of one caller in one turn.
    static let turnMax = 16

    package let progress: AuditProgress
    private let listener: OwnedDescriptor
    private let reporters: AuditReporters
    private let settings: AuditSettings
    private let heartbeat = Heartbeat()
    private let limits: Mutex<AuditLimits>
    private let bell: EventCounter
    /// Rung when the log was opened, or could not be.
    private let opened: EventCounter
    /// Held for as long as the door is: two writers would break the chain.
    private let lock: Mutex<OwnedDescriptor?>
    private let thread = Mutex<OwnedThread?>(nil)

    /// Opens the log and begins to take events.
    ///
    /// - Parameter listener: for messages, listening.
    /// - Throws: `EAGAIN` when another process writes in this folder.
    package init(
        _ settings: AuditSettings,
        listener: consuming OwnedDescriptor,
        reporters: AuditReporters,
        progress: AuditProgress
    ) throws(Errno) {
        try listener.setNonBlocking()
        self.listener = listener
        self.reporters = reporters
        self.settings = settings
        self.progress = progress
        limits = Mutex(settings.limits)
        bell = try EventCounter()
        opened = try EventCounter()
        let file = try FileStore.openToWrite(settings.folder.lock, mode: AuditFolder.fileMode)
        try file.lock()
        lock = Mutex(file)
        let door = self
        var running: OwnedThread? = try OwnedThread(name: "audit") { @Sendable in
            var loop = Loop(door)
            door.opened.ring()
            loop.run()
        }
        thread.withLock { $0 = running.take() }
    }

    /// Waits until the log was opened, or could not be: what an earlier run left is read to its end first.
    ///
    /// - Returns: false when that takes longer.
    package func awaitOpen(timeout: Duration) -> Bool {
        do throws(Errno) {
            try opened.descriptor.wait(for: .readable, timeout: timeout)
            return true
        } catch {
            return false
        }
    }

    /// Whether the thread has turned within `age`, or waits for the volume.
    package func hasTurned(within age: Duration) -> Bool { heartbeat.isFresh(within: age) }

    /// Keeps files by these limits from the next look at them on.
    package func adopt(_ fresh: AuditLimits) { limits.withLock { $0 = fresh } }

    /// Takes no more events, writes the last words and ends.
    package func stop() {
        let running = thread.withLock { $0.take() }
        guard let running else { return }
        bell.ring()
        running.join()
        lock.withLock { $0 = nil }
    }
}

extension AuditDoor {
    /// What belongs to the thread alone.
    private struct Loop: ~Copyable {
        private static let listenerToken: UInt64 = 0
        private static let bellToken: UInt64 = 1
        private static let turnEvery = Duration.seconds(1)

        private let door: AuditDoor
        private let writer: AuditWriter
        private var poller: Poller
        private var callers: [UInt64: DoorCaller] = [:]
        /// May have more to say than was heard; who waits longest comes first.
        private var ready: [UInt64] = []
        private var nextToken: UInt64 = 2
        private var entrance = ListenerWatch(token: listenerToken)

        init(_ door: AuditDoor) {
            self.door = door
            writer = AuditWriter(door.settings, progress: door.progress, heartbeat: door.heartbeat)
            poller = .awaited(eventCountMax: 256)
        }

        mutating func run() {
            poller.requireInput(door.bell.descriptor, token: Self.bellToken)
            entrance.set(true, door.listener, in: poller)
            while true {
                door.heartbeat.beat()
                let now = Clock.monotonic()
                let due = min(writer.nextDue, now + Self.turnEvery)
                let count = ready.isEmpty ? poller.wait(until: due, now: now) : poller.wait(timeout: .zero)
                var isStopping = false
                for index in 0..<count {
                    let (token, _) = poller.event(index)
                    switch token {
                    case Self.bellToken: isStopping = true
                    case Self.listenerToken: accept()
                    default: ready.append(token)
                    }
                }
                turn()
                writer.settings.limits = door.limits.withLock { $0 }
                writer.tick()
                if isStopping {
                    turn()
                    return writer.stop()
                }
                entrance.set(callers.count < AuditDoor.callersMax, door.listener, in: poller)
            }
        }

        private mutating func accept() {
            while callers.count < AuditDoor.callersMax, let accepted = acceptOne() {
                guard let peer = try? UnixSockets.peer(of: accepted) else { continue }
                let standing = door.reporters.standing(of: peer, groups: UnixSockets.peerGroups(of: accepted))
                let guests = callers.values.count { !$0.standing.isProgram }
                // Ended at once: they may come again when others have left.
                guard standing.isProgram || guests < AuditDoor.guestsMax else { continue }
                let token = nextToken
                nextToken += 1
                let caller = DoorCaller(accepted, standing: standing)
                guard (try? poller.addEdge(caller.descriptor, token: token)) != nil else { continue }
                callers[token] = caller
                ready.append(token)
            }
            let count = callers.count
            door.progress.set { $0.clientCount = count }
        }

        /// Out of descriptors the queue stays as it is: look again in a moment, not at once.
        private func acceptOne() -> OwnedDescriptor? {
            do {
                return try UnixSockets.accept(door.listener)
            } catch {
                Clock.sleep(.milliseconds(20))
                return nil
            }
        }

        /// Hears every caller that may have said something, some messages each, and answers when all of it is written.
        private mutating func turn() {
            guard !ready.isEmpty else { return }
            var batch: [AuditWriter.Submission] = []
            // Answers in order: those of events get theirs when they are written.
            var answers: [(caller: DoorCaller, refusal: String?)] = []
            var unheard: [UInt64] = []
            var again: [UInt64] = []
            var seen = Set<UInt64>()
            for token in ready where seen.insert(token).inserted {
                guard let caller = callers[token] else { continue }
                caller.flush()
                guard batch.count < AuditDoor.batchMax else {
                    unheard.append(token)
                    continue
                }
                var heard = 0
                while heard < AuditDoor.turnMax, batch.count < AuditDoor.batchMax, let question = caller.next() {
                    heard += 1
                    switch question {
                    case .event(let submission):
                        batch.append(submission)
                        answers.append((caller, nil))
                    case .refused(let why): answers.append((caller, why))
                    }
                }
                if heard == AuditDoor.turnMax || batch.count == AuditDoor.batchMax { again.append(token) }
                if caller.isDone { callers[token] = nil }
            }
            ready = unheard + again
            let replies = writer.write(batch)
            var next = 0
            for (caller, refusal) in answers {
                if let refusal {
                    caller.answer(.refused(why: refusal))
                } else {
                    caller.answer(replies[next])
                    next += 1
                }
            }
            let count = callers.count
            door.progress.set { $0.clientCount = count }
        }
    }
}
