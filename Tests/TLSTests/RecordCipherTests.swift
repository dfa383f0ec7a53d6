// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import TLS
import TestKit
import Testing

/// The ciphers that sessions use, beside the default provider's.
@Suite("Records are encrypted")
struct RecordCipherTests {
    static let ciphers = ["AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305"]

    /// What became of a message, with the tag behind it; nothing where the library refuses.
    static func encrypt(
        _ message: [UInt8],
        _ name: String,
        nonceByteCount: Int,
        _ library: OpaquePointer?
    ) -> [UInt8]? {
        defer { ERR_clear_error() }
        let cipher = unsafe Minted.require(EVP_CIPHER_fetch(library, name, nil))
        let context = unsafe Minted.require(EVP_CIPHER_CTX_new())
        defer {
            unsafe EVP_CIPHER_CTX_free(context)
            unsafe EVP_CIPHER_free(cipher)
        }
        let key = (0..<32).map { UInt8($0) }
        let nonce = (0..<UInt8(nonceByteCount)).map { $0 ^ 0x5a }
        let setLength = CInt(EVP_CTRL_AEAD_SET_IVLEN)
        guard unsafe EVP_EncryptInit_ex2(context, cipher, nil, nil, nil) == 1,
            unsafe EVP_CIPHER_CTX_ctrl(context, setLength, CInt(nonceByteCount), nil) == 1,
            unsafe EVP_CIPHER_CTX_get_iv_length(context) == nonceByteCount,
            unsafe EVP_EncryptInit_ex2(context, nil, key, nonce, nil) == 1
        else { return nil }
        var output = [UInt8](repeating: 0, count: message.count + 16)
        var count: CInt = 0
        var tag = [UInt8](repeating: 0, count: 16)
        let header: [UInt8] = [23, 3, 3, 0, UInt8(message.count)]
        guard unsafe EVP_EncryptUpdate(context, nil, &count, header, CInt(header.count)) == 1,
            unsafe EVP_EncryptUpdate(context, &output, &count, message, CInt(message.count)) == 1,
            unsafe EVP_EncryptFinal_ex(context, &tag, &count) == 1,
            unsafe EVP_CIPHER_CTX_ctrl(context, CInt(EVP_CTRL_AEAD_GET_TAG), 16, &tag) == 1
        else { return nil }
        return output.dropLast(16) + tag
    }

    @Test("as the library does it", arguments: ciphers)
    func agrees(cipher: String) {
        for byteCount in [0, 1, 15, 16, 17, 200] {
            let message = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let ours = unsafe Self.encrypt(message, cipher, nonceByteCount: 12, eig_library())
            #expect(ours != nil)
            #expect(unsafe ours == Self.encrypt(message, cipher, nonceByteCount: 12, nil))
        }
    }

    @Test("with nonces of 12 bytes and no others", arguments: ["AES-128-GCM", "AES-256-GCM"], [8, 11, 13, 16])
    func otherNonces(cipher: String, byteCount: Int) {
        #expect(unsafe Self.encrypt([1], cipher, nonceByteCount: byteCount, nil) != nil)
        #expect(unsafe Self.encrypt([1], cipher, nonceByteCount: byteCount, eig_library()) == nil)
    }
}
