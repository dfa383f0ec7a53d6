// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Libreswan

@Suite("What Libreswan's programs say")
struct ToolboxTests {
    @Test("of the file is heard; that a host has no resolver is no fault of the file")
    func remarks() {
        let noResolver = "addconn: error reading /etc/resolv.conf: error reading file: [errno: No such file]\n"
        #expect(Toolbox.remarks("").isEmpty)
        #expect(Toolbox.remarks(noResolver).isEmpty)
        #expect(Toolbox.remarks(noResolver + "bad subnet: rightsubnet=1\n") == ["bad subnet: rightsubnet=1"])
        #expect(Toolbox.remarks("error reading /etc/ipsec.conf: x").count == 1)
    }
}
