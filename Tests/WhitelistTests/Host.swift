// SPDX-License-Identifier: Apache-2.0
import Base
import Foundation
import Glibc
import LinuxIO
import Synchronization
import Testing

/// A host of its own: a thread in a network namespace without a name.
///
/// The namespace ends with the thread, and the wires to it with the namespace: nothing is left behind.
final class Host: Sendable {
    static let isPossible = geteuid() == 0
    static let why: Comment = "network namespaces need root"

    /// What the host and its thread share; the thread keeps it.
    private final class Desk: Sendable {
        let jobs = Mutex<[@Sendable () -> Void]>([])
        let bell: EventCounter
        let isStopped = Atomic<Bool>(false)

        init() throws { bell = try EventCounter() }

        func work() {
            while !isStopped.load(ordering: .acquiring) {
                try? bell.descriptor.wait(for: .readable, timeout: .seconds(60))
                bell.silence()
                let taken = jobs.withLock { jobs in
                    defer { jobs = [] }
                    return jobs
                }
                for job in taken { job() }
            }
        }
    }

    private let desk: Desk
    private let path = Mutex<String>("")

    struct CommandFailure: Error {
        let arguments: [String]
        let message: String
    }

    init() throws {
        let desk = try Desk()
        self.desk = desk
        // Let go at once: the thread ends when the host is stopped.
        _ = try OwnedThread(name: "host") { @Sendable in desk.work() }
        try run {
            try Self.enter()
            // `/proc/thread-self` points to `PID/task/TID`.
            let thread = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
            self.path.withLock { $0 = "/proc/\(thread)/ns/net" }
            try self.command("ip", "link", "set", "lo", "up")
        }
    }

    deinit {
        desk.isStopped.store(true, ordering: .releasing)
        desk.bell.ring()
    }

    private static func enter() throws {
        // CLONE_NEWNET, which Glibc's module does not offer: only this thread changes its namespace.
        typealias Unshare = @convention(c) (CInt) -> CInt
        let symbol = try unsafe #require(dlsym(nil, "unshare"))
        // SAFETY: the symbol is unshare(2), whose signature this is.
        guard unsafe unsafeBitCast(symbol, to: Unshare.self)(0x4000_0000) == 0 else { throw Errno(rawValue: errno) }
    }

    private final class Outcome<Value: Sendable>: Sendable {
        let result = Mutex<Result<Value, any Error>?>(nil)
    }

    /// Runs `body` on the host's thread and waits for it.
    @discardableResult
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
        let outcome = Outcome<Value>()
        let done = try EventCounter()
        let doorbell = Doorbell(done)
        desk.jobs.withLock { jobs in
            jobs.append {
                let result = Result { try body() }
                outcome.result.withLock { $0 = result }
                doorbell.counter.ring()
            }
        }
        desk.bell.ring()
        try doorbell.counter.descriptor.wait(for: .readable, timeout: .seconds(120))
        return try #require(outcome.result.withLock { $0 }).get()
    }

    private final class Doorbell: Sendable {
        let counter: EventCounter
        init(_ counter: consuming EventCounter) { self.counter = counter }
    }

    /// Runs a program on this host, from one of its own jobs.
    @discardableResult
    func command(_ arguments: String...) throws -> String {
        let result = try ChildProcess.run(arguments, timeout: .seconds(30))
        guard result.isSuccess else { throw CommandFailure(arguments: arguments, message: result.errorText) }
        return result.outputText
    }

    /// Lays a wire to `other`; the addresses are CIDR text, one pair for each family.
    func connect(_ name: String, _ addresses: [String], to other: Host, _ otherAddresses: [String]) throws {
        let namespace = other.path.withLock { $0 }
        try run {
            try self.command("ip", "link", "add", name, "type", "veth", "peer", "name", "up0", "netns", namespace)
            try self.bringUp(name, addresses)
        }
        try other.run { try other.bringUp("up0", otherAddresses) }
    }

    private func bringUp(_ name: String, _ addresses: [String]) throws {
        for address in addresses {
            // No duplicate address detection: the address is there at once.
            let flags = address.contains(":") ? ["nodad"] : []
            let result = try ChildProcess.run(["ip", "addr", "add", address, "dev", name] + flags)
            guard result.isSuccess else { throw CommandFailure(arguments: [address], message: result.errorText) }
        }
        try command("ip", "link", "set", name, "up")
    }
}
