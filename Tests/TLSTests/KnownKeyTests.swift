// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import TestKit
import Testing

@testable import TLS

@Suite("The key of a certificate")
struct KnownKeyTests {
    /// Signed with the very key that is decoded: no other key verifies it.
    private static let authorities = (0..<150).map { Minted.make(.authority("Authority \($0)")) }

    @Test("is its own, whichever were decoded before and however often")
    func own() throws {
        // Each is met for the first time, at once again, and after all others.
        for turn in 0..<3 {
            for authority in turn == 1 ? Self.authorities.reversed() : Self.authorities {
                let certificate = unsafe authority.der.withUnsafeBufferPointer { der in
                    var cursor = der.baseAddress
                    var fresh = unsafe X509_new_ex(TLSLibrary.context, nil)
                    return unsafe d2i_X509(&fresh, &cursor, der.count)
                }
                defer { unsafe X509_free(certificate) }
                #expect(unsafe X509_verify(certificate, X509_get0_pubkey(certificate)) == 1)
            }
        }
    }
}
