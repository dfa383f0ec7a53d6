// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import HTTP
internal import LinuxIO
internal import TLS

/// One worker's connections to one target: the idle ones, last used first, and a bound on all.
final class UpstreamPool {
    let target: UpstreamTarget
    /// False once a reload has replaced the target: what is busy ends with its exchange.
    private(set) var isCurrent = true
    private var idle: [ClientConnection] = []
    private var liveCount = 0
    private var waiting: [Waiter] = []

    /// Somebody waits for the host's addresses.
    var isAwaited: Bool { !waiting.isEmpty }

    private struct Waiter {
        let owner: any UpstreamOwner
        let method: Method
        let deadline: MonotonicInstant
    }

    init(target: UpstreamTarget) { self.target = target }

    /// Finds or opens a connection and tells `owner`, now or when the name is resolved.
    ///
    /// - Parameter isFresh: never a used connection, because a used one has just proven dead.
    func acquire(
        for owner: any UpstreamOwner,
        method: Method,
        deadline: MonotonicInstant = .distantFuture,
        isFresh: Bool = false,
        on worker: Worker
    ) {
        while !isFresh, let client = idle.popLast() {
            // TLS connections are looked at first: what the peer said last may be that it is gone.
            if client.channel.isTLS, client.channel.isReadable { client.readinessChanged() }
            guard client.isUsable else { continue }
            client.lend(to: owner, method: method, deadline: deadline)
            return owner.upstreamAssigned(client)
        }
        guard liveCount < target.limits.connectionsMax else { return owner.upstreamFailed(.busy) }
        if let address = IPAddress(target.host) {
            return open(at: address, for: Waiter(owner: owner, method: method, deadline: deadline), on: worker)
        }
        if let addresses = worker.resolved(target.host) {
            return open(atOneOf: addresses, for: Waiter(owner: owner, method: method, deadline: deadline), on: worker)
        }
        waiting.append(Waiter(owner: owner, method: method, deadline: deadline))
        if waiting.count == 1 { worker.resolve(for: self) }
    }

    /// The resolver has answered for this pool's host.
    func resolved(_ result: Result<[IPAddress], ResolveFailure>, on worker: Worker) {
        let waiters = waiting
        waiting.removeAll()
        for waiter in waiters {
            switch result {
            case .success(let addresses): open(atOneOf: addresses, for: waiter, on: worker)
            case .failure(let failure): waiter.owner.upstreamFailed(.resolve(failure.reason))
            }
        }
    }

    /// An owner gave up before a connection was found.
    func withdraw(_ owner: any UpstreamOwner) { waiting.removeAll { $0.owner === owner } }

    private func open(atOneOf addresses: [IPAddress], for waiter: Waiter, on worker: Worker) {
        guard let address = target.permitted(addresses) else {
            let found = addresses.map(\.description).joined(separator: ", ")
            return waiter.owner.upstreamFailed(.resolve("\(target.host) is \(found), none of it on the partner's list"))
        }
        open(at: address, for: waiter, on: worker)
    }

    private func open(at address: IPAddress, for waiter: Waiter, on worker: Worker) {
        // Counted again: while the name was being resolved, others may have found their connections.
        guard liveCount < target.limits.connectionsMax else { return waiter.owner.upstreamFailed(.busy) }
        guard target.permitted([address]) != nil else {
            return waiter.owner.upstreamFailed(.resolve("\(address) is not on the partner's list"))
        }
        do throws(Errno) {
            let descriptor = try Sockets.connect(IPEndpoint(address: address, port: target.port))
            Sockets.tune(descriptor)
            let session = target.tls.map { Session(client: $0, serverName: target.host) }
            var channel = Channel(descriptor, session: session)
            channel.isWritable = false
            let client = ClientConnection(worker: worker, pool: self, channel: channel)
            liveCount += 1
            try worker.add(client)
            client.lend(to: waiter.owner, method: waiter.method, deadline: waiter.deadline)
            waiter.owner.upstreamAssigned(client)
        } catch {
            waiter.owner.upstreamFailed(.connect(error.description))
        }
    }

    func putBack(_ client: ClientConnection) { idle.append(client) }

    /// A connection has closed.
    func forget(_ client: ClientConnection) {
        liveCount -= 1
        if let index = idle.lastIndex(where: { $0 === client }) { idle.remove(at: index) }
    }

    /// A new configuration is in force: idle connections close, busy ones are not kept.
    func retire() {
        isCurrent = false
        for client in idle { client.close() }
        idle.removeAll()
    }
}
