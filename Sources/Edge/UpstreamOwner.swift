// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP

/// Why an upstream call gave no complete answer.
enum UpstreamFailure: Error, Hashable, Sendable {
    case resolve(String)
    case busy
    case connect(String)
    case tls(String)
    /// No answer in time; `wasSent` says whether any byte of the request left.
    case timeout(wasSent: Bool)
    /// The connection ended early.
    case lost(wasSent: Bool)
    case malformed(RefusalReason)

    /// True when nothing of the request can have reached the other side.
    var isUnsent: Bool {
        switch self {
        case .resolve, .busy, .connect, .tls: true
        case .timeout(let wasSent), .lost(let wasSent): !wasSent
        case .malformed: false
        }
    }

    /// Every ``code``.
    static let codes = ["busy", "connect", "malformed", "reset", "resolve", "timeout", "tls"]

    var code: String {
        switch self {
        case .resolve: "resolve"
        case .busy: "busy"
        case .connect: "connect"
        case .tls: "tls"
        case .timeout: "timeout"
        case .lost: "reset"
        case .malformed: "malformed"
        }
    }

    var detail: String {
        switch self {
        case .resolve(let why), .connect(let why), .tls(let why): why
        case .busy: "all connections are in use"
        case .timeout(let wasSent): wasSent ? "no answer in time" : "not sent in time"
        case .lost(let wasSent): wasSent ? "connection lost before the answer" : "connection lost before sending"
        case .malformed(let reason): reason.rawValue
        }
    }
}

/// Who has lent an upstream connection for one exchange, and is told what comes back.
///
/// Exactly one of ``upstreamEnded()`` and ``upstreamFailed(_:)`` is called, once, and last.
protocol UpstreamOwner: AnyObject {
    /// A connection was found; write the request into ``ClientConnection/enqueue(_:)`` now.
    func upstreamAssigned(_ client: consuming ClientConnection)
    /// The final response's head; `bytes` are what its slices point into.
    func upstreamAnswered(_ head: borrowing ResponseHead, _ bytes: Span<UInt8>)
    /// Some of the response's body.
    func upstreamSent(_ body: Span<UInt8>)
    /// The response is complete.
    func upstreamEnded()
    func upstreamFailed(_ failure: UpstreamFailure)
    /// Everything received so far was handed over: a good moment to send it on.
    func upstreamPaused()
    /// What was queued for the upstream has left: more may be queued.
    func upstreamDrained()
}
