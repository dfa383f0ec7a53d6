// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import TLS
import TestKit
import Testing

/// The public keys that sessions read, beside the default provider's.
@Suite("A public key is read")
struct PublicKeyTests {
    /// What a library made of a SubjectPublicKeyInfo.
    struct Reading: Hashable {
        var encoded: [UInt8]
        var unreadCount: Int
    }

    static func read(_ der: [UInt8], _ library: OpaquePointer?) -> Reading? {
        defer { ERR_clear_error() }
        return unsafe der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            guard let key = unsafe d2i_PUBKEY_ex(nil, &cursor, buffer.count, library, nil) else { return nil }
            defer { unsafe EVP_PKEY_free(key) }
            let read = unsafe cursor.flatMap { cursor in unsafe buffer.baseAddress.map { unsafe cursor - $0 } } ?? 0
            return unsafe Reading(encoded: point(key), unreadCount: buffer.count - read)
        }
    }

    /// The key as it stands in a TLS key share, and the name of its curve.
    private static func point(_ key: OpaquePointer) -> [UInt8] {
        var point: UnsafeMutablePointer<UInt8>?
        let count = unsafe EVP_PKEY_get1_encoded_public_key(key, &point)
        defer { unsafe CRYPTO_free(point, #file, 0) }
        var name = [CChar](repeating: 0, count: 64)
        var nameCount = 0
        _ = unsafe EVP_PKEY_get_group_name(key, &name, name.count, &nameCount)
        return unsafe Array(UnsafeBufferPointer(start: point, count: count)) + name.map { UInt8(bitPattern: $0) }
    }

    /// A fresh key's SubjectPublicKeyInfo.
    static func make(_ curve: String, form: String = "uncompressed", explicitCurve: Bool = false) -> [UInt8] {
        let context = unsafe Minted.require(EVP_PKEY_CTX_new_from_name(nil, "EC", nil))
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        unsafe Minted.require(EVP_PKEY_keygen_init(context) == 1)
        unsafe Minted.require(EVP_PKEY_CTX_set_group_name(context, curve) == 1)
        unsafe Minted.require(EVP_PKEY_generate(context, &key) == 1)
        defer { unsafe EVP_PKEY_free(key) }
        _ = unsafe EVP_PKEY_set_utf8_string_param(key, "point-format", form)
        if explicitCurve { _ = unsafe EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit") }
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_PUBKEY(key, &bytes)
        defer { unsafe CRYPTO_free(bytes, #file, 0) }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    static func expectSame(_ der: [UInt8], _ comment: Comment? = nil) {
        // The second time it may come from what was kept.
        for _ in 0..<2 {
            #expect(unsafe read(der, eig_library()) == read(der, nil), comment)
        }
    }

    @Test("as the library reads it, the first time and the next", arguments: ["P-256", "P-384", "P-521", "secp224r1"])
    func curves(curve: String) {
        for form in ["uncompressed", "compressed"] {
            let der = Self.make(curve, form: form)
            Self.expectSame(der)
            #expect(unsafe Self.read(der, eig_library()) != nil)
        }
        Self.expectSame(Self.make(curve, explicitCurve: true), "a curve by its numbers")
        let another = Self.make("SM2")
        // A key of another kind under the same algorithm, which TLS has no use for here.
        #expect(unsafe Self.read(another, eig_library()) == nil)
    }

    @Test("each for itself, however many there are and however alike their ends")
    func many() {
        // More than are kept.
        let keys = (0..<600).map { _ in Self.make("P-256") }
        for der in keys + keys.reversed() { Self.expectSame(der) }
    }

    @Test("up to its end and not beyond")
    func trailing() {
        let der = Self.make("P-256")
        for extra in [[0], [0x30], [0x30, 0x59], Array(der.prefix(40))] as [[UInt8]] {
            Self.expectSame(der + extra, "\(extra.count) bytes behind it")
        }
    }

    @Test("or refused as the library refuses it, with any byte changed or missing")
    func damaged() {
        let der = Self.make("P-256")
        for position in der.indices {
            var changed = der
            changed[position] ^= 1 << (position % 8)
            Self.expectSame(changed, "byte \(position)")
        }
        for count in der.indices { Self.expectSame(Array(der.prefix(count)), "\(count) bytes") }
        #expect(unsafe Self.read(der, eig_library()) != nil)
    }

    @Test("by many threads at once, none of which gets another's")
    func concurrently() async {
        let keys = (0..<8).map { _ in Self.make("P-256") }
        let wanted = keys.map { unsafe Self.read($0, nil) }
        let isRight = await withTaskGroup(of: Bool.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    (0..<200).allSatisfy { turn in
                        let index = (worker + turn) % keys.count
                        return unsafe Self.read(keys[index], eig_library()) == wanted[index]
                    }
                }
            }
            return await group.allSatisfy { $0 }
        }
        #expect(isRight)
    }
}
