// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite("The table of standards")
struct StandardsTests {
    @Test("names only files there are")
    func files() throws {
        for (index, line) in try Tree.file("docs/RFCs.md").lines.enumerated() {
            for match in line.matches(of: /`([A-Za-z0-9\/+-]+\.swift)`/) {
                let isThere = Tree.sources.contains { $0.path == match.1 || $0.path == "Sources/\(match.1)" }
                #expect(isThere, "docs/RFCs.md:\(index + 1): \(match.1)")
            }
        }
    }
}
