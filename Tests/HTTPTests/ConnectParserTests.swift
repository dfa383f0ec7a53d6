// SPDX-License-Identifier: Apache-2.0
import Base
import Testing

@testable import HTTP

@Suite("The head of a CONNECT request")
struct ConnectParserTests {
    private struct Outcome: Equatable {
        var refusal: RefusalReason?
        var authority: String?
        var rest: String?
    }

    /// What comes of `text`, given byte by byte or at once.
    private static func parse(_ text: String, step: Int = .max) -> Outcome? {
        var parser = ConnectParser()
        var head = ConnectHead()
        let bytes = Array(text.utf8)
        var count = 0
        while count < bytes.count {
            count = step == .max ? bytes.count : min(bytes.count, count + step)
            let span = bytes.span.extracting(0..<count)
            switch parser.parse(span, into: &head) {
            case .incomplete: continue
            case .refused(let refusal): return Outcome(refusal: refusal.reason)
            case .complete:
                return Outcome(
                    authority: "\(String(span[head.host])) \(head.port)",
                    rest: String(bytes.span.extracting(head.byteCount..<bytes.count))
                )
            }
        }
        return nil
    }

    @Test("is taken as clients send it, however it arrives", arguments: [Int.max, 1, 3])
    func taken(step: Int) {
        let heads = [
            "CONNECT eig-01:22 HTTP/1.1\r\nHost: eig-01:22\r\n\r\n",
            "CONNECT eig-01:22 HTTP/1.1\r\nHost: eig-01\r\nUser-Agent: curl/7.88.1\r\nProxy-Connection: Keep-Alive\r\n\r\n",
            "CONNECT eig-01:22 HTTP/1.0\r\n\r\n",
            "CONNECT eig-01:22 HTTP/1.1\r\nHost: eig-01:22\r\nContent-Length: 0\r\n\r\n",
        ]
        for head in heads {
            #expect(Self.parse(head, step: step)?.authority == "eig-01 22", "\(head)")
        }
        #expect(Self.parse(heads[0] + "SSH-2.0-x\r\n")?.rest == "SSH-2.0-x\r\n", "what follows is the tunnel's")
        #expect(Self.parse("CONNECT [2001:db8::1]:22 HTTP/1.1\r\nHost: a\r\n\r\n")?.authority == "[2001:db8::1] 22")
        #expect(Self.parse("CONNECT eig-01:22 HTTP/1.1\r\nHost: eig-01:22\r\n", step: step) == nil)
    }

    @Test(
        "is refused for what could be read in two ways",
        arguments: [
            ("CONNECT eig-01 HTTP/1.1\r\n", RefusalReason.hostPort),
            ("CONNECT eig-01:0 HTTP/1.1\r\n", .hostPort),
            ("CONNECT eig-01:99999 HTTP/1.1\r\n", .hostPort),
            ("CONNECT me@eig-01:22 HTTP/1.1\r\n", .hostUserinfo),
            ("CONNECT eig_01:22 HTTP/1.1\r\n", .hostMalformed),
            ("CONNECT  eig-01:22 HTTP/1.1\r\n", .requestLineWhitespace),
            ("CONNECT eig-01:22  HTTP/1.1\r\n", .versionMalformed),
            ("CONNECT eig-01:22 HTTP/2.0\r\n", .versionMalformed),
            ("CONNECT eig-01:22\r\n", .versionMissing),
            ("CONNECT http://eig-01:22/ HTTP/1.1\r\n", .hostPort),
            ("connect eig-01:22 HTTP/1.1\r\n", .methodNotAllowed),
            ("GET / HTTP/1.1\r\n", .methodNotAllowed),
            ("CONNECT eig-01:22 HTTP/1.1\n\r\n", .bareLineFeed),
            ("CONNECT eig-01:22 HTTP/1.1\r\n\r\n", .hostMissing),
            ("CONNECT eig-01:22 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", .bodyNotAllowed),
            ("CONNECT eig-01:22 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", .bodyNotAllowed),
            ("CONNECT eig-01:22 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", .hostRepeated),
        ]
    )
    func refused(_ head: String, _ reason: RefusalReason) {
        #expect(Self.parse(head)?.refusal == reason)
        #expect(Self.parse(head, step: 1)?.refusal == reason)
    }

    @Test("is recognised by its first word, as soon as that is there")
    func recognised() {
        func recognise(_ text: String) -> Bool? { ConnectParser.recognises(Array(text.utf8).span) }
        #expect(recognise("CONNECT a") == true)
        #expect(recognise("CONN") == nil && recognise("") == nil)
        #expect(recognise("CONTENT ") == false && recognise("GET / HT") == false && recognise("G") == false)
    }

    @Test("has the limits of other heads")
    func limits() {
        let long = String(repeating: "a", count: 9000)
        #expect(Self.parse("CONNECT \(long):22 HTTP/1.1\r\n")?.refusal == .startLineTooLong)
        #expect(Self.parse("CONNECT a:22 HTTP/1.1\r\nX: \(long)\r\n")?.refusal == .fieldLineTooLong)
        let many = String(repeating: "X: y\r\n", count: 65)
        #expect(Self.parse("CONNECT a:22 HTTP/1.1\r\nHost: a\r\n\(many)\r\n")?.refusal == .tooManyFields)
    }
}
