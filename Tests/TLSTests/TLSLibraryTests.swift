// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Foundation
import TLS
import TestKit
import Testing

private func take(_ byteCount: Int) -> UnsafeMutableRawPointer? { unsafe CRYPTO_malloc(byteCount, nil, 0) }

private func giveBack(_ block: UnsafeMutableRawPointer?) { unsafe CRYPTO_free(block, nil, 0) }

@Suite("The library that sessions use")
struct TLSLibraryTests {
    @Test("is the slim one with the OpenSSL it was tried with")
    func slim() {
        let isTried = OPENSSL_version_major() == 3 && OPENSSL_version_minor() == 0
        #expect(TLSLibrary.note == (isTried ? nil : "not tried with this OpenSSL"))
    }

    /// In a process of its own, as it must be the first call of the library.
    @Test("gives the blocks of two records out again, the last one first, to the thread they came from")
    func recordBlocks() async throws {
        try await #require(processExitsWith: .success) {
            TLSLibrary.keepRecordBlocks()
            let blocks = unsafe (take(16_500), take(16_500), take(16_500))
            // Between them and the heap's end, so that freed blocks stay where they were.
            let wall = unsafe take(16_500)
            unsafe giveBack(blocks.0)
            unsafe giveBack(blocks.1)
            unsafe giveBack(blocks.2)
            let other = Thread { unsafe giveBack(take(16_500)) }
            other.start()
            while !other.isFinished { usleep(1000) }
            let small = unsafe take(1000)
            let larger = unsafe take(20_000)
            let (second, first) = unsafe (take(16_500), take(16_400))
            let isRight =
                unsafe second == blocks.1 && first == blocks.0 && larger != blocks.1 && small != blocks.1
                && take(0) == nil
            unsafe giveBack(wall)
            var wire = try World.wire()
            try wire.shake()
            exit(isRight && wire.server.session.isEstablished ? EXIT_SUCCESS : EXIT_FAILURE)
        }
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
