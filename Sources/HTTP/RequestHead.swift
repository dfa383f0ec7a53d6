// SPDX-License-Identifier: Apache-2.0
internal import Base

/// The head of one request, as places in the bytes it was parsed from.
///
/// Made once and filled again for every request; noncopyable, because a copy moves half a kilobyte.
/// Its slices are good as long as those bytes stay where they are.
package struct RequestHead: ~Copyable, Sendable {
    package internal(set) var method: Method = .get
    /// Path and query as they came.
    package internal(set) var target: ByteSlice = .none
    /// The target up to the question mark; begins with a slash, has no dot segments.
    package internal(set) var path: ByteSlice = .none
    /// Without the question mark; nil when the target has none.
    package internal(set) var query: ByteSlice?
    package internal(set) var fields: FieldTable
    package internal(set) var framing: BodyFraming = .none
    /// False when the sender said `Connection: close`.
    package internal(set) var isPersistent = true
    /// The sender waits for 100 (Continue) before it sends the body it announced.
    package internal(set) var expectsContinue = false
    /// Bytes from the first of the span to the end of the empty line.
    package internal(set) var byteCount = 0

    package init() { self.init(fields: FieldTable()) }

    init(fields: FieldTable) { self.fields = fields }

    package var fieldCount: Int { fields.count }

    /// The value of the first field known as `known`.
    package borrowing func first(_ known: KnownField) -> ByteSlice? { fields.first(known) }

    /// The name in `Host`, without the port; checked for form, not for whose it is.
    package var host: ByteSlice { fields.facts.host.name }

    /// The port in `Host`, nil when it has none.
    package var hostPort: UInt16? { fields.facts.host.port }

    /// The announced length; nil for chunked and for no body.
    package var contentLength: UInt64? {
        if case .length(let lengthBytes) = framing { return lengthBytes }
        return nil
    }
}
