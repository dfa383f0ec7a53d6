// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Synchronization
import Testing

/// A network namespace without a name, for one thread and the programs it starts.
///
/// It ends with the thread: nothing is left behind, whatever happens.
enum PrivateNetwork {
    static let isPossible = geteuid() == 0
    static let why: Comment = "a network namespace needs root"

    /// Runs `body` inside a fresh namespace whose loopback is up.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
        let outcome = Mutex<Result<Value, any Error>?>(nil)
        let box = Box(outcome: outcome)
        let thread = try OwnedThread(name: "private-network") { @Sendable in
            let result = Result {
                try enter()
                return try body()
            }
            box.outcome.withLock { $0 = result }
        }
        thread.join()
        return try #require(box.outcome.withLock { $0 }).get()
    }

    private final class Box<Value: Sendable>: Sendable {
        let outcome: Mutex<Result<Value, any Error>?>
        init(outcome: consuming sending Mutex<Result<Value, any Error>?>) { self.outcome = outcome }
    }

    private static func enter() throws {
        // CLONE_NEWNET, which Glibc's module does not offer: only this thread changes its namespace.
        typealias Unshare = @convention(c) (CInt) -> CInt
        let symbol = try unsafe #require(dlsym(nil, "unshare"))
        // SAFETY: the symbol is unshare(2), whose signature this is.
        guard unsafe unsafeBitCast(symbol, to: Unshare.self)(0x4000_0000) == 0 else { throw Errno(rawValue: errno) }
        _ = try command("ip", "link", "set", "lo", "up")
    }

    /// Runs a program in the calling thread's namespace and returns what it printed.
    static func command(_ arguments: String...) throws -> String {
        let result = try ChildProcess.run(arguments, timeout: .seconds(30))
        guard result.isSuccess else { throw CommandFailure(arguments: arguments, message: result.errorText) }
        return result.outputText
    }

    struct CommandFailure: Error {
        let arguments: [String]
        let message: String
    }
}
