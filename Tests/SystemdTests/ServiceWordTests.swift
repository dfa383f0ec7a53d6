// SPDX-License-Identifier: Apache-2.0
import Base
import Systemd
import Testing

@Suite("A word to the service manager")
struct ServiceWordTests {
    @Test("is written as sd_notify(3) wants it")
    func lines() {
        #expect(ServiceWord.ready.line == "READY=1")
        #expect(ServiceWord.stopping.line == "STOPPING=1")
        #expect(ServiceWord.watchdog.line == "WATCHDOG=1")
        #expect(ServiceWord.extendTimeout(.milliseconds(1500)).line == "EXTEND_TIMEOUT_USEC=1500000")
        #expect(ServiceWord.extendTimeout(.seconds(-1)).line == "EXTEND_TIMEOUT_USEC=0")
        let instant = MonotonicInstant(nanoseconds: 12_345_678)
        #expect(ServiceWord.reloading(at: instant).line == "RELOADING=1\nMONOTONIC_USEC=12345")
    }

    @Test("never becomes two, whatever a status says")
    func newlines() {
        #expect(ServiceWord.status("a\nREADY=1\r\n\tb\u{7f}").line == "STATUS=a READY=1   b ")
    }

    @Test("stays short enough to be taken, and whole characters are cut")
    func length() {
        let line = ServiceWord.status(String(repeating: "ä", count: 2000)).line
        #expect(line.utf8.count <= 1024 + "STATUS=".utf8.count)
        #expect(line.hasSuffix("ä…"))
    }
}
