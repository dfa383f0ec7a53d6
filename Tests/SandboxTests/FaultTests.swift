// SPDX-License-Identifier: Apache-2.0
import Base
import Sandbox
import Testing

@Suite("A fault")
struct FaultTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let kind: Fault.Kind?
        var timesLeft: Int?
        var testDescription: String { "\"\(text)\"" }
    }

    static let cases: [Case] = [
        Case(text: "answer:500", kind: .answer(status: 500)),
        Case(text: "answer:503x3", kind: .answer(status: 503), timesLeft: 3),
        Case(text: "stall:10s", kind: .stall(.seconds(10))),
        Case(text: "stall:50msx2", kind: .stall(.milliseconds(50)), timesLeft: 2),
        Case(text: "die", kind: .die),
        Case(text: "cutx1", kind: .cut, timesLeft: 1),
        Case(text: "refuse", kind: .refuse),
        Case(text: "", kind: nil),
        Case(text: "answer", kind: nil),
        Case(text: "answer:", kind: nil),
        Case(text: "answer:99", kind: nil),
        Case(text: "answer:100", kind: nil),
        Case(text: "answer:600", kind: nil),
        Case(text: "answer:500x0", kind: nil),
        Case(text: "stall:soon", kind: nil),
        Case(text: "die:now", kind: nil),
        Case(text: "explode", kind: nil),
    ]

    @Test("is read from its one spelling", arguments: cases)
    func parses(_ testCase: Case) {
        let fault = Fault(testCase.text)
        #expect(fault?.kind == testCase.kind)
        #expect(fault?.timesLeft == testCase.timesLeft)
    }

    @Test("is written as it was read", arguments: cases.filter { $0.kind != nil })
    func describes(_ testCase: Case) {
        #expect(Fault(testCase.text)?.description == testCase.text)
    }
}

@Suite("A location")
struct LocationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        var host = ""
        var port: UInt16 = 0
        var target = "/"
        var testDescription: String { "\"\(text)\"" }
    }

    @Test(
        "gives scheme, host, port and target apart",
        arguments: [
            Case(text: "http://10.0.0.1:8080/a?b=c", host: "10.0.0.1", port: 8080, target: "/a?b=c"),
            Case(text: "https://edge.example", host: "edge.example", port: 443),
            Case(text: "http://[::1]:81/x", host: "::1", port: 81, target: "/x"),
            Case(text: "http://[::1]", host: "::1", port: 80),
        ]
    )
    func parses(_ testCase: Case) throws {
        let location = try #require(Location(testCase.text))
        #expect(location.host == testCase.host)
        #expect(location.port == testCase.port)
        #expect(location.target == testCase.target)
        #expect(location.isTLS == testCase.text.hasPrefix("https"))
    }

    @Test(
        "is refused when a part is missing or wrong",
        arguments: [
            "", "edge.example", "ftp://a/", "http://", "http://:80/", "http://a:b/", "http://a:0/", "http://a/\u{e9}",
        ]
    )
    func refuses(_ text: String) { #expect(Location(text) == nil) }
}
