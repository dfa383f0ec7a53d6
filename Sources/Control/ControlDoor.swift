// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO
internal import Synchronization

/// What a server and its thread share; nothing in it changes but whether the thread runs.
final class ControlDoor: Sendable {
    typealias Answer = @Sendable (ControlQuestion, ControlCaller) -> ControlResponse

    let listener: OwnedDescriptor
    let entrance: ControlEntrance
    /// Rung once, to stop.
    let bell: EventCounter
    let limits: ControlLimits
    let answer: Answer
    private let thread = Mutex<OwnedThread?>(nil)

    init(
        listener: consuming OwnedDescriptor,
        entrance: ControlEntrance,
        limits: ControlLimits,
        answer: @escaping Answer
    ) throws(Errno) {
        self.listener = listener
        self.entrance = entrance
        bell = try EventCounter()
        self.limits = limits
        self.answer = answer
    }

    /// Starts the thread that answers.
    func open(name: String) throws(Errno) {
        let door = self
        var running: OwnedThread? = try OwnedThread(name: name) { @Sendable in
            var loop = ControlLoop(door: door)
            loop.run()
        }
        thread.withLock { $0 = running.take() }
    }

    /// Waits for the answer being made and ends the thread; what is half asked or half answered is dropped.
    ///
    /// - Parameter first: done before, the first time only.
    func close(first: () -> Void = {}) {
        let running = thread.withLock { $0.take() }
        guard let running else { return }
        first()
        bell.ring()
        running.join()
    }
}
