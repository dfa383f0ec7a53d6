// SPDX-License-Identifier: Apache-2.0
package import Base

/// A request a simulator makes, and everything needed to make it.
package struct Call: Sendable {
    package var method: String
    package var location: Location
    package var fields: [HeaderField] = []
    package var body: [UInt8] = []
    /// Where to connect instead of asking the resolver for the host.
    package var endpoint: IPEndpoint?
    /// A Unix socket to connect to instead.
    package var socketPath: String?
    package var identity = Identity()
    /// From the first packet to the last byte of the answer.
    package var timeout = Duration.seconds(30)
    /// Whether head and body go out as they are, without the `Host` and `Content-Length` of ours.
    ///
    /// For showing what a broken or hostile client sends.
    package var isVerbatim = false

    package init(_ method: String, _ location: Location) {
        self.method = method
        self.location = location
    }
}

/// How a call came to nothing.
package enum CallFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file that cannot be read or used, or a name without an address.
    case setup(String)
    case connect(String)
    case timedOut(waitingFor: String)
    /// The TLS session failed; the texts are OpenSSL's.
    case session(String)
    /// The other end closed or reset before its answer was whole.
    case cut(String)
    case malformed(String)

    package var description: String {
        switch self {
        case .setup(let why): why
        case .connect(let why): "connect: \(why)"
        case .timedOut(let what): "timed out waiting for \(what)"
        case .session(let why): "TLS: \(why)"
        case .cut(let why): "cut: \(why)"
        case .malformed(let why): "malformed answer: \(why)"
        }
    }
}

/// The files one end of a TLS connection uses; all are PEM, none is needed for plain HTTP.
package struct Identity: Hashable, Sendable {
    /// Whom we believe.
    package var anchors: String?
    package var certificate: String?
    package var key: String?

    package init(anchors: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.anchors = anchors
        self.certificate = certificate
        self.key = key
    }
}
