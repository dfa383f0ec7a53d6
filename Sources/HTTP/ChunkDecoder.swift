// SPDX-License-Identifier: Apache-2.0
internal import Base

/// The chunked coding (RFC 9112 §7.1), without chunk extensions, its trailer fields checked and dropped.
struct ChunkDecoder: Sendable {
    private enum State {
        /// In a size line: the value and the count of its digits so far.
        case size(UInt64, digitCount: Int)
        case sizeLineFeed(UInt64)
        case payload(remaining: UInt64)
        case payloadCarriageReturn
        case payloadLineFeed
        case trailer
    }

    /// Eight digits, leading zeros included: 4 GiB, more than any limit allows a body.
    private static let digitCountMax = 8

    private var state = State.size(0, digitCount: 0)
    private var limitBytes: UInt64
    private var trailer = TrailerSection()

    init(limitBytes: UInt64) { self.limitBytes = limitBytes }

    /// Takes framing bytes up to the first payload, that payload, and the framing bytes behind it.
    mutating func next(_ input: Span<UInt8>) throws(Refusal) -> BodyStep {
        var payload = 0..<0
        var index = 0
        while true {
            if case .payload(let remaining) = state {
                guard payload.isEmpty else { break }
                let taken = Int(min(remaining, UInt64(input.count - index)))
                guard taken > 0 else { break }
                payload = index..<index + taken
                index += taken
                let left = remaining - UInt64(taken)
                state = left == 0 ? .payloadCarriageReturn : .payload(remaining: left)
            } else if case .trailer = state {
                let isComplete = try trailer.next(input, at: &index)
                return BodyStep(consumed: index, payload: payload, isComplete: isComplete)
            } else {
                guard index < input.count else { break }
                try framing(input[index], at: index)
                index += 1
            }
        }
        return BodyStep(consumed: index, payload: payload, isComplete: false)
    }

    /// One byte that is not payload.
    private mutating func framing(_ byte: UInt8, at offset: Int) throws(Refusal) {
        switch state {
        case .size(let size, let digitCount):
            if let digit = ASCII.hexValue(byte) {
                guard digitCount < Self.digitCountMax else { throw Refusal(.chunkSizeTooLong, at: offset) }
                state = .size(size << 4 | UInt64(digit), digitCount: digitCount + 1)
            } else {
                guard byte == ASCII.carriageReturn, digitCount > 0 else { throw Self.sizeRefusal(byte, at: offset) }
                guard size <= limitBytes else { throw Refusal(.bodyTooLarge, at: offset) }
                state = .sizeLineFeed(size)
            }
        case .sizeLineFeed(let size):
            guard byte == ASCII.lineFeed else { throw Refusal(.bareCarriageReturn, at: offset) }
            limitBytes -= size
            state = size == 0 ? .trailer : .payload(remaining: size)
        case .payloadCarriageReturn:
            guard byte == ASCII.carriageReturn else { throw Refusal(.chunkNotTerminated, at: offset) }
            state = .payloadLineFeed
        case .payloadLineFeed:
            guard byte == ASCII.lineFeed else { throw Refusal(.chunkNotTerminated, at: offset) }
            state = .size(0, digitCount: 0)
        case .payload, .trailer: invariant(false, "not a framing byte")
        }
    }

    private static func sizeRefusal(_ byte: UInt8, at offset: Int) -> Refusal {
        switch byte {
        case ASCII.space, ASCII.tab: Refusal(.chunkSizeWhitespace, at: offset)
        case UInt8(ascii: ";"): Refusal(.chunkExtension, at: offset)
        case ASCII.lineFeed: Refusal(.bareLineFeed, at: offset)
        default: Refusal(.chunkSizeMalformed, at: offset)
        }
    }
}
