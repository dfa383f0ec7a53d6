// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Testing
import eigctl

@Suite("eigctl credential")
struct CredentialTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    /// The hash behind `USER:`, as one line.
    func hash(_ ran: Ran) throws -> String {
        #expect(ran.status == .ok, "\(ran.error)")
        #expect(ran.output.hasPrefix("payfast:$6$") && ran.output.hasSuffix("\n"))
        return String(ran.output.dropFirst("payfast:".count).dropLast())
    }

    @Test("hashes what a terrapay partner sends: the SHA-256 of its password, in hex")
    func terrapay() throws {
        let hash = try hash(bench.run("credential", "payfast", secrets: ["abc\n"]))
        // FIPS 180-4's own example.
        let sent = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(PasswordHash.verify(Array(sent.utf8), against: hash))
        #expect(!PasswordHash.verify(Array("abc".utf8), against: hash))
    }

    @Test("hashes the password itself for basic")
    func basic() throws {
        let hash = try hash(bench.run("credential", "payfast", "--scheme", "basic", secrets: ["pass word\r\n"]))
        #expect(PasswordHash.verify(Array("pass word".utf8), against: hash))
    }

    @Test("asks a typist twice")
    func twice() throws {
        let hash = try hash(bench.run("credential", "payfast", "--scheme=basic", secrets: ["abc", "abc"]))
        #expect(PasswordHash.verify(Array("abc".utf8), against: hash))
        let differing = bench.run("credential", "payfast", secrets: ["abc", "abd"])
        #expect(differing.status == .error)
        #expect(differing.output.isEmpty)
        #expect(differing.error.contains("the two passwords differ"))
    }

    @Test(
        "takes no password that is none",
        arguments: ["", "\n", "a\nb\n", "a\u{0}b", String(repeating: "x", count: 600)]
    )
    func refuses(_ password: String) {
        let ran = bench.run("credential", "payfast", "--scheme=basic", secrets: [password])
        #expect(ran.status == .error)
        #expect(ran.output.isEmpty)
        #expect(!ran.error.contains("x"), "a password in an error message")
    }

    @Test("says the same in JSON")
    func json() throws {
        let document = try bench.run("credential", "payfast", "--json", secrets: ["abc"]).document(
            CredentialDocument.self
        )
        #expect(document.scheme == "terrapay")
        #expect(document.line.hasPrefix("payfast:$6$"))
    }
}
