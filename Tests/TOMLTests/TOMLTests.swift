// SPDX-License-Identifier: Apache-2.0
import TOML
import Testing

@Suite("TOML")
struct TOMLTests {
    /// The value as one line of text: kinds, values and places, in order.
    static func shown(_ value: TOMLValue) -> String {
        let place = "@\(value.position.line):\(value.position.column)"
        switch value.kind {
        case .string(let text): return "\"\(text)\"\(place)"
        case .integer(let number): return "\(number)\(place)"
        case .real(let number): return "\(number)\(place)"
        case .boolean(let isTrue): return "\(isTrue)\(place)"
        case .date(let date): return "\(date.year)-\(date.month)-\(date.day)\(place)"
        case .time: return "time\(place)"
        case .dateTime(let time):
            let date = time.date
            let offset = time.offsetMinutes.map { "\($0)" } ?? "local"
            return "\(date.year)-\(date.month)-\(date.day) \(time.secondOfDay).\(time.nanosecond) \(offset)\(place)"
        case .array(let items): return "[\(items.map(shown).joined(separator: " "))]\(place)"
        case .table(let table):
            let entries = table.entries.map { entry in
                "\(entry.key)@\(entry.keyPosition.line):\(entry.keyPosition.column)=\(shown(entry.value))"
            }
            return "{\(entries.joined(separator: " "))}\(place)"
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let want: String
        var testDescription: String { text.debugDescription }
    }

    static let values: [Case] = [
        Case(text: "", want: "{}@1:1"),
        Case(text: "a = \"x\"", want: "{a@1:1=\"x\"@1:5}@1:1"),
        Case(text: "a = \"\"", want: "{a@1:1=\"\"@1:5}@1:1"),
        Case(text: "\u{feff}a = 1", want: "{a@1:1=1@1:5}@1:1"),
        Case(text: "a = -9223372036854775808", want: "{a@1:1=-9223372036854775808@1:5}@1:1"),
        Case(text: "a = 1.5\r\nb = true\r\n", want: "{a@1:1=1.5@1:5 b@2:1=true@2:5}@1:1"),
        Case(text: "zz = 1\naa = 2", want: "{zz@1:1=1@1:6 aa@2:1=2@2:6}@1:1"),
        Case(text: "a = 2027-06-30", want: "{a@1:1=2027-6-30@1:5}@1:1"),
        Case(text: "a = 07:32:00", want: "{a@1:1=time@1:5}@1:1"),
        Case(text: "a = 2027-06-30T01:00:00.5+02:00", want: "{a@1:1=2027-6-30 3600.500000000 120@1:5}@1:1"),
        Case(text: "a = 2027-06-30T00:00:01", want: "{a@1:1=2027-6-30 1.0 local@1:5}@1:1"),
        Case(text: "a = [1,\n  \"é\", 3]", want: "{a@1:1=[1@1:6 \"é\"@2:3 3@2:8]@1:5}@1:1"),
        Case(text: "[l]\n b = 1\n[m.n]", want: "{l@1:2={b@2:2=1@2:6}@1:1 m@3:2={n@3:4={}@3:1}@3:1}@1:1"),
        Case(text: "[[t]]\nx=1\n[[t]]", want: "{t@1:3=[{x@2:1=1@2:3}@1:1 {}@3:1]@1:1}@1:1"),
        Case(text: "a = \"tab\\tnul\\u0000\"", want: "{a@1:1=\"tab\tnul\0\"@1:5}@1:1"),
    ]

    @Test("keeps every value with its place, in the order of the text", arguments: values)
    func reads(_ testCase: Case) throws {
        #expect(try Self.shown(TOML.parse(testCase.text)) == testCase.want)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let text: String
        let kind: TOMLError.Kind
        let line: Int
        let column: Int
        var testDescription: String { String(text.prefix(60)).debugDescription }

        init(_ text: String, _ kind: TOMLError.Kind, _ line: Int, _ column: Int) {
            self.text = text
            self.kind = kind
            self.line = line
            self.column = column
        }
    }

    static let refusals: [Refusal] = [
        Refusal("a = 1\na = 2\n", .duplicate, 2, 5),
        Refusal("[a]\n[a]\n", .duplicate, 2, 1),
        Refusal("[[a]]\n[a]\n", .duplicate, 2, 1),
        Refusal("a = \n", .malformed, 1, 5),
        Refusal("x y = 1", .malformed, 1, 3),
        Refusal("a = 'x\n'", .malformed, 1, 7),
        Refusal("[.a]\n", .malformed, 1, 2),
        Refusal("[é]\n", .malformed, 1, 2),
        Refusal("[[ =]]\n", .malformed, 1, 4),
        Refusal("a.=1\n", .malformed, 1, 3),
        Refusal("a = 01", .malformed, 1, 7),
        Refusal("a = 2027-02-30", .malformed, 1, 15),
        Refusal(String(repeating: "a.", count: 40) + "b = 1", .malformed, 1, 65),
        Refusal("a = " + String(repeating: "[", count: 40), .malformed, 1, 37),
        Refusal("b = 1\na = \"" + String(repeating: "x", count: TOML.lineBytesMax) + "\"", .tooLarge, 2, 1),
        Refusal(String(repeating: "#\n", count: TOML.textBytesMax / 2 + 1), .tooLarge, 1, 1),
    ]

    @Test("refuses what is not TOML, and says where", arguments: refusals)
    func refuses(_ testCase: Refusal) {
        let error = #expect(throws: TOMLError.self) { try TOML.parse(testCase.text) }
        #expect(error?.kind == testCase.kind)
        #expect(error?.position == TOMLPosition(line: testCase.line, column: testCase.column))
        #expect(error?.message.isEmpty == false)
        #expect(error?.message.contains("Error while parsing") == false)
    }

    @Test("finds a key by name")
    func finds() throws {
        guard case .table(let table) = try TOML.parse("a = 1\nb = 2").kind else {
            Issue.record("the root is not a table")
            return
        }
        #expect(table["b"]?.value.kind == .integer(2))
        #expect(table["c"] == nil)
    }
}
