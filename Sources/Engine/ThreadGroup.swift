// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
internal import Synchronization

/// The threads of a program's loops: started one by one, waited for together.
package final class ThreadGroup: Sendable {
    /// Threads are noncopyable and arrays are not for those: each is kept in a cell.
    private final class Cell: Sendable {
        private let thread: Mutex<OwnedThread?>

        init(_ thread: consuming OwnedThread) { self.thread = Mutex(thread) }

        func join() {
            let running = thread.withLock { $0.take() }
            if let running { running.join() }
        }
    }

    private let cells = Mutex<[Cell]>([])

    package init() {}

    /// Starts a thread that makes its loop and runs it.
    ///
    /// - Parameter make: on the new thread; what it returns is run there until its end.
    /// - Throws: what starting the thread or making its loop threw.
    package func start(
        name: String,
        _ make: @escaping @Sendable () throws(Errno) -> sending () -> Void
    ) throws(Errno) {
        let started = try Mailbox<Errno?>(countMax: 1)
        let thread = try OwnedThread(name: name) { @Sendable in
            do throws(Errno) {
                let run = try make()
                _ = started.post(nil)
                run()
            } catch {
                _ = started.post(error)
            }
        }
        let cell = Cell(thread)
        cells.withLock { $0.append(cell) }
        var report: [Errno?] = []
        while report.isEmpty { report = started.drain(timeout: nil) }
        if let error = report[0] { throw error }
    }

    /// Waits for the end of all of them.
    package func join() {
        for cell in cells.withLock({ $0 }) { cell.join() }
    }
}
