// SPDX-License-Identifier: Apache-2.0
import Base
import HTTP
import Testing

/// Decodes a body that arrives in pieces ending at `cuts`, keeping what a step left, as a connection does.
///
/// - Returns: the payload and how many bytes were taken, once complete.
func decodeBody(
    _ bytes: [UInt8],
    _ framing: BodyFraming,
    limitBytes: UInt64 = 1 << 20,
    cuts: [Int] = [],
    closes: Bool = false
) -> Outcome<DecodedBody> {
    var decoder = BodyDecoder(framing: framing, limitBytes: limitBytes)
    var (payload, arrived, taken) = ([UInt8](), 0, 0)
    do throws(Refusal) {
        for cut in cuts + [bytes.count] {
            arrived = cut
            while !decoder.isComplete {
                let input = Array(bytes[taken..<arrived])
                let step = try decoder.next(input.span)
                payload += input[step.payload]
                taken += step.consumed
                if step.isComplete != decoder.isComplete { return .incomplete }
                if step.consumed == 0 { break }
            }
            if decoder.isComplete { return .value(DecodedBody(payload: payload, byteCount: taken)) }
        }
        if closes {
            try decoder.endOfInput()
            return .value(DecodedBody(payload: payload, byteCount: taken))
        }
        return .incomplete
    } catch {
        // Offsets count from what was given to one step; only reason and status are the same for all cuts.
        return .refused(Refusal(error.reason, at: 0))
    }
}

struct DecodedBody: Hashable, Sendable {
    let payload: [UInt8]
    let byteCount: Int
}

@Suite("A body")
struct BodyDecoderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        var framing = BodyFraming.chunked
        /// The payload; nil while incomplete.
        let payload: String?
        /// Bytes behind the body, which must stay.
        var rest = 0

        var testDescription: String { "\(framing): \(text.replacing("\r\n", with: "\u{23ce}").prefix(60))" }
    }

    static let cases: [Case] = [
        Case(text: "", framing: .none, payload: ""),
        Case(text: "GET", framing: .none, payload: "", rest: 3),
        Case(text: "", framing: .length(0), payload: ""),
        Case(text: "abc", framing: .length(3), payload: "abc"),
        Case(text: "abcd", framing: .length(3), payload: "abc", rest: 1),
        Case(text: "ab", framing: .length(3), payload: nil),
        Case(text: "0\r\n\r\n", payload: ""),
        Case(text: "0\r\n\r\nGET", payload: "", rest: 3),
        Case(text: "3\r\nabc\r\n0\r\n\r\n", payload: "abc"),
        Case(text: "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nX", payload: "abcde", rest: 1),
        Case(text: "A\r\n0123456789\r\n0\r\n\r\n", payload: "0123456789"),
        Case(text: "a\r\n\r\n\r\n\r\n\r\n\r\n\r\n0\r\n\r\n", payload: "\r\n\r\n\r\n\r\n\r\n"),
        Case(text: "00000003\r\nabc\r\n00\r\n\r\n", payload: "abc"),
        Case(text: "0\r\nX-Checksum: a\r\nY:\r\n\r\nZ", payload: "", rest: 1),
        Case(text: "1\r\na\r\n0\r\nX-Checksum: a\r\n\r\n", payload: "a"),
        Case(text: "3", payload: nil),
        Case(text: "3\r", payload: nil),
        Case(text: "3\r\nab", payload: nil),
        Case(text: "3\r\nabc", payload: nil),
        Case(text: "3\r\nabc\r\n", payload: nil),
        Case(text: "3\r\nabc\r\n0", payload: nil),
        Case(text: "3\r\nabc\r\n0\r\n", payload: nil),
        Case(text: "3\r\nabc\r\n0\r\n\r", payload: nil),
        Case(text: "0\r\nX: a\r\n", payload: nil),
    ]

    @Test("comes out of its framing, whole and byte by byte, and nothing behind it", arguments: cases)
    func decoded(_ testCase: Case) {
        let bytes = Array(testCase.text.utf8)
        let outcome = decodeBody(bytes, testCase.framing)
        if let payload = testCase.payload {
            let byteCount = bytes.count - testCase.rest
            #expect(outcome == .value(DecodedBody(payload: Array(payload.utf8), byteCount: byteCount)))
        } else {
            #expect(outcome == .incomplete)
            // The peer closes there: nothing of it may count as the body.
            #expect(decodeBody(bytes, testCase.framing, closes: true) == .refused(Refusal(.bodyTruncated, at: 0)))
        }
        #expect(decodeBody(bytes, testCase.framing, cuts: Array(0..<bytes.count)) == outcome)
    }

    static let refusals: [RefusalCase] = [
        RefusalCase("an empty size", "\r\nabc\r\n0\r\n\r\n", .chunkSizeMalformed),
        RefusalCase("no hexadecimal", "g\r\n", .chunkSizeMalformed),
        RefusalCase("0x", "0x3\r\nabc\r\n0\r\n\r\n", .chunkSizeMalformed),
        RefusalCase("a plus", "+3\r\nabc\r\n0\r\n\r\n", .chunkSizeMalformed),
        RefusalCase("a minus", "-3\r\nabc\r\n0\r\n\r\n", .chunkSizeMalformed),
        RefusalCase("a decimal point", "3.0\r\nabc\r\n", .chunkSizeMalformed),
        RefusalCase("an underscore", "1_0\r\n", .chunkSizeMalformed),
        RefusalCase("a space before", " 3\r\nabc\r\n0\r\n\r\n", .chunkSizeWhitespace),
        RefusalCase("a space behind", "3 \r\nabc\r\n0\r\n\r\n", .chunkSizeWhitespace),
        RefusalCase("a tab behind", "3\t\r\nabc\r\n0\r\n\r\n", .chunkSizeWhitespace),
        RefusalCase("nine digits", "000000003\r\nabc\r\n", .chunkSizeTooLong),
        RefusalCase("a size past 64 bits", "FFFFFFFFFFFFFFFFF\r\n", .chunkSizeTooLong),
        RefusalCase("zeros without end", String(repeating: "0", count: 5000), .chunkSizeTooLong),
        RefusalCase("an extension", "3;a=b\r\nabc\r\n0\r\n\r\n", .chunkExtension),
        RefusalCase("an empty extension", "3;\r\nabc\r\n", .chunkExtension),
        RefusalCase("an extension of the last chunk", "0;a\r\n\r\n", .chunkExtension),
        RefusalCase("LF in an extension", "3;a\nb\r\nabc\r\n", .chunkExtension),
        RefusalCase("a bare LF", "3\nabc\n0\n\n", .bareLineFeed),
        RefusalCase("a bare CR", "3\rabc", .bareCarriageReturn),
        RefusalCase("longer than its size", "3\r\nabcd\r\n0\r\n\r\n", .chunkNotTerminated),
        RefusalCase("LF alone behind the payload", "3\r\nabc\n0\r\n\r\n", .chunkNotTerminated),
        RefusalCase("CR alone behind the payload", "3\r\nabc\r0\r\n\r\n", .chunkNotTerminated),
        RefusalCase("the next size right behind", "3\r\nabc0\r\n\r\n", .chunkNotTerminated),
        RefusalCase("a bare LF for the final line", "0\r\n\n", .bareLineFeed),
        RefusalCase("a bare CR for the final line", "0\r\n\rX", .bareCarriageReturn),
        RefusalCase(
            "the next request for the final line",
            "0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            .fieldWithoutColon
        ),
        RefusalCase("a trailer without colon", "0\r\nX\r\n\r\n", .fieldWithoutColon),
        RefusalCase("a trailer's space before the colon", "0\r\nX : a\r\n\r\n", .fieldNameWhitespace),
        RefusalCase("a folded trailer", "0\r\nX: a\r\n b\r\n\r\n", .fieldFolded),
        RefusalCase("a NUL in a trailer", "0\r\nX: \0\r\n\r\n", .controlOctet),
        RefusalCase("a framing trailer", "0\r\nContent-Length: 5\r\n\r\n", .trailerForbidden),
        RefusalCase("a coding trailer", "0\r\nX: a\r\ntransfer-encoding: chunked\r\n\r\n", .trailerForbidden),
        RefusalCase("a routing trailer", "0\r\nHost: b\r\n\r\n", .trailerForbidden),
        RefusalCase("a credential trailer", "0\r\nAuthorization: a\r\n\r\n", .trailerForbidden),
        RefusalCase("a password trailer", "0\r\nX-PASSWORD: a\r\n\r\n", .trailerForbidden),
        RefusalCase("an identity trailer", "0\r\nx-eig-partner: a\r\n\r\n", .trailerForbidden),
        RefusalCase("a trailer line without end", "0\r\nX: " + String(repeating: "a", count: 5000), .trailerTooLarge),
        RefusalCase(
            "4097 bytes of trailers",
            "0\r\n" + String(repeating: "X-A-Long-Name: " + String(repeating: "b", count: 100) + "\r\n", count: 36)
                + "\r\n",
            .trailerTooLarge
        ),
        RefusalCase("65 trailers", "0\r\n" + String(repeating: "X:\r\n", count: 65) + "\r\n", .trailerTooLarge),
        RefusalCase("a chunk past the limit", "A\r\n0123456789\r\n7\r\n0123456\r\n0\r\n\r\n", .bodyTooLarge, 413),
        RefusalCase("one chunk past the limit", "11\r\n", .bodyTooLarge, 413),
        RefusalCase("a huge chunk", "FFFFFFFF\r\n", .bodyTooLarge, 413),
    ]

    @Test("is refused for what is wrong with its chunks, whole and byte by byte", arguments: refusals)
    func refused(_ testCase: RefusalCase) {
        let outcome = decodeBody(testCase.bytes, .chunked, limitBytes: 16)
        guard case .refused(let refusal) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(refusal.reason == testCase.reason)
        #expect(refusal.status == testCase.status)
        let cuts = Array(0..<testCase.bytes.count)
        #expect(decodeBody(testCase.bytes, .chunked, limitBytes: 16, cuts: cuts) == outcome)
    }

    @Test("of exactly the limit passes, one byte more is 413", arguments: [BodyFraming.length(16), .length(17)])
    func limit(framing: BodyFraming) {
        let bytes = [UInt8](repeating: 0x61, count: 17)
        let outcome = decodeBody(bytes, framing, limitBytes: 16)
        if framing == .length(16) {
            #expect(outcome == .value(DecodedBody(payload: Array(bytes.dropLast()), byteCount: 16)))
            #expect(!framing.exceeds(16))
        } else {
            #expect(outcome == .refused(Refusal(.bodyTooLarge, at: 0)))
            #expect(framing.exceeds(16))
        }
    }

    @Test("until close ends with the connection, within its limit")
    func untilClose() {
        let bytes = Array("abc".utf8)
        #expect(decodeBody(bytes, .untilClose) == .incomplete)
        let whole = Outcome.value(DecodedBody(payload: bytes, byteCount: 3))
        #expect(decodeBody(bytes, .untilClose, limitBytes: 3, closes: true) == whole)
        #expect(decodeBody(bytes, .untilClose, limitBytes: 3, cuts: [1, 2], closes: true) == whole)
        let tooLarge = Outcome<DecodedBody>.refused(Refusal(.bodyTooLarge, at: 0))
        #expect(decodeBody(bytes, .untilClose, limitBytes: 2, closes: true) == tooLarge)
        #expect(decodeBody(bytes, .untilClose, limitBytes: 2, cuts: [1, 2], closes: true) == tooLarge)
    }

    @Test("of a response says 502 whatever is wrong with it")
    func responseSide() {
        for bytes in ["x", "FFFFFFFF\r\n", "3;a", "0\r\nHost: a\r\n\r\n"].map({ Array($0.utf8) }) {
            var decoder = BodyDecoder(framing: .chunked, limitBytes: 16, side: .response)
            #expect(throws: Refusal.self) { _ = try decoder.next(bytes.span) }
            do throws(Refusal) {
                var decoder = BodyDecoder(framing: .chunked, limitBytes: 16, side: .response)
                _ = try decoder.next(bytes.span)
            } catch {
                #expect(error.status == 502)
            }
        }
        var decoder = BodyDecoder(framing: .length(3), limitBytes: 16, side: .response)
        do throws(Refusal) {
            try decoder.endOfInput()
            Issue.record("cut short and taken")
        } catch {
            #expect(error == Refusal(.bodyTruncated, at: 0, side: .response))
        }
    }
}
