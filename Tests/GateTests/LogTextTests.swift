// SPDX-License-Identifier: Apache-2.0
import Base
import Testing

@testable import Gate

@Suite("A line of the gate's log")
struct LogTextTests {
    @Test("is one line of JSON whatever a peer wrote, without what has no value")
    func line() {
        let now = WallInstant(seconds: 1_795_000_000)
        let line = LogText.line("refusal", ["person": "", "detail": "a\"b\\c\nd\u{1b}[0mé"], at: now)
        #expect(
            line == "{\"time\":\"\(now.rfc3339)\",\"event\":\"refusal\",\"detail\":\"a\\\"b\\\\c\\u000ad\\u001b[0mé\"}"
        )
    }
}
