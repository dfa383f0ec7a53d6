// SPDX-License-Identifier: Apache-2.0
import Base
import HTTP
import LinuxIO
import Synchronization
import Testing

@testable import Edge

@Suite("A pool of upstream connections")
struct UpstreamPoolTests {
    /// Somebody who wants a connection, and notes what is told.
    private final class Owner: UpstreamOwner {
        private(set) var client: ClientConnection?
        private(set) var failures: [UpstreamFailure] = []
        /// How often each of the two ends was called.
        var tellings: Int { failures.count + (client == nil ? 0 : 1) }

        func upstreamAssigned(_ client: consuming ClientConnection) { self.client = client }
        func upstreamFailed(_ failure: UpstreamFailure) { failures.append(failure) }
        func upstreamAnswered(_ head: borrowing ResponseHead, _ bytes: Span<UInt8>) {}
        func upstreamSent(_ body: Span<UInt8>) {}
        func upstreamEnded() {}
        func upstreamPaused() {}
        func upstreamDrained() {}
    }

    /// A pool on a worker that does not run, towards a listener that nobody serves.
    private final class Bench {
        let surroundings: Surroundings
        let worker: Worker
        let pool: UpstreamPool
        private let listener: OwnedDescriptor

        init(host: String, allowed: [String] = ["127.0.0.0/8"], connectionsMax: Int = 2) throws {
            surroundings = try Surroundings(try ConfigurationFolder())
            worker = try Worker(index: 0, environment: surroundings.environment, snapshot: surroundings.snapshot)
            listener = try Sockets.listen(IPEndpoint(address: .v4(0x7f00_0001), port: 0))
            let target = UpstreamTarget(
                index: 0,
                kind: .backend,
                name: "test",
                host: host,
                port: Sockets.localEndpoint(listener)?.port ?? 9,
                allowed: allowed.compactMap { IPPrefix($0) },
                tls: nil,
                authority: host,
                path: "",
                limits: UpstreamTarget.Limits(
                    connectionsMax: connectionsMax,
                    connect: .seconds(2),
                    response: .seconds(2),
                    idle: .seconds(2)
                ),
                counters: UpstreamCounters()
            )
            pool = UpstreamPool(target: target)
        }

        deinit { _ = try? surroundings.stop() }

        func ask(_ count: Int) -> [Owner] {
            (0..<count).map { _ in
                let owner = Owner()
                pool.acquire(for: owner, method: .get, on: worker)
                return owner
            }
        }
    }

    static let loopback = IPAddress.v4(0x7f00_0001)

    @Test("opens up to its bound, and is busy beyond it")
    func bound() throws {
        let bench = try Bench(host: "127.0.0.1")
        let owners = bench.ask(3)
        #expect(owners.map { $0.client != nil } == [true, true, false])
        #expect(owners[2].failures == [.busy])
        #expect(bench.pool.target.counters.live.load(ordering: .relaxed) == 2)
        // A place is free again when a connection is given up.
        owners[0].client?.abandon()
        #expect(bench.ask(1)[0].client != nil)
    }

    @Test("keeps to its bound for those who waited for a name, too")
    func resolvedBound() throws {
        let bench = try Bench(host: "backend.example")
        let owners = bench.ask(4)
        #expect(owners.allSatisfy { $0.tellings == 0 })
        bench.pool.resolved(.success([Self.loopback]), on: bench.worker)
        #expect(owners.count { $0.client != nil } == 2)
        #expect(owners.count { $0.failures == [.busy] } == 2)
        #expect(owners.allSatisfy { $0.tellings == 1 })
        #expect(bench.pool.target.counters.live.load(ordering: .relaxed) == 2)
    }

    @Test("tells everybody who waits that a name has no address, once")
    func unresolved() throws {
        let bench = try Bench(host: "backend.example")
        let owners = bench.ask(2)
        let failure = ResolveFailure(host: "backend.example", reason: "no such name")
        bench.pool.resolved(.failure(failure), on: bench.worker)
        bench.pool.resolved(.failure(failure), on: bench.worker)
        #expect(owners.allSatisfy { $0.failures == [.resolve("no such name")] })
    }

    @Test("calls only addresses on the list, whatever a name resolves to")
    func permitted() throws {
        let bench = try Bench(host: "backend.example", allowed: ["127.0.0.1"])
        let elsewhere = IPAddress.v4(0xc000_0201)
        let first = bench.ask(1)
        bench.pool.resolved(.success([elsewhere, Self.loopback]), on: bench.worker)
        #expect(first[0].client != nil)
        let second = bench.ask(1)
        bench.pool.resolved(.success([elsewhere]), on: bench.worker)
        #expect(
            second[0].failures == [.resolve("backend.example is 192.0.2.1, none of it on the partner's list")]
        )
        #expect(UpstreamFailure.resolve("").isUnsent)
    }

    @Test("forgets who gave up waiting")
    func withdrawn() throws {
        let bench = try Bench(host: "backend.example")
        let owners = bench.ask(2)
        bench.pool.withdraw(owners[0])
        bench.pool.resolved(.success([Self.loopback]), on: bench.worker)
        #expect(owners.map(\.tellings) == [0, 1])
    }

    @Test("hears of its name from the worker, and not of others, whatever configuration it is of")
    func heard() throws {
        let bench = try Bench(host: "backend.example")
        let owners = bench.ask(3)
        bench.worker.withdraw(owners[0])
        bench.worker.resolved("other.example", .success([Self.loopback]))
        #expect(owners.allSatisfy { $0.tellings == 0 })
        bench.worker.reload(bench.surroundings.snapshot)
        bench.worker.resolved("backend.example", .success([Self.loopback]))
        bench.worker.resolved("backend.example", .success([Self.loopback]))
        #expect(owners.map(\.tellings) == [0, 1, 1])
        // Later ones find the addresses known.
        bench.worker.withdraw(owners[1])
        owners[1].client?.abandon()
        #expect(bench.ask(1)[0].tellings == 1)
    }

    struct Failure: Sendable {
        let failure: UpstreamFailure
        let code: String
        let isUnsent: Bool
    }

    static let failures: [Failure] = [
        Failure(failure: .resolve("x"), code: "resolve", isUnsent: true),
        Failure(failure: .busy, code: "busy", isUnsent: true),
        Failure(failure: .connect("x"), code: "connect", isUnsent: true),
        Failure(failure: .tls("x"), code: "tls", isUnsent: true),
        Failure(failure: .timeout(wasSent: false), code: "timeout", isUnsent: true),
        Failure(failure: .timeout(wasSent: true), code: "timeout", isUnsent: false),
        Failure(failure: .lost(wasSent: false), code: "reset", isUnsent: true),
        Failure(failure: .lost(wasSent: true), code: "reset", isUnsent: false),
        Failure(failure: .malformed(.hostMissing), code: "malformed", isUnsent: false),
    ]

    /// What may be sent again: everything else is the caller's to ask about.
    @Test("fails in ways that say whether anything can have arrived", arguments: failures)
    func unsent(_ testCase: Failure) {
        #expect(testCase.failure.isUnsent == testCase.isUnsent)
        #expect(testCase.failure.code == testCase.code)
        #expect(!testCase.failure.detail.isEmpty)
    }
}
