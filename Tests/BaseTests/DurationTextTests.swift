// SPDX-License-Identifier: Apache-2.0
import Base
import Testing

@Suite("A duration as text")
struct DurationTextTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let want: Duration?
        /// The shortest spelling, where it differs.
        var shortest: String?
        var testDescription: String { "\"\(text)\"" }

        init(_ text: String, _ want: Duration?, shortest: String? = nil) {
            self.text = text
            self.want = want
            self.shortest = shortest
        }
    }

    static let cases: [Case] = [
        Case("0s", .zero),
        Case("0ms", .zero, shortest: "0s"),
        Case("1ms", .milliseconds(1)),
        Case("250ms", .milliseconds(250)),
        Case("1000ms", .seconds(1), shortest: "1s"),
        Case("1500ms", .milliseconds(1500)),
        Case("15s", .seconds(15)),
        Case("015s", .seconds(15), shortest: "15s"),
        Case("90s", .seconds(90)),
        Case("120s", .seconds(120), shortest: "2m"),
        Case("5m", .seconds(300)),
        Case("60m", .seconds(3600), shortest: "1h"),
        Case("72h", .seconds(259_200), shortest: "3d"),
        Case("30d", .seconds(2_592_000)),
        Case("100000000ms", .seconds(100_000), shortest: "100000s"),
        Case("100000000d", .seconds(8_640_000_000_000)),
        Case("100000001d", nil),
        Case("1000000000s", nil),
        Case("", nil),
        Case("s", nil),
        Case("15", nil),
        Case("15 s", nil),
        Case(" 15s", nil),
        Case("15s ", nil),
        Case("-15s", nil),
        Case("+15s", nil),
        Case("1.5s", nil),
        Case("1e3s", nil),
        Case("15S", nil),
        Case("15sec", nil),
        Case("1h30m", nil),
        Case("1w", nil),
        Case("\u{661}s", nil),
        Case("1\u{301}s", nil),
    ]

    @Test("is one whole number and one unit", arguments: cases)
    func parses(_ testCase: Case) {
        let got = Duration(testCase.text)
        #expect(got == testCase.want)
        guard let got else { return }
        #expect(got.text == testCase.shortest ?? testCase.text)
        #expect(Duration(got.text) == got)
    }

    @Test("leaves out what is shorter than a millisecond")
    func rounds() { #expect(Duration.microseconds(1999).text == "1ms") }
}
