// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP

/// What is known of the request being answered, for its answer and its log line.
///
/// Noncopyable, so that who looks at it in place counts no references.
struct Exchange: ~Copyable {
    /// Where the request's body goes.
    enum Sink {
        case nothing
        /// Read and forgotten, so that the connection can live on after a refusal.
        case discard
        /// To an upstream connection, in the request's own framing.
        case upstream
        /// Gathered whole for the relay.
        case callback(CallbackIntake)
    }

    var id: UniqueID { didSet { idText = UniqueIDText(id) } }
    /// The same as text, made once for all the places it is written to.
    private(set) var idText: UniqueIDText
    var startedAt: MonotonicInstant
    var method = Method.get
    /// The log's field with the route's path, empty when there is none; never the request's own path, which may
    /// carry account numbers.
    var routeLogField: [UInt8] = []
    var record: PartnerRecord?
    /// Whether a place among the partner's concurrent requests is taken.
    var hasEntered = false
    var sink = Sink.nothing
    var target: UpstreamTarget?
    var status = 0
    var reason = ""
    var receivedBytes = 0
    var sentBytes = 0
    /// When the upstream's head came.
    var answeredAt: MonotonicInstant?
    /// Frames the request's body for the upstream, and the answer's body for the peer.
    var requestEncoder: BodyEncoder?
    var responseEncoder: BodyEncoder?
    /// The request's body is complete, whether or not there is a connection to end it on.
    var isRequestComplete = false
    var isRequestFinished = false
    var isHeadWritten = false
    var isLogged = false
    /// Attempts at finding an upstream connection that would take the request.
    var attempts = 0
    var bodyStartedAt: MonotonicInstant?

    init() { self.init(id: UniqueID(high: 0, low: 0), at: MonotonicInstant(nanoseconds: 0), of: nil) }

    init(id: UniqueID, at instant: MonotonicInstant, of record: PartnerRecord?) {
        self.id = id
        idText = UniqueIDText(id)
        startedAt = instant
        self.record = record
    }
}
