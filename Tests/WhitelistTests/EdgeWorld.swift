// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Netfilter
import Synchronization
import Testing
import Whitelist

/// An edge with a listener on the partner port, two partners' hosts and a stranger's, on wires of their own.
final class EdgeWorld: Sendable {
    typealias KernelEnforcer = Enforcer<NetfilterSocket, ConntrackSocket>

    static let port: UInt16 = 8443
    let edge: Host
    let payfast: Host
    let mobicash: Host
    let stranger: Host
    private let enforcer: Mutex<KernelEnforcer?>

    init(features: Set<KernelFeature> = Set(KernelFeature.allCases)) throws {
        edge = try Host()
        payfast = try Host()
        mobicash = try Host()
        stranger = try Host()
        try edge.connect("pay", ["10.1.0.1/24", "fd01::1/64"], to: payfast, ["10.1.0.2/24", "fd01::2/64"])
        try edge.connect("mob", ["10.2.0.1/24", "fd02::1/64"], to: mobicash, ["10.2.0.2/24", "fd02::2/64"])
        try edge.connect("str", ["10.3.0.1/24", "fd03::1/64"], to: stranger, ["10.3.0.2/24", "fd03::2/64"])
        enforcer = Mutex(nil)
        try startEnforcer(features)
    }

    private func startEnforcer(_ features: Set<KernelFeature>) throws {
        try edge.run { [self] in
            let filter = try NetfilterSocket()
            let flows = try ConntrackSocket()
            var fresh: KernelEnforcer? = KernelEnforcer(filter: filter, flows: flows, features: features)
            enforcer.withLock { $0 = fresh.take() }
        }
    }

    static func partner(_ id: String, _ from: [String], reach: [EdgePolicy.Reach] = []) throws -> PartnerPolicy {
        PartnerPolicy(
            id: try #require(PartnerID(id)),
            allow: try from.map { .init(from: try #require(IPPrefix($0))) },
            reach: reach
        )
    }

    static func policy(_ partners: [PartnerPolicy]) -> EdgePolicy {
        EdgePolicy(partners: partners, partnerPorts: [port])
    }

    /// Everybody who should get in.
    static func everybody() throws -> EdgePolicy {
        policy([
            try partner("payfast", ["10.1.0.2", "fd01::2"]),
            try partner("mobicash", ["10.2.0.0/24", "fd02::/64"]),
        ])
    }

    /// Waits where the enforcer before has not let go of its table yet: a program that some test is just starting has
    /// all descriptors of this process, until it is that program.
    @discardableResult
    func apply(_ policy: EdgePolicy, at now: WallInstant = WallInstant(seconds: 0)) throws -> EnforceReport {
        let deadline = Clock.monotonic() + .seconds(10)
        while true {
            do {
                return try withEnforcer { enforcer throws(EnforceFailure) in try enforcer.apply(policy, at: now) }
            } catch EnforceFailure.heldByAnother where Clock.monotonic() < deadline {
                Clock.sleep(.milliseconds(10))
            }
        }
    }

    /// Lets `body` use the enforcer; netlink sockets keep the namespace they were made in.
    func withEnforcer<Value: Sendable>(
        _ body: (inout KernelEnforcer) throws(EnforceFailure) -> Value
    ) throws -> Value {
        let result: Result<Value, EnforceFailure>? = enforcer.withLock { enforcer in
            guard var taken = enforcer.take() else { return nil }
            let result = Result { () throws(EnforceFailure) in try body(&taken) }
            enforcer = consume taken
            return result
        }
        return try #require(result).get()
    }

    /// Closes the enforcer's sockets, as a crash would.
    func stopEnforcer() { enforcer.withLock { $0 = nil } }

    /// As systemd would.
    func restartEnforcer() throws {
        stopEnforcer()
        try startEnforcer(Set(KernelFeature.allCases))
    }

    /// What `nft` says the kernel holds.
    func nft(_ arguments: String...) throws -> String {
        try edge.run { try ChildProcess.run(["nft"] + arguments).outputText }
    }

    func drops(_ reason: EdgeTable.Drop) throws -> Tally {
        let seen = try withEnforcer { enforcer throws(EnforceFailure) in try enforcer.observe() }
        return try #require(seen.edge?.counters[reason.rawValue])
    }
}

/// One TCP connection, or the listener of some, on a host.
final class Line: Sendable {
    let descriptor: OwnedDescriptor
    private init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    static func listen(on host: Host, _ endpoint: String) throws -> Line {
        let endpoint = try #require(IPEndpoint(endpoint))
        return try host.run { Line(try Sockets.listen(endpoint, backlog: 128)) }
    }

    /// - Returns: nothing when nobody answered in time; why, when somebody refused.
    static func open(
        from host: Host,
        to endpoint: String,
        within timeout: Duration = .milliseconds(400)
    ) throws -> Result<Line, Errno> {
        let endpoint = try #require(IPEndpoint(endpoint))
        return try host.run {
            Result { () throws(Errno) in
                let line = Line(try Sockets.connect(endpoint))
                try line.descriptor.wait(for: .writable, timeout: timeout)
                if let error = Sockets.connectError(line.descriptor) { throw error }
                return line
            }
        }
    }

    func accept(within timeout: Duration = .seconds(2)) throws -> Line? {
        try descriptor.wait(for: .readable, timeout: timeout)
        guard let connection = try Sockets.accept(descriptor) else { return nil }
        return Line(connection.takeDescriptor())
    }

    func send(_ text: String) throws { try descriptor.writeAll(Array(text.utf8).span) }

    /// What arrives next: text, nothing at the end of the stream.
    func receive(within timeout: Duration = .seconds(2)) throws(Errno) -> String? {
        try descriptor.wait(for: .readable, timeout: timeout)
        var buffer = ByteBuffer()
        switch try descriptor.read(into: &buffer, byteCountMax: 4096) {
        case .received: return String(buffer.bytes)
        case .wouldBlock: throw .timedOut
        case .endOfStream: return nil
        }
    }
}
