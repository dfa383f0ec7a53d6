// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import LinuxIO

@Suite("The name of a file that is not yet in its place")
struct TemporaryNameTests {
    @Test("says which place that is, and is another one each time")
    func place() {
        let name = TemporaryName.beside("eig-acme.conf")
        #expect(TemporaryName.place(of: name) == "eig-acme.conf")
        #expect(TemporaryName.beside("eig-acme.conf") != name)
    }

    @Test(
        "is told from the names of others",
        arguments: [
            "eig.conf", "eig.conf.tmp", ".0123456789ab.tmp", "eig.conf.0123456789AB.tmp", "eig.conf.0123456789a.tmp",
            "eig.conf-0123456789ab.tmp", "eig.conf.0123456789ab.tmp~", "eig.conf.0123456789äb.tmp", "",
        ]
    )
    func others(name: String) { #expect(TemporaryName.place(of: name) == nil) }
}
