// SPDX-License-Identifier: Apache-2.0
internal import Base
package import HTTP

/// What must be true of any bytes given to the body decoder.
package enum BodyProperties {
    /// The first byte says how the body is framed and limited.
    package static func check(_ bytes: Span<UInt8>) {
        guard !bytes.isEmpty else { return }
        let body = bytes.extracting(1..<bytes.count)
        let limitBytes = UInt64(bytes[0] >> 3) * 16
        switch bytes[0] & 7 {
        case 0: _ = check(body, .length(UInt64(bytes[0] >> 3)), limitBytes: limitBytes)
        case 1: _ = check(body, .untilClose, limitBytes: limitBytes)
        default: _ = check(body, .chunked, limitBytes: limitBytes)
        }
    }

    private enum Ending: Hashable {
        case complete(taken: Int)
        case incomplete
        case refused(RefusalReason)
    }

    /// Decodes whole, in pairs of bytes and byte by byte, which must come to the same.
    ///
    /// - Returns: how many bytes the body took, when it is complete.
    package static func check(_ bytes: Span<UInt8>, _ framing: BodyFraming, limitBytes: UInt64) -> Int? {
        let (whole, wholePayload) = decode(bytes, framing, limitBytes: limitBytes, stride: max(bytes.count, 1))
        for stride in 1...2 {
            let (ending, payload) = decode(bytes, framing, limitBytes: limitBytes, stride: stride)
            invariant(ending == whole, "in steps of \(stride): \(ending), whole: \(whole)")
            if case .refused = whole { continue }
            invariant(payload == wholePayload, "in steps of \(stride), another payload")
        }
        guard case .complete(let taken) = whole else { return nil }
        invariant(UInt64(wholePayload.count) <= limitBytes, "took more payload than the limit")
        if case .length(let lengthBytes) = framing { invariant(taken == Int(lengthBytes), "took more than its length") }
        checkEncoded(wholePayload, framing)
        // Not one byte of the body more is needed, and not one behind it is looked at.
        let (exactly, _) = decode(bytes.extracting(0..<taken), framing, limitBytes: limitBytes, stride: max(taken, 1))
        invariant(exactly == whole, "its end depends on what follows")
        if taken > 0 {
            let short = bytes.extracting(0..<taken - 1)
            let (ending, _) = decode(short, framing, limitBytes: limitBytes, stride: max(taken - 1, 1))
            invariant(ending == .incomplete, "it was complete a byte earlier")
        }
        return taken
    }

    private static func decode(
        _ bytes: Span<UInt8>,
        _ framing: BodyFraming,
        limitBytes: UInt64,
        stride: Int
    ) -> (Ending, [UInt8]) {
        var decoder = BodyDecoder(framing: framing, limitBytes: limitBytes)
        var payload: [UInt8] = []
        var (taken, arrived) = (0, 0)
        do throws(Refusal) {
            while true {
                while !decoder.isComplete {
                    let input = bytes.extracting(taken..<arrived)
                    let step = try decoder.next(input)
                    invariant(step.consumed <= input.count, "took more than it was given")
                    invariant(step.payload.upperBound <= step.consumed || step.payload.isEmpty, "payload not taken")
                    invariant(step.isComplete == decoder.isComplete, "complete, and not")
                    for index in step.payload { payload.append(input[index]) }
                    taken += step.consumed
                    if step.consumed == 0 { break }
                }
                if decoder.isComplete { return (.complete(taken: taken), payload) }
                if arrived == bytes.count { return (.incomplete, payload) }
                arrived = min(arrived + stride, bytes.count)
            }
        } catch {
            return (.refused(error.reason), payload)
        }
    }

    private static func checkEncoded(_ payload: [UInt8], _ framing: BodyFraming) {
        guard framing == .chunked else { return }
        var encoder = BodyEncoder(framing: .chunked)
        var encoded = ByteBuffer()
        encoder.append(payload.span.extracting(0..<payload.count / 2), into: &encoded)
        encoder.append(payload.span.extracting(payload.count / 2..<payload.count), into: &encoded)
        encoder.finish(into: &encoded)
        let limitBytes = UInt64(payload.count)
        let (ending, again) = decode(encoded.bytes, .chunked, limitBytes: limitBytes, stride: encoded.count)
        invariant(ending == .complete(taken: encoded.count), "encoded again: \(ending)")
        invariant(again == payload, "encoded again, another payload")
    }
}
