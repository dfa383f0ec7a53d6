// SPDX-License-Identifier: Apache-2.0
import Base
import Testing

@Suite("A partner's id")
struct PartnerIDTests {
    static let longest = "a" + String(repeating: "9", count: 31)

    @Test("is a letter, then letters, digits and underscores", arguments: ["a", "z9_", "payfast", "a_", longest])
    func takes(_ text: String) { #expect(PartnerID(text)?.rawValue == text) }

    static let refused = [
        "", "9a", "_a", "A", "payFast", "pay-fast", "pay.fast", "pay fast", "payfast\n", "pa\u{0}y", "é", "..", "a/b",
        longest + "9", "payfast ",
    ]

    @Test("is nothing else", arguments: refused)
    func refuses(_ text: String) { #expect(PartnerID(text) == nil) }

    /// FNV-1a (draft-eastlake-fnv, 32 bits) folded to 31 bits, worked out elsewhere.
    static let marks: [(String, UInt32)] = [
        ("a", 0x640c_292c), ("foobar", 0x3f9c_f968), ("payfast", 0x6bfe_f443), ("mobicash", 0x75b3_8a8f),
    ]

    @Test("has a mark that never changes", arguments: marks)
    func mark(_ text: String, _ want: UInt32) throws { #expect(try #require(PartnerID(text)).mark == want) }

    @Test("has a mark that is a positive 32-bit number", arguments: 0..<200)
    func markRange(_ number: Int) throws {
        let mark = try #require(PartnerID("p\(number)")).mark
        #expect((1...0x7fff_ffff).contains(mark))
    }

    @Test("sorts as text does")
    func sorts() {
        let ids = ["b", "a_", "a9", "a", "aa"].compactMap { PartnerID($0) }.sorted()
        #expect(ids.map(\.description) == ["a", "a9", "a_", "aa", "b"])
    }
}
