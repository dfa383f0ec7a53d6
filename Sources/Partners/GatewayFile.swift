// SPDX-License-Identifier: Apache-2.0
package import Base

/// `eigd.toml`: what the gateway listens on, what stands behind it and how it behaves.
package struct GatewayFile: Hashable, Sendable {
    package var listen: ListenRule
    package var server: ServerRule
    package var tls: TLSRule
    /// `[workers] count`, 0 to 256, default 0: threads that carry traffic; 0 is one for each CPU.
    package var workerCount: Int
    /// `[internal] from`, required, 1 to 100: the networks of the backends, which alone may use the inside.
    package var internalFrom: [IPPrefix]
    /// `[[backend]]`, 1 to 64.
    package var backends: [BackendRule]
    /// `[[route]]`, 1 to 1000; the most specific wins, see ``RouteRule``.
    package var routes: [RouteRule]
    package var timeouts: GatewayTimeouts
    package var limits: GatewayLimits
    package var store: StoreRule
    package var relay: RelayRule
    package var log: LogRule
    package var metrics: MetricsRule
    /// Where each key was written.
    package var origins: Origins
}

/// Where the gateway listens (`[listen]`).
package struct ListenRule: Hashable, Sendable {
    /// `partners`, required, 1 to 16: addresses and ports for partners, TLS.
    package var partners: [IPEndpoint]
    /// `internal`, required, 1 to 16: addresses and ports for the backends, plain HTTP on the inside network.
    package var `internal`: [IPEndpoint]
    /// `control`, default ``controlDefault``: the Unix socket for operators.
    package var control: String

    package static let controlDefault = "/run/eig/eigd.sock"
}

/// Who the gateway is to partners (`[server]`).
package struct ServerRule: Hashable, Sendable {
    /// `names`, required, 1 to 16: the host names partners call it by; every other SNI and Host is refused.
    package var names: [String]
    /// `certificate`, required: `identities/<certificate>`, the chain, leaf first, PEM.
    package var certificate: String
    /// `key`, required: `identities/<key>`, the private key, PEM.
    package var key: String
}

/// How partners' TLS sessions are resumed (`[tls]`).
package struct TLSRule: Hashable, Sendable {
    /// `sessions-max`, 0 to 1,000,000, default 20,000: sessions that can be resumed, remembered at once; 0 is none ever.
    package var sessionsMax: Int = 20_000
    /// `session-lifetime`, 1s to 5m, default 5m: from the full handshake, however often it is resumed meanwhile.
    package var sessionLifetime: Duration = .seconds(300)
}

/// One server behind the gateway (`[[backend]]`).
package struct BackendRule: Hashable, Sendable {
    /// `name`, required: `[a-z][a-z0-9_-]{0,31}`, not `relay`.
    package var name: String
    /// `address`, required: address and port, plain HTTP on the inside network.
    package var address: IPEndpoint
    /// `connections`, 1 to 65,535, default 256: the most connections to it, over all workers.
    package var connectionsMax: Int
    /// `callback-path`, default `/callbacks`: where the relay posts callbacks to it.
    package var callbackPath: String
}

/// Where a request goes (`[[route]]`).
///
/// An exact path beats a prefix, a longer prefix a shorter one, a named method `*`.
package struct RouteRule: Hashable, Sendable {
    package enum Match: String, CaseIterable, Hashable, Sendable {
        /// The path and nothing else.
        case exact
        /// The path, and every path below it: `/eig` and `/eig/` both match `/eig/x`, never `/eigx`.
        case prefix
    }

    package enum Target: Hashable, Sendable {
        case backend(String)
        /// The durable callback relay (`to = "relay"`).
        case relay
    }

    /// `method`, default `*`: one method in capitals; nothing is any method.
    package var method: String?
    /// `path`, required: begins with `/`.
    package var path: String
    /// `match`, default `prefix` when the path ends with `/`, else `exact`.
    package var match: Match
    /// `role`, required: `send`, `receive` or `any`; a partner without it is refused.
    package var roles: Set<PartnerRole>
    /// `to`, required: the name of a backend, or `relay`.
    package var target: Target
}

/// How long the gateway waits (`[timeouts]`), each from 100ms to 10m.
package struct GatewayTimeouts: Hashable, Sendable {
    /// `handshake`, default 5s: from accept to the end of the TLS handshake.
    package var handshake: Duration = .seconds(5)
    /// `head`, default 10s: from the first byte of a request to the end of its head.
    package var head: Duration = .seconds(10)
    /// `body-bytes-per-second`, 1 to 1,000,000, default 1024: a body slower than this is cut.
    package var bodyBytesPerSecondMin: Int = 1024
    /// `idle`, default 60s: a partner's connection between requests.
    package var idle: Duration = .seconds(60)
    /// `connect`, default 2s: to a backend.
    package var connect: Duration = .seconds(2)
    /// `response`, default 30s: from the last byte of a request to the head of the backend's answer.
    package var response: Duration = .seconds(30)
    /// `backend-idle`, default 30s: a backend's connection between requests; keep it below the backend's own.
    package var backendIdle: Duration = .seconds(30)
    /// `drain`, default 30s: from SIGTERM until what is still in progress is cut.
    package var drain: Duration = .seconds(30)
}

/// How much the gateway takes on as a whole (`[limits]`).
package struct GatewayLimits: Hashable, Sendable {
    /// `connections`, 1 to 1,000,000, default 20,000: partners' connections open at once.
    package var connectionsMax: Int = 20_000
    /// `handshakes-per-second`, 1 to 100,000, default 20: from one source address.
    package var handshakesPerSecond: Int = 20
    /// `handshakes-burst`, 1 to 100,000, default 40: from one source address after a pause.
    package var handshakesBurst: Int = 40
}

/// Where accepted callbacks are kept (`[store]`).
package struct StoreRule: Hashable, Sendable {
    /// `path`, default `/var/lib/eig/relay.db`: an absolute path on a local file system.
    package var path: String = "/var/lib/eig/relay.db"
    /// `backlog-max`, 1 to 100,000,000, default 1,000,000: undelivered items; beyond it callbacks answer 503.
    package var backlogMax: Int = 1_000_000
    /// `reserve-bytes`, 0 to 17,179,869,184, default 67,108,864: ballast freed when the disk is full.
    package var reserveBytes: Int = 67_108_864
    /// `free-bytes`, 0 to 1,099,511,627,776, default 268,435,456: with less free on that file system, callbacks
    /// answer 503 while deliveries go on.
    package var freeBytesMin: Int = 268_435_456
}

/// How callbacks are relayed (`[relay]`).
package struct RelayRule: Hashable, Sendable {
    /// What happens to the later callbacks of a transfer when one of them is given up.
    package enum OrderPolicy: String, CaseIterable, Hashable, Sendable {
        /// They wait until an operator replays or drops the dead one.
        case hold
        /// They go on without it.
        case skip
    }

    /// `body-bytes`, 1 to 67,108,864, default 262,144: the largest callback body.
    package var bodyBytesMax: Int = 262_144
    /// `retry`, 1 to 32 durations from 100ms to 24h, not falling, default 1s, 5s, 30s, 2m, 10m, 30m, 1h: the
    /// wait after the first, second, … failure; the last one repeats.
    package var retry: [Duration] = [1, 5, 30, 120, 600, 1800, 3600].map { .seconds($0) }
    /// `give-up-after`, 1m to 30d, default 72h: for callbacks to backends; partners have their own.
    package var giveUpAfter: Duration = .seconds(72 * 3600)
    /// `timeout`, 1s to 2m, default 15s: one attempt to a backend.
    package var timeout: Duration = .seconds(15)
    /// `on-dead`, default `hold`.
    package var onDead: OrderPolicy = .hold
    /// `receiver-callbacks-to`, at most 16, default every backend: who gets callbacks of receive partners.
    package var receiverCallbacksTo: [String] = []
    /// `sender-copies-to`, at most 16, default none: who gets a copy of callbacks to send partners.
    package var senderCopiesTo: [String] = []
}

/// What is logged (`[log]`); one JSON object a line on standard output.
package struct LogRule: Hashable, Sendable {
    /// `access`, default true: a line for each request.
    package var access: Bool = true
    /// `refusals-per-second`, 1 to 10,000, default 100: lines about refused connections and requests; the
    /// rest is counted and summed up.
    package var refusalsPerSecond: Int = 100
}

/// Where a Prometheus reads the gateway's numbers (`[metrics]`); without it they are on the control socket only.
package struct MetricsRule: Hashable, Sendable {
    /// `listen`, default nothing: one address and port, plain HTTP, `GET /metrics`.
    package var listen: IPEndpoint?
    /// `from`, 1 to 16 networks: who may read; left out with a loopback address, which only this host reaches, and
    /// required with any other.
    package var from: [IPPrefix] = MetricsRule.thisHost

    /// The addresses only this host has (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3).
    package static let thisHost = [IPPrefix(.v4(0x7f00_0000), bitCount: 8), IPPrefix(.v6(high: 0, low: 1))].compactMap(
        \.self
    )

    /// Whether `listen` is out of everybody else's reach.
    package var isLocal: Bool {
        listen.map { endpoint in Self.thisHost.contains { $0.contains(endpoint.address) } } ?? true
    }
}
