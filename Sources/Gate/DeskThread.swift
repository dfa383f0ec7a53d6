// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import Base
internal import Control
internal import LinuxIO
internal import Synchronization

/// What somebody asks the gate itself.
package struct DeskQuestion: Sendable {
    package let method: String
    package let path: String
    /// As it came, without its question mark.
    package let query: String
    package let body: [UInt8]

    package init(method: String, path: String, query: String = "", body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
    }
}

/// The thread that answers what is asked through the gate's port: an answer may wait for the disk, a worker may not.
final class DeskThread: Sendable {
    typealias Answer = @Sendable (DeskQuestion, DeskCaller) -> ControlResponse

    private struct Errand: Sendable {
        let question: DeskQuestion
        let caller: DeskCaller
        let reply: @Sendable (ControlResponse) -> Void
    }

    /// Questions that wait at most.
    private static let waitingMax = 256

    private let errands: Mailbox<Errand>
    private let isStopping = Atomic<Bool>(false)
    private let thread = Mutex<OwnedThread?>(nil)

    init() throws(Errno) { errands = try Mailbox(countMax: Self.waitingMax) }

    func start(_ answer: @escaping Answer) throws(Errno) {
        let desk = self
        var running: OwnedThread? = try OwnedThread(name: "desk") { @Sendable in desk.run(answer) }
        thread.withLock { $0 = running.take() }
    }

    /// - Returns: false when too many wait already.
    func ask(
        _ question: DeskQuestion,
        _ caller: DeskCaller,
        _ reply: @escaping @Sendable (ControlResponse) -> Void
    ) -> Bool {
        errands.post(Errand(question: question, caller: caller, reply: reply))
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        errands.doorbell.ring()
        let running = thread.withLock { $0.take() }
        if let running { running.join() }
    }

    private func run(_ answer: Answer) {
        while !isStopping.load(ordering: .relaxed) {
            for errand in errands.drain(timeout: .seconds(1)) { errand.reply(answer(errand.question, errand.caller)) }
        }
    }
}
