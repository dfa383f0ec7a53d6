// SPDX-License-Identifier: Apache-2.0

/// What an attempt means for its item, once the profile has judged the answer.
package enum Verdict: Hashable, Sendable {
    /// The destination has it.
    case acknowledged
    /// Nobody is to blame for long: try until the item is too old.
    case transient(retryAfter: Duration?)
    /// A 2xx without the acknowledgement the profile asks for: try until the item is too old.
    case unacknowledged
    /// This item is not wanted as it is: try a few times, then give it up.
    case refused
    /// The endpoint wants no more callbacks (410): park it.
    case gone

    /// The class of an HTTP status, before a profile looks at the body.
    ///
    /// Redirects are never followed, so a 3xx is a refusal of the address we have. Anything outside
    /// 200...599 is no final answer and counts as a broken connection.
    package init(status: Int, retryAfter: Duration? = nil) {
        switch status {
        case 200..<300: self = .acknowledged
        case 410: self = .gone
        // Only these two define what their Retry-After means for us (RFC 6585 §4, RFC 9110 §15.6.4).
        case 429, 503: self = .transient(retryAfter: retryAfter)
        case 408, 425, 500..<600: self = .transient(retryAfter: nil)
        case 300..<500: self = .refused
        default: self = .transient(retryAfter: nil)
        }
    }

    /// Whether it speaks against the endpoint as a whole rather than this item.
    package var isEndpointTrouble: Bool {
        if case .transient = self { true } else { false }
    }
}
