// SPDX-License-Identifier: Apache-2.0
import IPsecConfig
import LinuxIO
import TestKit
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

    @Test("of their version is asked once, and again when the program is another")
    func version() throws {
        let folder = try TemporaryFolder()
        var paths = LibreswanPaths()
        paths.programs = folder.path
        let tools = Toolbox(paths)
        func install(_ words: String) throws {
            let script = "#!/bin/sh\necho asked >>\(folder.path)/asked\necho '\(words)'\n"
            try FileStore.replace("\(folder.path)/pluto", with: Array(script.utf8).span, mode: 0o755)
        }
        func askedCount() throws -> Int {
            try FileStore.read("\(folder.path)/asked").count { $0 == UInt8(ascii: "\n") }
        }
        #expect(throws: ToolFailure.self) { try tools.installedVersion() }
        try install("Libreswan 4.10 IKEv2")
        for _ in 1...3 { #expect(try tools.installedVersion() == LibreswanVersion(4, 10)) }
        #expect(try askedCount() == 1)
        try install("Libreswan 5.2 IKEv2 and more")
        for _ in 1...3 { #expect(try tools.installedVersion() == LibreswanVersion(5, 2)) }
        #expect(try askedCount() == 2)
        // What is no answer is asked again, and so is a program that went and came.
        try install("nothing of the sort")
        for _ in 1...2 { #expect(throws: ToolFailure.self) { try tools.installedVersion() } }
        #expect(try askedCount() == 4)
        try FileStore.remove("\(folder.path)/pluto")
        #expect(throws: ToolFailure.self) { try tools.installedVersion() }
    }
}
