// SPDX-License-Identifier: Apache-2.0
import Control
import Testing

/// Version 0.0.4 of the Prometheus text format.
@Suite("A page of metrics")
struct MetricsPageTests {
    @Test("names each metric once, with its help, its type and its samples")
    func page() {
        var page = MetricsPage()
        page.counter(
            "eig_a_total",
            "All of a.",
            [([("worker", "0"), ("b", "x")], 3), ([("worker", "1"), ("b", "")], 0)]
        )
        page.gauge("eig_c", "One c.", [([], -1.5)])
        page.gauge("eig_d", "No d.", [])
        #expect(
            page.text == """
                # HELP eig_a_total All of a.
                # TYPE eig_a_total counter
                eig_a_total{worker="0",b="x"} 3
                eig_a_total{worker="1",b=""} 0
                # HELP eig_c One c.
                # TYPE eig_c gauge
                eig_c -1.5
                # HELP eig_d No d.
                # TYPE eig_d gauge

                """
        )
    }

    struct Escape: Sendable, CustomTestStringConvertible {
        let value: String
        let want: String
        var testDescription: String { want }
    }

    static let escapes: [Escape] = [
        Escape(value: "plain", want: "plain"),
        Escape(value: #"a"b"#, want: #"a\"b"#),
        Escape(value: #"a\b"#, want: #"a\\b"#),
        Escape(value: #"a\"b"#, want: #"a\\\"b"#),
        Escape(value: "a\nb", want: #"a\nb"#),
        // One character to Swift, two to a parser of lines.
        Escape(value: "a\r\nb", want: "a\r\\nb"),
        Escape(value: "a\\\u{301}b", want: "a\\\\\u{301}b"),
        Escape(value: "\"\u{301}", want: "\\\"\u{301}"),
        Escape(value: "caf\u{e9}", want: "caf\u{e9}"),
    ]

    @Test("escapes backslash, quote and line feed in label values", arguments: escapes)
    func escaped(_ testCase: Escape) {
        var page = MetricsPage()
        page.gauge("m", "h", [([("l", testCase.value)], 1)])
        let want = "# HELP m h\n# TYPE m gauge\nm{l=\"\(testCase.want)\"} 1\n"
        #expect(page.text.unicodeScalars.elementsEqual(want.unicodeScalars))
    }

    struct Number: Sendable {
        let value: Double
        let want: String
    }

    @Test(
        "writes numbers as Prometheus reads them",
        arguments: [
            Number(value: 0, want: "0"), Number(value: 123_456_789_012, want: "123456789012"),
            Number(value: -3, want: "-3"), Number(value: 0.25, want: "0.25"), Number(value: 1e16, want: "1e+16"),
        ]
    )
    func numbers(_ number: Number) {
        var page = MetricsPage()
        page.gauge("m", "h", [([], number.value)])
        #expect(page.text.hasSuffix("\nm \(number.want)\n"))
    }

    @Test("adds a histogram's buckets up, each series with its sum and its count")
    func histogram() {
        var page = MetricsPage()
        page.histogram(
            "eig_x_seconds",
            "How long x took.",
            bounds: [0.005, 1],
            [([("partner", "a")], [3, 0, 2], 61.5), ([], [0, 0, 0], 0)]
        )
        #expect(
            page.text == """
                # HELP eig_x_seconds How long x took.
                # TYPE eig_x_seconds histogram
                eig_x_seconds_bucket{partner="a",le="0.005"} 3
                eig_x_seconds_bucket{partner="a",le="1"} 3
                eig_x_seconds_bucket{partner="a",le="+Inf"} 5
                eig_x_seconds_sum{partner="a"} 61.5
                eig_x_seconds_count{partner="a"} 5
                eig_x_seconds_bucket{le="0.005"} 0
                eig_x_seconds_bucket{le="1"} 0
                eig_x_seconds_bucket{le="+Inf"} 0
                eig_x_seconds_sum 0
                eig_x_seconds_count 0

                """
        )
    }
}
