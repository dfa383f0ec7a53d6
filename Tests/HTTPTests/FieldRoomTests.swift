// SPDX-License-Identifier: Apache-2.0
import Base
import Testing

@testable import HTTP

@Suite("Room for the fields of a head")
struct FieldRoomTests {
    private static let first = Array("GET /a HTTP/1.1\r\nHost: one.example\r\nX-Token: 1\r\n\r\n".utf8)
    private static let second = Array("POST /b HTTP/1.1\r\nHost: two.example\r\nContent-Length: 5\r\n\r\n".utf8)

    @Test("goes from head to head, and is there once")
    func lent() {
        var room = FieldRoom()
        var one = RequestHead.withoutRoom
        var two = RequestHead.withoutRoom
        for _ in 0..<3 {
            one.take(&room)
            #expect(room.storage.isEmpty)
            var parser = RequestParser()
            #expect(parser.parse(Self.first.span, into: &one) == .complete)
            #expect(one.fieldCount == 2 && String(Self.first.span[one.host]) == "one.example")
            one.giveBack(&room)
            #expect(one.fieldCount == 0 && one.fields.storage.isEmpty && one.isPersistent)

            two.take(&room)
            parser = RequestParser()
            #expect(parser.parse(Self.second.span, into: &two) == .complete)
            two.giveBack(&room)
            #expect(room.storage.count == HeadLimits.fieldCountCeiling)
            // What frames the body is still known when the fields are not.
            #expect(two.contentLength == 5 && two.fields.first(.contentLength) == nil)
        }
    }

    @Test("is kept by a head that is not complete, and made for others meanwhile")
    func kept() {
        var room = FieldRoom()
        var slow = RequestHead.withoutRoom
        var quick = RequestHead.withoutRoom
        var parser = RequestParser()
        slow.take(&room)
        #expect(parser.parse(Self.first.span.extracting(0..<36), into: &slow) == .incomplete)
        quick.take(&room)
        var other = RequestParser()
        #expect(other.parse(Self.second.span, into: &quick) == .complete)
        quick.giveBack(&room)
        slow.take(&room)
        #expect(room.storage.count == HeadLimits.fieldCountCeiling, "it has its own")
        #expect(parser.parse(Self.first.span, into: &slow) == .complete)
        #expect(slow.fieldCount == 2)
        slow.giveBack(&room)
        #expect(slow.fields.storage.isEmpty && room.storage.count == HeadLimits.fieldCountCeiling)
    }
}
