// SPDX-License-Identifier: Apache-2.0
import Base
import Partners
import Testing

@Suite("A pre-shared key")
struct PreSharedKeyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        /// The bytes, or the words of the refusal.
        let want: String
        var testDescription: String { text.debugDescription }

        init(_ text: String, _ want: String) {
            self.text = text
            self.want = want
        }
    }

    static let line = "Zk7pQ2vXr9sW4mTb8nLc3hYd6gJf1uEa"

    static let cases: [Case] = [
        Case("\(line)\n", line), Case(line, line), Case("\(line)\r\n", line), Case("a b \(line)", "a b \(line)"),
        Case("0x\(Hex.encode(Array(line.utf8)))\n", line), Case("0X\(Hex.encode(Array(line.utf8)))", line),
        Case("", "empty"), Case("\n", "empty"), Case("\(line)\n\(line)\n", "more than one line"),
        Case("\(line)\n\n", "more than one line"), Case(" \(line)", "blank"), Case("\(line) \n", "blank"),
        Case("\(line)\t", "printable"), Case("\(line)é", "printable"), Case("\"\(line)\"", "quotes"),
        Case("'\(line)'", "quotes"), Case("`\(line)`", "quotes"), Case("0x\(line)", "hex"), Case("0x", "hex"),
        Case("0x123", "hex"), Case("0s\(line)", "0s or 0t"), Case("0t\(line)", "0s or 0t"),
        Case(String(repeating: line, count: 16) + "x", "at most 512"), Case(String(line.prefix(19)), "fewer than 20"),
        Case("0x0123456789abcdef", "fewer than 20"), Case("changemechangemechangeme", "7 different bytes"),
        Case("abcdefghijklmnopqrstuvwxyz", "a sequence"), Case("0123456789abcdefghijklmnop", "a sequence"),
        Case("Correct!Horse7Correct!Horse7", "the same 14 bytes"),
        Case(String(repeating: line, count: 2), "same 32 bytes"),
    ]

    @Test("is the line of its file, or why it is none", arguments: cases)
    func judged(_ testCase: Case) {
        do throws(PreSharedKey.Flaw) {
            let key = try PreSharedKey(testCase.text.utf8)
            #expect(String(decoding: key.bytes, as: UTF8.self) == testCase.want)
        } catch {
            #expect(error.message.contains(testCase.want), "\(error.message)")
            #expect(error.hint.contains("openssl rand -base64 32"))
        }
    }

    @Test("is taken when openssl made it", arguments: 0..<200)
    func random(_ number: Int) throws {
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255) }
        #expect(throws: Never.self) { try PreSharedKey(Hex.encode(bytes).utf8) }
        #expect(try PreSharedKey("0x\(Hex.encode(bytes))\n".utf8).bytes == bytes)
        let text = Base64.encode(bytes)
        guard !["0x", "0X", "0s", "0t"].contains(text.prefix(2)) else { return }
        #expect(try PreSharedKey("\(text)\n".utf8).bytes == Array(text.utf8))
    }
}
