// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Gate

@Suite("The sessions a killed gate leaves")
struct SessionLedgerTests {
    @Test("are those that began and did not end, in their order")
    func leftovers() {
        let text = """
            +\ts-1\tanna\teig-01:22\t192.0.2.7:51234\t2026-11-22T10:00:00Z
            +\ts-2\tbert\ttxn-db:5432\t192.0.2.8:51234\t2026-11-22T10:00:01Z
            +\ts-3\tanna\teig-01:22\t192.0.2.7:51235\t2026-11-22T10:00:02Z
            -\ts-2

            """
        #expect(SessionLedger.leftovers(text).map(\.id) == ["s-1", "s-3"])
        let first = SessionLedger.leftovers(text).first
        #expect(first?.person == "anna" && first?.destination == "eig-01:22" && first?.source == "192.0.2.7:51234")
    }

    @Test("count nothing that a power cut has torn", arguments: ["+\ts-1\tanna", "garbage", "-\t", "\0\0\0", ""])
    func torn(_ tail: String) {
        let whole = "+\ts-1\tanna\teig-01:22\t192.0.2.7:51234\t2026-11-22T10:00:00Z\n"
        #expect(SessionLedger.leftovers(whole + tail).map(\.id) == ["s-1"])
    }
}
