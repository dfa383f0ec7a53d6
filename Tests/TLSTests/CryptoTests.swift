// SPDX-License-Identifier: Apache-2.0
import Base
import TLS
import TestKit
import Testing

@Suite("Digests and signatures")
struct CryptoTests {
    static func hex(_ text: String) throws -> [UInt8] { try #require(Hex.decode(text)) }

    @Test(
        "SHA-256 (FIPS 180-4 examples)",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ]
    )
    func sha256(message: String, digest: String) {
        #expect(Hex.encode(Digest.sha256(Array(message.utf8))) == digest)
    }

    struct MACCase: Sendable {
        let key: String
        let message: String
        let code: String
    }

    @Test(
        "HMAC-SHA-256 (RFC 4231)",
        arguments: [
            MACCase(
                key: String(repeating: "0b", count: 20),
                message: "4869205468657265",
                code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            MACCase(
                key: "4a656665",
                message: "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
                code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            MACCase(
                key: String(repeating: "aa", count: 20),
                message: String(repeating: "dd", count: 50),
                code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
            ),
            MACCase(
                key: "0102030405060708090a0b0c0d0e0f10111213141516171819",
                message: String(repeating: "cd", count: 50),
                code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
            ),
            MACCase(
                key: String(repeating: "aa", count: 131),
                message: "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a"
                    + "65204b6579202d2048617368204b6579204669727374",
                code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            // Not in the RFC: a key of no bytes and a message of none.
            MACCase(key: "", message: "", code: "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
        ]
    )
    func hmac(_ testCase: MACCase) throws {
        let code = HMAC.sha256(key: try Self.hex(testCase.key), message: try Self.hex(testCase.message))
        #expect(Hex.encode(code) == testCase.code)
    }

    struct SignatureCase: Sendable {
        let seed: String
        let publicKey: String
        let message: String
        let signature: String
    }

    @Test(
        "Ed25519 (RFC 8032 §7.1)",
        arguments: [
            SignatureCase(
                seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                message: "",
                signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                    + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
            ),
            SignatureCase(
                seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                message: "72",
                signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                    + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
            ),
            SignatureCase(
                seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                message: "af82",
                signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                    + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
            ),
        ]
    )
    func ed25519(_ testCase: SignatureCase) throws {
        let key = try #require(Ed25519.PrivateKey(seed: try Self.hex(testCase.seed)))
        let message = try Self.hex(testCase.message)
        let signature = try Self.hex(testCase.signature)
        #expect(Hex.encode(key.publicKey.bytes) == testCase.publicKey)
        #expect(key.sign(message) == signature)
        let published = try #require(Ed25519.PublicKey(try Self.hex(testCase.publicKey)))
        #expect(published.isValid(signature: signature, for: message))
        #expect(!published.isValid(signature: signature, for: message + [0]))
        var changed = signature
        changed[10] ^= 1
        #expect(!published.isValid(signature: changed, for: message))
        #expect(!published.isValid(signature: [], for: message))
        #expect(!published.isValid(signature: Array(signature.dropLast()), for: message))
    }

    @Test("Ed25519 keys have 32 bytes")
    func keyLengths() {
        #expect(Ed25519.PrivateKey(seed: [UInt8](repeating: 1, count: 31)) == nil)
        #expect(Ed25519.PublicKey([UInt8](repeating: 1, count: 33)) == nil)
    }

    @Test("secrets are equal when all of them is")
    func equality() {
        #expect(constantTimeEquals([], []))
        #expect(constantTimeEquals([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEquals([1, 2, 3], [0, 2, 3]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2]))
    }

    @Test("an Ed25519 key is read from PEM, and its public part written as others write it")
    func ed25519PEM() throws {
        // RFC 8410 §10.1 and §10.3.
        let privateText = """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
            -----END PRIVATE KEY-----

            """
        let publicText = """
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
            -----END PUBLIC KEY-----

            """
        let key = try Ed25519.PrivateKey(pem: Array(privateText.utf8))
        #expect(String(decoding: key.publicKey.pem, as: UTF8.self) == publicText)
        #expect(
            try Ed25519.PublicKey.all(pem: Array((publicText + publicText).utf8)) == [key.publicKey, key.publicKey]
        )
        #expect(throws: PEMError.keyOfAnotherKind(wanted: "Ed25519")) {
            try Ed25519.PrivateKey(pem: World.payfast.keyPEM)
        }
        #expect(throws: PEMError.unexpectedBlock(label: "PRIVATE KEY", line: 1)) {
            try Ed25519.PublicKey.all(pem: Array(privateText.utf8))
        }
        #expect(throws: PEMError.noBlock(wanted: "PUBLIC KEY")) { try Ed25519.PublicKey.all(pem: []) }
    }
}
