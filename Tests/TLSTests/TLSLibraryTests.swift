// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Foundation
import TLS
import TestKit
import Testing

@Suite("The library that sessions use")
struct TLSLibraryTests {
    @Test("is the slim one with the OpenSSL it was tried with")
    func slim() {
        let isTried = OPENSSL_version_major() == 3 && OPENSSL_version_minor() == 0
        #expect(TLSLibrary.note == (isTried ? nil : "not tried with this OpenSSL"))
    }

    /// Runs a handshake in a process of its own, because a process makes its choice once.
    @Test("is the whole one where openssl.cnf names other providers, and works as well")
    func configured() async throws {
        try await #require(processExitsWith: .success) {
            let file = FileManager.default.temporaryDirectory.appending(path: "openssl-\(getpid()).cnf")
            let text = """
                openssl_conf = all
                [all]
                providers = list
                [list]
                default = on
                legacy = on
                [on]
                activate = 1
                """
            try Data(text.utf8).write(to: file)
            unsafe setenv("OPENSSL_CONF", file.path(), 1)
            var wire = try World.wire()
            try wire.shake()
            let note = TLSLibrary.note
            let isEstablished = wire.server.session.isEstablished
            try? FileManager.default.removeItem(at: file)
            exit(note == "openssl.cnf names providers of its own" && isEstablished ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }
}
