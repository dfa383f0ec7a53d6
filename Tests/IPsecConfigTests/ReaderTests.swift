// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Testing

/// Text that is not what we write, though Libreswan would take much of it.
@Suite("The reader of text for Libreswan")
struct ReaderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        /// A line of the good text, and what stands there instead.
        let line: String
        let instead: String
        let reason: ReadFailure.Reason
        var testDescription: String { instead }

        init(_ line: String, _ instead: String, _ reason: ReadFailure.Reason) {
            self.line = line
            self.instead = instead
            self.reason = reason
        }
    }

    static let good = "# Written by jumpd; what is changed here is overwritten."
    static let id = "    leftid=\"@gw.edge.example\""

    static let cases = [
        // Another keyword in a value's clothes.
        Case(id, "    leftid=\"@gw\"\n    leftupdown=\"/tmp/x\"", .twice("`leftupdown`")),
        Case(id, "    leftid=\"@gw\" leftupdown=/tmp/x", .syntax("a statement that is not KEYWORD=VALUE")),
        Case(id, "    leftid=\"@gw\"\n    vti-interface=\"x;id\"", .keyword("vti-interface")),
        Case(id, "    leftid=\"@gw\"\n    x-note=anything at all", .keyword("x-note")),
        Case(id, "    leftid=\"@gw\"\n    also=p_other_t1_s1", .keyword("also")),
        Case(id, "    leftid=\"@gw\"\n    LEFTUPDOWN=\"/tmp/x\"", .keyword("LEFTUPDOWN")),
        Case(id, "    leftid=\"@gw\"\n    phase2alg=\"null-md5\"", .keyword("phase2alg")),
        // Other forms of a value.
        Case(id, "    leftid=@gw.edge.example", .value(of: "leftid")),
        Case(id, "    leftid={@gw.edge.example}", .value(of: "leftid")),
        Case(id, "    leftid='@gw.edge.example'", .value(of: "leftid")),
        Case(id, "    leftid=\"@gw.edge.example\"x", .value(of: "leftid")),
        Case(id, "    leftid=\"@gw.edge.example", .value(of: "leftid")),
        Case(id, "    leftid=\"@gw.edge.example\"\"\"", .value(of: "leftid")),
        Case(id, "    leftid=\"\"", .value(of: "leftid")),
        Case(id, "    leftid=", .syntax("an `=` or a `conn` without its value")),
        Case(id, "    leftid", .syntax("a statement that is not KEYWORD=VALUE")),
        Case(id, "    leftid==\"@gw\"", .value(of: "leftid")),
        Case(id, "    =\"@gw\"", .syntax("a statement that is not KEYWORD=VALUE")),
        Case(id, "    \"leftid\"=\"@gw\"", .syntax("a quote where a keyword belongs")),
        // Identities Libreswan looks up, loses or takes for everybody.
        Case(id, "    leftid=4711", .value(of: "leftid")),
        Case(id, "    leftid=\"4711\"", .value(of: "leftid")),
        Case(id, "    leftid=\"%any\"", .value(of: "leftid")),
        Case(id, "    leftid=\"%fromcert\"", .value(of: "leftid")),
        Case(id, "    leftid=\"gw.edge.example\"", .value(of: "leftid")),
        Case(id, "    leftid=\"@@gw\"", .value(of: "leftid")),
        Case(id, "    leftid=\"@#0x4142\"", .value(of: "leftid")),
        Case(id, "    leftid=\"CN=gw + OU=x\"", .value(of: "leftid")),
        Case(id, "    leftid=\"CN=gw,,O=Edge\"", .value(of: "leftid")),
        Case(id, "    leftid=\"X=gw\"", .value(of: "leftid")),
        // Sections.
        Case(good, "conn %default\n    leftupdown=\"/tmp/x\"", .foreign("a connection of another name than ours")),
        Case(good, "conn \"p_acme_t1_s2\"", .foreign("a connection whose name is not one word")),
        Case(good, "conn 4711", .foreign("a connection whose name is not one word")),
        Case(good, "conn p_acme_t1_s1;id", .foreign("a connection of another name than ours")),
        Case(good, "conn p_acme_t1_s2 p_acme_t1_s3", .foreign("a connection whose name is not one word")),
        Case(good, "conn", .syntax("an `=` or a `conn` without its value")),
        Case(good, "config setup\n    logfile=\"/etc/shadow\"", .foreign("a `config setup` section")),
        Case(good, "include /etc/passwd", .foreign("an include")),
        Case(good, "include {/etc/passwd,/etc/shadow}", .foreign("an include")),
        Case(good, "version 2", .foreign("a version")),
        Case(good, "leftupdown=\"/tmp/x\"", .syntax("a line that begins no section")),
        Case(good, "    leftupdown=\"/tmp/x\"", .syntax("a statement outside a section")),
        Case(good, "#note", .missing("type")),
        // Values of the wrong kind.
        Case("    reqid=101", "    reqid=\"101\"", .value(of: "reqid")),
        Case("    reqid=101", "    reqid=0", .value(of: "reqid")),
        Case("    reqid=101", "    reqid=16384", .value(of: "reqid")),
        Case("    reqid=101", "    reqid=0101", .value(of: "reqid")),
        Case("    reqid=101", "    reqid=99999999999999999999", .value(of: "reqid")),
        Case("    reqid=101", "    reqid=%forever", .value(of: "reqid")),
        Case("    replay-window=256", "    replay-window=0", .value(of: "replay-window")),
        Case("    leftupdown=\"%disabled\"", "    leftupdown=\"\"", .value(of: "leftupdown")),
        Case("    leftupdown=\"%disabled\"", "# leftupdown=\"%disabled\"", .missing("leftupdown")),
        Case("    auto=\"ondemand\"", "    auto=\"start\"", .value(of: "auto")),
        Case("    auto=\"ondemand\"", "    auto=\"ondemand\"\n    auto=\"start\"", .twice("`auto`")),
        Case("    leftsubnet=\"10.20.0.0/24\"", "    leftsubnet=\"10.20.0.0/99\"", .value(of: "leftsubnet")),
        Case("    leftsubnet=\"10.20.0.0/24\"", "    leftsubnet=\"10.20.0.7/24\"", .value(of: "leftsubnet")),
        Case("    leftsubnet=\"10.20.0.0/24\"", "    leftsubnets=\"10.20.0.0/24\"", .missing("leftsubnet")),
        Case("    left=\"198.51.100.10\"", "    left=\"%defaultroute\"", .value(of: "left")),
        Case("    left=\"198.51.100.10\"", "    left=\"198.51.100.010\"", .value(of: "left")),
        Case("    right=\"203.0.113.7\"", "    right=\"%any\"", .value(of: "right")),
        Case("    ikev2=\"insist\"", "    ikev2=\"permit\"", .value(of: "ikev2")),
        Case("    ikev2=\"insist\"", "    keyexchange=\"ikev2\"", .keyword("dpdaction")),
        Case("    authby=\"secret\"", "    authby=\"secret|rsasig\"", .value(of: "authby")),
        Case("    authby=\"secret\"", "    authby=\"never\"", .value(of: "authby")),
        Case("    esp=\"aes_gcm256,aes256-sha2_512\"", "    esp=\"null-md5\"", .value(of: "esp")),
        Case("    esp=\"aes_gcm256,aes256-sha2_512\"", "    esp=\"aes256-\"", .value(of: "esp")),
        Case("    esp=\"aes_gcm256,aes256-sha2_512\"", "    esp=\"\"", .value(of: "esp")),
        Case("    salifetime=\"3600s\"", "    salifetime=\"1h\"", .value(of: "salifetime")),
        Case("    salifetime=\"3600s\"", "    salifetime=\"7200s\"\n    salifetime=\"3600s\"", .twice("`salifetime`")),
        // Bytes.
        Case(id, "    leftid=\"@gw.edge.example\"\r", .byte(13)),
        Case(id, "\tleftid=\"@gw.edge.example\"", .byte(9)),
        Case(id, "    leftid=\"@gw\u{0}.edge.example\"", .byte(0)),
        Case(id, "    leftid=\"@g\u{456}.edge.example\"", .byte(0xd1)),
        Case(id, "    leftid=\"@gw\u{2028}x\"", .byte(0xe2)),
    ]

    @Test("refuses what is never written, and says why", arguments: cases)
    func refused(testCase: Case) throws {
        let text = String(
            decoding: try ConfigurationEmitter(version: LibreswanVersion(4, 10)).text([.sample()]),
            as: UTF8.self
        )
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines.contains(testCase.line), "the case is not about the text")
        var changed = lines.map { $0 == testCase.line ? testCase.instead : $0 }
        if case .missing("type") = testCase.reason { changed.insert("conn p_acme_t2_s1", at: 1) }
        do throws(ReadFailure) {
            _ = try ConfigurationReader.read(Array(changed.joined(separator: "\n").utf8))
            Issue.record("was read")
        } catch { #expect(error.reason == testCase.reason) }
    }

    @Test("takes comments, blank lines and a last line without its end")
    func harmless() throws {
        let emitter = ConfigurationEmitter(version: LibreswanVersion(5, 2))
        var text = try emitter.text([.sample()])
        text.removeLast()
        text = Array("\n   \n# leftupdown=\"/tmp/x\"\n    # conn x\n#\n".utf8) + text
        #expect(try ConfigurationReader.read(text) == [.sample()])
        #expect(try ConfigurationReader.read([]) == [])
    }

    @Test("takes blanks and comments in lines, as Libreswan 4.10 was seen to")
    func blanks() throws {
        var text = String(
            decoding: try ConfigurationEmitter(version: LibreswanVersion(4, 10)).text([.sample()]),
            as: UTF8.self
        )
        for (line, instead) in [
            ("    leftid=\"@gw.edge.example\"", "  leftid = \"@gw.edge.example\"   # note"),
            ("    reqid=101", "          reqid  =  101 # x"), ("conn p_acme_t1_s1", "conn    p_acme_t1_s1  # c"),
            ("    pfs=\"yes\"", "    # pfs=\"no\"\n    pfs=\"yes\"\n\n   \n#x"),
        ] {
            #expect(text.contains(line))
            text = text.replacing(line, with: instead)
        }
        #expect(try ConfigurationReader.read(Array(text.utf8)) == [.sample()])
    }

    @Test("says the line")
    func line() throws {
        var text = try ConfigurationEmitter(version: LibreswanVersion(4, 10)).text([.sample()])
        text += Array("include x\n".utf8)
        let count = text.count { $0 == UInt8(ascii: "\n") }
        #expect(throws: ReadFailure(line: count, .foreign("an include"))) { try ConfigurationReader.read(text) }
    }
}
