// SPDX-License-Identifier: Apache-2.0
import AuditTrail
import TestKit
import Testing

@Suite("An event of the audit log")
struct AuditEventTests {
    static let event = AuditEvent(
        .sessionBegin,
        who: "anna",
        how: "certificate 4A:01 sha256:beef",
        origin: "192.0.2.7:51234",
        object: "eig-01:22",
        details: [.init("grant", "g-17"), .init("bytes_in", 0)]
    )

    @Test("is one object with its fields in a fixed order")
    func golden() {
        #expect(
            String(decoding: Self.event.json, as: UTF8.self)
                == #"{"kind":"session.begin","outcome":"success","who":"anna","how":"certificate 4A:01 sha256:beef","#
                + #""origin":"192.0.2.7:51234","object":"eig-01:22","details":{"grant":"g-17","bytes_in":"0"}}"#
        )
    }

    @Test("is read back as it was, whatever its texts hold", arguments: 0..<200 as Range<UInt64>)
    func roundTrip(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let event = RandomTrail.event(&random)
        #expect(event.json.count <= AuditEvent.bytesMax)
        let read = try AuditEvent(json: event.json)
        #expect(read == event)
        #expect(read.json == event.json)
    }

    @Test("cuts what is too long instead of being lost", arguments: ["x", "\u{1}", "\"", "é", "👩‍👩‍👧"])
    func cut(_ piece: String) throws {
        let long = String(repeating: piece, count: 20_000)
        let event = AuditEvent(
            .configApply,
            .failure,
            who: long,
            how: long,
            origin: long,
            object: long,
            details: (0..<100).map { .init("d\($0)", long) }
        )
        #expect(event.json.count <= AuditEvent.bytesMax)
        #expect(event.who.hasSuffix("…") && event.details.last == AuditEvent.cutMark)
        #expect(try AuditEvent(json: event.json) == event)
    }

    @Test("leaves out details past the thirty-second and says so")
    func manyDetails() {
        func event(_ count: Int) -> AuditEvent {
            .system(.logRead, object: "audit log", details: (0..<count).map { .init("d", String($0)) })
        }
        #expect(event(32).details.count == 32 && event(32).details.last?.text == "31")
        #expect(event(33).details.count == 32 && event(33).details.last == AuditEvent.cutMark)
    }

    static let refused: [(String, String)] = [
        ("nothing", ""),
        (
            "another order",
            #"{"outcome":"success","kind":"log.read","who":"","how":"","origin":"","object":"","details":{}}"#
        ),
        ("spaces", #"{"kind": "log.read","outcome":"success","who":"","how":"","origin":"","object":"","details":{}}"#),
        (
            "no such outcome",
            #"{"kind":"log.read","outcome":"maybe","who":"","how":"","origin":"","object":"","details":{}}"#
        ),
        (
            "no such form of a kind",
            #"{"kind":"Log","outcome":"success","who":"","how":"","origin":"","object":"","details":{}}"#
        ),
        (
            "a number for a text",
            #"{"kind":"log.read","outcome":"success","who":1,"how":"","origin":"","object":"","details":{}}"#
        ),
        (
            "a bad name",
            #"{"kind":"log.read","outcome":"success","who":"","how":"","origin":"","object":"","details":{"A":""}}"#
        ),
        (
            "a lone surrogate",
            #"{"kind":"log.read","outcome":"success","who":"\ud800","how":"","origin":"","object":"","details":{}}"#
        ),
        (
            "a control character",
            "{\"kind\":\"log.read\",\"outcome\":\"success\",\"who\":\"\n\",\"how\":\"\",\"origin\":\"\",\"object\":\"\",\"details\":{}}"
        ),
        (
            "something behind it",
            #"{"kind":"log.read","outcome":"success","who":"","how":"","origin":"","object":"","details":{}} "#
        ),
    ]

    @Test("is refused for", arguments: refused)
    func refusal(_ name: String, _ text: String) {
        #expect(throws: AuditEventMismatch.self, "\(name)") { try AuditEvent(json: Array(text.utf8)) }
    }

    @Test("is refused for bytes that are not UTF-8, and for too many")
    func bytes() throws {
        let json = Self.event.json
        let place = try #require(json.firstIndex(of: UInt8(ascii: "a")))
        for byte in [0xff, 0xc0, 0x80] as [UInt8] {
            var bytes = json
            bytes[place + 30] = byte
            #expect(throws: AuditEventMismatch.self) { try AuditEvent(json: bytes) }
        }
        let long = json.dropLast(2) + [UInt8](repeating: 0x20, count: 9000)
        #expect(throws: AuditEventMismatch.self) { try AuditEvent(json: Array(long)) }
    }

    @Test("reads every escape of JSON")
    func escapes() throws {
        let text =
            #"{"kind":"log.read","outcome":"success","who":"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00","how":"","origin":"","object":"","details":{}}"#
        #expect(try AuditEvent(json: Array(text.utf8)).who == "\"\\/\u{8}\u{c}\n\r\té😀")
    }

    @Test("has a kind of two words")
    func kinds() {
        for good in ["log.start", "break-glass.begin"] { #expect(AuditKind(rawValue: good)?.rawValue == good) }
        for bad in [
            "", "log", "log.", ".start", "a.b.c", "Log.start", "log.start ", "-a.b",
            String(repeating: "a", count: 63) + ".b",
        ] {
            #expect(AuditKind(rawValue: bad) == nil, "\(bad)")
        }
    }
}
