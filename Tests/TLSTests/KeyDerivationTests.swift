// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import TLS
import TestKit
import Testing

/// The derivation of TLS 1.3 that sessions use, beside the default provider's.
@Suite("Secrets are derived")
struct KeyDerivationTests {
    /// What the library is asked for; nothing leaves a parameter out.
    struct Request: Sendable {
        var mode: CInt = EVP_KDF_HKDF_MODE_EXPAND_ONLY
        var digest: String? = "SHA2-256"
        var key: [UInt8]?
        var salt: [UInt8]?
        var prefix: [UInt8]? = Array("tls13 ".utf8)
        var label: [UInt8]? = Array("derived".utf8)
        var content: [UInt8]?
        var byteCount = 32
    }

    /// What `library` makes of it, or nothing where it refuses.
    static func derive(_ request: Request, _ library: OpaquePointer?) -> [UInt8]? {
        defer { ERR_clear_error() }
        let algorithm = unsafe Minted.require(EVP_KDF_fetch(library, "TLS13-KDF", nil))
        let context = unsafe Minted.require(EVP_KDF_CTX_new(algorithm))
        let builder = unsafe Minted.require(OSSL_PARAM_BLD_new())
        unsafe EVP_KDF_free(algorithm)
        let fields = [
            ("key", request.key), ("salt", request.salt), ("prefix", request.prefix), ("label", request.label),
            ("data", request.content), ("digest", request.digest.map { Array($0.utf8) }),
        ]
        // The builder keeps pointers to names and values.
        var copies = unsafe [UnsafeMutablePointer<CChar>]()
        func copy(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar> {
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
            for (index, byte) in bytes.enumerated() { unsafe copy[index] = CChar(bitPattern: byte) }
            unsafe copy[bytes.count] = 0
            unsafe copies.append(copy)
            return unsafe copy
        }
        unsafe OSSL_PARAM_BLD_push_int(builder, copy(Array("mode".utf8)), request.mode)
        for case (let name, let bytes?) in fields {
            let key = unsafe copy(Array(name.utf8))
            if name == "digest" {
                unsafe OSSL_PARAM_BLD_push_utf8_string(builder, key, copy(bytes), bytes.count)
            } else {
                unsafe OSSL_PARAM_BLD_push_octet_string(builder, key, copy(bytes), bytes.count)
            }
        }
        let parameters = unsafe OSSL_PARAM_BLD_to_param(builder)
        defer {
            while let last = unsafe copies.popLast() { unsafe last.deallocate() }
            unsafe OSSL_PARAM_free(parameters)
            unsafe OSSL_PARAM_BLD_free(builder)
            unsafe EVP_KDF_CTX_free(context)
        }
        var output = [UInt8](repeating: 0, count: request.byteCount)
        return unsafe EVP_KDF_derive(context, &output, output.count, parameters) == 1 ? output : nil
    }

    @Test("as RFC 8448 §3 shows")
    func known() {
        let library = unsafe eig_library()
        let early = unsafe Self.derive(Request(mode: EVP_KDF_HKDF_MODE_EXTRACT_ONLY), library)
        #expect(early.map(hex) == "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a")
        let shared = bytes("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d")
        let handshake = unsafe Self.derive(
            Request(mode: EVP_KDF_HKDF_MODE_EXTRACT_ONLY, key: shared, salt: early),
            library
        )
        #expect(handshake.map(hex) == "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac")
    }

    /// A request as TLS makes it or not quite: lengths around every bound, parameters missing.
    private static func request(_ random: inout SeededGenerator) -> Request {
        func some(_ counts: [Int], orNothing chance: Int) -> [UInt8]? {
            guard Int.random(in: 0..<chance, using: &random) > 0 else { return nil }
            let count = counts.randomElement(using: &random) ?? 0
            return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        var request = Request()
        let modes = [EVP_KDF_HKDF_MODE_EXPAND_ONLY, EVP_KDF_HKDF_MODE_EXTRACT_ONLY]
        request.mode = modes.randomElement(using: &random) ?? 0
        let digests = ["SHA2-256", "SHA2-256", "SHA2-384", "SHA2-384", "SHA256", "SHA2-512", "SHA1", "nonsense", nil]
        request.digest = digests.randomElement(using: &random) ?? nil
        request.key = some([0, 1, 31, 32, 48, 63, 64, 65, 128, 129, 1120], orNothing: 8)
        request.salt = some([0, 1, 32, 48, 64, 65, 128, 129], orNothing: 4)
        request.prefix = some([0, 6, 63, 64], orNothing: 12)
        request.label = some([0, 1, 2, 7, 12, 57, 58, 59, 200], orNothing: 12)
        request.content = some([0, 1, 32, 47, 48, 49, 64, 200], orNothing: 3)
        request.byteCount = [1, 12, 16, 20, 32, 33, 48, 49, 64, 96, 97, 255].randomElement(using: &random) ?? 32
        return request
    }

    @Test("as the default provider does, whatever is asked and whatever it refuses", arguments: UInt64(1)...40)
    func agrees(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var takenCount = 0
        for _ in 0..<100 {
            let request = Self.request(&random)
            let ours = unsafe Self.derive(request, eig_library())
            let theirs = unsafe Self.derive(request, nil)
            #expect(ours == theirs, "\(request)")
            if ours != nil { takenCount += 1 }
        }
        #expect(takenCount > 10)
    }

    @Test("in any mode there is")
    func modes() {
        for mode: CInt in -1...3 {
            let request = Request(mode: mode, key: [1, 2, 3])
            #expect(unsafe Self.derive(request, eig_library()) == Self.derive(request, nil), "\(mode)")
        }
    }

    private func bytes(_ hex: String) -> [UInt8] {
        var rest = Array(hex.utf8)[...]
        var all: [UInt8] = []
        while rest.count >= 2 {
            all.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return all
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
