// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Edge

@Suite("A traceparent field")
struct TraceParentTests {
    /// The example of W3C Trace Context §3.2.
    static let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test(
        "goes on when it is of version 00 and names a trace and a span",
        arguments: [
            good, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            "00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-ff",
            "00-00000000000000000000000000000001-0000000000000001-00",
        ]
    )
    func valid(_ text: String) { #expect(isValid(text)) }

    static let bad = [
        "", "00", good + " ", " " + good, good + "-00", String(good.dropLast()),
        "01" + good.dropFirst(2), "ff" + good.dropFirst(2),
        good.uppercased(), good.replacing("-b7", with: "_b7"), good.replacing("0af7", with: "0aG7"),
        good.replacing("0af7", with: "0AF7"), good.replacing("3331", with: "333\u{0}"),
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319cb-7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
    ]

    @Test("begins anew when it is anything else", arguments: bad)
    func invalid(_ text: String) { #expect(!isValid(text)) }

    private func isValid(_ text: String) -> Bool { TraceParent.isValid(Array(text.utf8).span) }
}
