// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP
internal import LinuxIO

/// Takes connections' bytes as the gateway's parser does, and says what it found in each: for tests beside others.
///
/// Standard input: cases one behind the other, each four bytes of length, the highest first, and what a peer sends.
/// Standard output: a line for each. First its messages, `METHOD:FRAMING:BODY` with the body in hexadecimal, separated
/// by spaces; then how it ended: `complete`, `closed` (the peer said that it would), `incomplete`, or `refused REASON`.
enum ParserProbe {
    private static let inputBytesMax = 64 << 20
    private static let bodyBytesMax: UInt64 = 1 << 20

    static func main() {
        do {
            let input = try StandardInput.readAll(byteCountMax: inputBytesMax)
            var output = ""
            var start = 0
            while start + 4 <= input.count {
                let count = input[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
                start += 4
                let end = min(start + count, input.count)
                output += line(for: Array(input[start..<end])) + "\n"
                start = end
            }
            StandardStream.output.write(output)
        } catch {
            StandardStream.error.write("http-probe: \(error)\n")
            Environment.exit(1)
        }
    }

    /// One connection, from its first byte to the last that means anything.
    private static func line(for bytes: [UInt8]) -> String {
        var messages: [String] = []
        var start = 0
        var end = "complete"
        // One parser for the whole connection, as there.
        var parser = RequestParser()
        while start < bytes.count {
            var head = RequestHead()
            let outcome = parser.parse(bytes.span.extracting(start..<bytes.count), into: &head)
            guard outcome == .complete else {
                end = ending(outcome)
                break
            }
            start += head.byteCount
            var body: [UInt8] = []
            do throws(Refusal) {
                guard let taken = try read(bytes, from: start, head.framing, into: &body) else {
                    end = "incomplete"
                    break
                }
                start += taken
            } catch {
                end = "refused \(error.reason.rawValue)"
                break
            }
            messages.append("\(head.method.name):\(name(of: head.framing)):\(Hex.encode(body))")
            guard head.isPersistent else {
                end = "closed"
                break
            }
        }
        return (messages + [end]).joined(separator: " ")
    }

    private static func ending(_ outcome: HeadOutcome) -> String {
        if case .refused(let refusal) = outcome { "refused \(refusal.reason.rawValue)" } else { "incomplete" }
    }

    /// - Returns: the bytes the body took; nothing when it is not all there.
    private static func read(
        _ bytes: [UInt8],
        from start: Int,
        _ framing: BodyFraming,
        into body: inout [UInt8]
    ) throws(Refusal) -> Int? {
        var decoder = BodyDecoder(framing: framing, limitBytes: bodyBytesMax)
        var position = start
        while !decoder.isComplete {
            let step = try decoder.next(bytes.span.extracting(position..<bytes.count))
            body += bytes[position + step.payload.lowerBound..<position + step.payload.upperBound]
            position += step.consumed
            if step.consumed == 0, !step.isComplete { return nil }
        }
        return position - start
    }

    private static func name(of framing: BodyFraming) -> String {
        switch framing {
        case .none: "none"
        case .length: "length"
        case .chunked: "chunked"
        case .untilClose: "until-close"
        }
    }
}
