// SPDX-License-Identifier: Apache-2.0
import Base
import Testing

@Suite("IP prefix")
struct IPPrefixTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        /// The canonical text, or nothing when it must be refused.
        let want: String?
        var testDescription: String { text }
    }

    static let cases: [Case] = [
        Case(text: "10.0.0.0/8", want: "10.0.0.0/8"),
        Case(text: "10.0.0.1", want: "10.0.0.1"),
        Case(text: "0.0.0.0/0", want: "0.0.0.0/0"),
        Case(text: "10.0.0.1/8", want: nil),
        Case(text: "10.0.0.0/33", want: nil),
        Case(text: "10.0.0.0/08", want: nil),
        Case(text: "10.0.0.0/", want: nil),
        Case(text: "1.2.3", want: nil),
        Case(text: "01.2.3.4", want: nil),
        Case(text: "256.2.3.4", want: nil),
        Case(text: "2001:DB8::/32", want: "2001:db8::/32"),
        Case(text: "::ffff:10.0.0.1", want: "10.0.0.1"),
        Case(text: "2001:db8:0:0:1:0:0:1", want: "2001:db8::1:0:0:1"),
        Case(text: "::", want: "::"),
        Case(text: "1::2::3", want: nil),
        Case(text: "1:2:3:4:5:6:7", want: nil),
        Case(text: "1:2:3:4:5:6:7:8:9", want: nil),
        Case(text: "fe80::1%eth0", want: nil),
        Case(text: "2001:db8::1/64", want: nil),
    ]

    @Test("reads canonical networks and writes them back", arguments: cases)
    func reads(_ testCase: Case) { #expect(IPPrefix(testCase.text)?.description == testCase.want) }
}
