// SPDX-License-Identifier: Apache-2.0
import Partners
import Testing

@Suite("Damaged files")
struct HostileTextTests {
    /// Replaces, removes, doubles and swaps pieces of a good file.
    static func damaged(_ text: String, seed: UInt64) -> String {
        var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        func next(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        let pieces = [
            "\"", "[", "]", "=", "\n", "0", "-", "{", "}", "'''", "\u{0}", "\u{202e}", "é", "9999999999999999999",
        ]
        var characters = Array(text)
        for _ in 0...next(4) {
            let start = next(characters.count)
            let end = min(start + next(12), characters.count)
            switch next(4) {
            case 0: characters.replaceSubrange(start..<end, with: Array(pieces[next(pieces.count)]))
            case 1: characters.removeSubrange(start..<end)
            case 2: characters.insert(contentsOf: characters[start..<end], at: end)
            default: characters.swapAt(start, next(characters.count))
            }
        }
        return String(characters)
    }

    @Test("give a partner or errors with places in the file, never a crash", arguments: UInt64(1)...600)
    func partner(seed: UInt64) throws {
        let text = try Self.damaged(Examples.text("partners.d/payfast.toml.example"), seed: seed)
        let outcome = PartnerFile.parse(text, fileName: "payfast.toml")
        #expect((outcome.partner == nil) == outcome.diagnostics.hasErrors)
        let lineCount = text.components(separatedBy: "\n").count
        for found in outcome.diagnostics {
            #expect((1...lineCount + 1).contains(found.line) && found.column >= 1)
        }
        #expect(outcome.diagnostics == outcome.diagnostics.sorted())
    }

    @Test("of the gateway likewise", arguments: UInt64(1)...300)
    func gateway(seed: UInt64) throws {
        let outcome = try GatewayFile.parse(Self.damaged(Examples.text("eigd.toml"), seed: seed))
        #expect((outcome.file == nil) == outcome.diagnostics.hasErrors)
    }

    @Test("of the host and its gate likewise", arguments: UInt64(1)...300)
    func host(seed: UInt64) throws {
        let outcome = try HostFile.parse(Self.damaged(Examples.gateText(), seed: seed))
        #expect((outcome.file == nil) == outcome.diagnostics.hasErrors)
    }
}
