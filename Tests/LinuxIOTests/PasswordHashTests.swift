// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Testing

@Suite("A password hash")
struct PasswordHashTests {
    /// From the specification of sha512-crypt ("Unix crypt using SHA-256 and SHA-512", test vectors).
    static let vector =
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"

    @Test("agrees with the published vector")
    func agreesWithVector() {
        #expect(PasswordHash.verify(Array("Hello world!".utf8), against: Self.vector))
        #expect(!PasswordHash.verify(Array("Hello world".utf8), against: Self.vector))
    }

    @Test("made here verifies here, with a salt of its own")
    func made() throws {
        let password = Array("correct horse".utf8)
        let first = try PasswordHash.make(password)
        let second = try PasswordHash.make(password)
        #expect(first.hasPrefix("$6$"))
        #expect(first != second)
        #expect(PasswordHash.verify(password, against: first))
        #expect(!PasswordHash.verify(Array("correct house".utf8), against: first))
    }

    @Test("is not made of what crypt(3) would cut or ignore")
    func refusesPasswords() {
        #expect(throws: PasswordHashError.empty) { try PasswordHash.make([]) }
        #expect(throws: PasswordHashError.containsNUL) { try PasswordHash.make([0x61, 0, 0x62]) }
        #expect(throws: PasswordHashError.tooLong(limitBytes: 511)) {
            try PasswordHash.make([UInt8](repeating: 0x61, count: 512))
        }
    }

    static let malformed = [
        "", "secret", "*", "!", "$1$salt$qJH7.N4xYta3aEG/dfqo/0", "ab01FAX.bQRSU", "$6$saltstring$short",
        "$6$saltstring", vector + "x", vector + "\n", " " + vector, "$9$" + vector.dropFirst(3),
    ]

    @Test("that is weak, cut or not a hash matches nothing", arguments: malformed)
    func refusesHashes(_ hash: String) {
        #expect(!PasswordHash.isWellFormed(hash))
        #expect(!PasswordHash.verify(Array("Hello world!".utf8), against: hash))
    }

    @Test("of the other strong schemes is accepted in shape")
    func otherSchemes() {
        let yescrypt = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"
        #expect(PasswordHash.isWellFormed(yescrypt))
        #expect(PasswordHash.isWellFormed("$2b$05$" + String(repeating: "a", count: 53)))
    }
}
