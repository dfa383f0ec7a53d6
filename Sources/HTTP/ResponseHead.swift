// SPDX-License-Identifier: Apache-2.0
internal import Base

/// The head of one response, as places in the bytes it was parsed from.
///
/// See ``RequestHead`` for how it is used.
package struct ResponseHead: ~Copyable, Sendable {
    /// 100 to 599, never 101.
    package internal(set) var status = 0
    /// What the server wrote behind the status; say our own instead (``ReasonPhrase``).
    package internal(set) var reason: ByteSlice = .none
    package internal(set) var fields = FieldTable()
    package internal(set) var framing: BodyFraming = .none
    /// False when the server said `Connection: close`, or ends the body by closing.
    package internal(set) var isPersistent = true
    /// Bytes from the first of the span to the end of the empty line.
    package internal(set) var byteCount = 0

    package init() {}

    package var fieldCount: Int { fields.count }

    /// 1xx: the real answer is still to come, from the same parser (RFC 9110 §15.2).
    package var isInterim: Bool { status < 200 }

    /// The length announced, of a body that is sent or (to HEAD, with 304) would be.
    package var contentLength: UInt64? {
        fields.present.contains(.contentLength) ? fields.facts.lengthBytes : nil
    }
}
