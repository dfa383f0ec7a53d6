// SPDX-License-Identifier: Apache-2.0

/// How a message's body is delimited (RFC 9112 §6.3).
package enum BodyFraming: Hashable, Sendable {
    /// There is none: not announced, or not allowed by the method or status.
    case none
    case length(UInt64)
    case chunked
    /// Responses only: the body ends with the connection.
    case untilClose

    /// Nothing follows the head.
    package var isEmpty: Bool {
        switch self {
        case .none, .length(0): true
        case .length, .chunked, .untilClose: false
        }
    }

    /// The announced length is already more than `limitBytes`; say 413 before asking for the body.
    package func exceeds(_ limitBytes: UInt64) -> Bool {
        if case .length(let lengthBytes) = self { return lengthBytes > limitBytes }
        return false
    }
}
