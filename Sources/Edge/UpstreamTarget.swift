// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP
internal import Partners
internal import TLS

/// One server that eigd calls: a backend, or a partner's endpoint.
///
/// Immutable; a reload makes new ones, and connections to the old ones end with what they carry.
final class UpstreamTarget: Sendable {
    enum Kind: Hashable, Sendable {
        case backend
        case partner(PartnerID)
    }

    /// Its place in the snapshot's list, and in each worker's list of pools.
    let index: Int
    let kind: Kind
    /// For logs and metrics: the backend's name, or the partner's id and what the endpoint is for.
    let name: String
    /// A DNS name or an address.
    let host: String
    let port: UInt16
    /// What `host` may resolve to; empty for a backend, whose address is given.
    let allowed: [IPPrefix]
    /// Nothing for a backend on the inside network.
    let tls: ClientContext?
    /// `Host` and its value.
    let hostLine: [UInt8]
    /// The log's field that names it.
    let logField: [UInt8]
    /// Prefixed to every path.
    let path: String
    let limits: Limits
    let counters: UpstreamCounters

    struct Limits: Sendable {
        /// Connections at once, of one worker.
        var connectionsMax: Int
        var connect: Timeout
        var response: Timeout
        var idle: Timeout
    }

    init(
        index: Int,
        kind: Kind,
        name: String,
        host: String,
        port: UInt16,
        allowed: [IPPrefix],
        tls: ClientContext?,
        authority: String,
        path: String,
        limits: Limits,
        counters: UpstreamCounters
    ) {
        self.index = index
        self.kind = kind
        self.name = name
        self.host = host
        self.port = port
        self.allowed = allowed
        self.tls = tls
        hostLine = HeadWriter.line("Host", Array(authority.utf8))
        logField = JSONWriter.ready { $0.field("upstream", name) }
        self.path = path
        self.limits = limits
        self.counters = counters
    }

    @inline(never)
    func exchangeBegan(wasIdle: Bool) { counters.exchangeBegan(wasIdle: wasIdle) }

    @inline(never)
    func connectionBecameIdle() { counters.becameIdle() }

    var isBackend: Bool { kind == .backend }

    /// Of resolved addresses the first that this target may be called at.
    func permitted(_ addresses: [IPAddress]) -> IPAddress? {
        addresses.first { address in allowed.isEmpty || allowed.contains { $0.contains(address) } }
    }
}
