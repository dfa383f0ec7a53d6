// SPDX-License-Identifier: Apache-2.0
package import Base

/// Frames one body on its way out, as the head in front of it has announced.
package struct BodyEncoder: Sendable {
    private let isChunked: Bool
    /// Bytes the announced length still wants; nil when none was announced.
    package private(set) var remaining: UInt64?

    /// - Parameter framing: ``BodyFraming/none`` and a length allow exactly so many bytes.
    package init(framing: BodyFraming) {
        switch framing {
        case .none: (isChunked, remaining) = (false, 0)
        case .length(let lengthBytes): (isChunked, remaining) = (false, lengthBytes)
        case .chunked: (isChunked, remaining) = (true, nil)
        case .untilClose: (isChunked, remaining) = (false, nil)
        }
    }

    /// Appends a run of payload; an empty one adds nothing (an empty chunk would end the body).
    ///
    /// - Precondition: it does not go over the announced length.
    package mutating func append(_ payload: Span<UInt8>, into output: inout ByteBuffer) {
        guard !payload.isEmpty else { return }
        if isChunked {
            output.append(hexadecimal: payload.count)
            output.append("\r\n")
            output.append(payload)
            output.append("\r\n")
        } else {
            if let remaining {
                invariant(UInt64(payload.count) <= remaining, "more body than its head announced")
                self.remaining = remaining - UInt64(payload.count)
            }
            output.append(payload)
        }
    }

    /// Ends the body; call once, and never after a body that was cut short.
    ///
    /// - Precondition: all that was announced has been appended.
    package mutating func finish(into output: inout ByteBuffer) {
        invariant(remaining ?? 0 == 0, "less body than its head announced")
        if isChunked { output.append("0\r\n\r\n") }
    }
}
