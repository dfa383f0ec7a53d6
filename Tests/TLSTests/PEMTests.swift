// SPDX-License-Identifier: Apache-2.0
import Base
import TLS
import TestKit
import Testing

@Suite("A PEM file")
struct PEMTests {
    static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    static func certificatesError(_ text: [UInt8]) -> PEMError? {
        do throws(PEMError) {
            _ = try PEM.certificates(text)
            return nil
        } catch { return error }
    }

    static func keyError(_ text: [UInt8]) -> PEMError? {
        do throws(PEMError) {
            try PEM.requireKey(text, matches: World.edge.chainPEM)
            return nil
        } catch { return error }
    }

    @Test("of certificates is read in order, with text and blank lines before each")
    func reads() throws {
        let explained =
            Self.text("subject=A\r\n\r\n") + World.edge.certificatePEM + Self.text("\n# its CA\n")
            + World.edgeCA.certificatePEM + Self.text("\n\n  \n")
        let facts = try PEM.certificates(explained)
        #expect(facts.map(\.subject) == ["CN=edge.example,O=Tests", "CN=Edge CA,O=Tests"])
        #expect(facts.map(\.der) == [World.edge.der, World.edgeCA.der])
        #expect(facts.allSatisfy { $0.anchorSHA256 == nil })
        let carriageReturns = World.edge.certificatePEM.flatMap { $0 == 0x0a ? [0x0d, 0x0a] as [UInt8] : [$0] }
        #expect(try PEM.certificates(carriageReturns).count == 1)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let text: [UInt8]
        let want: PEMError
        var testDescription: String { name }
    }

    static let edgeText = String(decoding: World.edge.certificatePEM, as: UTF8.self)
    static let keyText = String(decoding: World.edge.keyPEM, as: UTF8.self)

    static let certificateCases: [Case] = [
        Case(name: "empty", text: [], want: .noBlock(wanted: "CERTIFICATE")),
        Case(name: "DER", text: World.edge.der, want: .noBlock(wanted: "CERTIFICATE")),
        Case(name: "prose", text: text("hello\n"), want: .noBlock(wanted: "CERTIFICATE")),
        Case(
            name: "cut",
            text: Array(World.edge.certificatePEM.dropLast(30)),
            want: .unfinishedBlock(label: "CERTIFICATE", line: 1)
        ),
        Case(
            name: "cut between two",
            text: World.edge.certificatePEM.dropLast(26) + World.edgeCA.certificatePEM,
            want: .unfinishedBlock(label: "CERTIFICATE", line: 1)
        ),
        Case(
            name: "other END",
            text: text(edgeText.replacing("END CERTIFICATE", with: "END X509 CRL")),
            want: .unfinishedBlock(label: "CERTIFICATE", line: 1)
        ),
        Case(
            name: "not base 64",
            text: text("\n-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"),
            want: .notBase64(line: 2)
        ),
        Case(
            name: "empty block",
            text: text("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
            want: .notBase64(line: 1)
        ),
        Case(
            name: "no certificate inside",
            text: Minted.pem("CERTIFICATE", [0x30, 0x03, 1, 2, 3]),
            want: .unreadableCertificate(line: 1)
        ),
        Case(
            name: "bytes behind the certificate",
            text: Minted.pem("CERTIFICATE", World.edge.der + [0]),
            want: .trailingBytes(line: 1)
        ),
        Case(
            name: "text behind the last block",
            text: World.edge.certificatePEM + text("\nand more\n"),
            want: .trailingText(line: World.edge.certificatePEM.count { $0 == 0x0a } + 2)
        ),
        Case(
            name: "a key among certificates",
            text: World.edge.keyPEM,
            want: .unexpectedBlock(label: "PRIVATE KEY", line: 1)
        ),
    ]

    @Test("of certificates names its problem", arguments: certificateCases)
    func certificateErrors(_ testCase: Case) { #expect(Self.certificatesError(testCase.text) == testCase.want) }

    static let keyCases: [Case] = [
        Case(name: "empty", text: [], want: .noBlock(wanted: "PRIVATE KEY")),
        Case(name: "of another certificate", text: World.payfast.keyPEM, want: .keyOfAnotherCertificate),
        Case(
            name: "encrypted, PKCS #8",
            text: Minted.pem("ENCRYPTED PRIVATE KEY", World.edge.keyDER),
            want: .encryptedKey(line: 1)
        ),
        Case(
            name: "encrypted, the old way",
            text: text(
                "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n"
                    + "-----END EC PRIVATE KEY-----\n"
            ),
            want: .encryptedKey(line: 1)
        ),
        Case(name: "two keys", text: World.edge.keyPEM + World.edge.keyPEM, want: .severalKeys(line: 6)),
        Case(
            name: "a certificate",
            text: World.edge.certificatePEM,
            want: .unexpectedBlock(label: "CERTIFICATE", line: 1)
        ),
        Case(
            name: "bytes behind the key",
            text: Minted.pem("PRIVATE KEY", World.edge.keyDER + [0, 0]),
            want: .trailingBytes(line: 1)
        ),
        Case(name: "no key inside", text: Minted.pem("PRIVATE KEY", [0x30, 0]), want: .unreadableKey(line: 1)),
        Case(name: "text behind it", text: text(keyText + "x\n"), want: .trailingText(line: 6)),
    ]

    @Test("of a key names its problem", arguments: keyCases)
    func keyErrors(_ testCase: Case) { #expect(Self.keyError(testCase.text) == testCase.want) }

    @Test("of a key that belongs to the certificate is taken, curve parameters in front or not")
    func keys() {
        #expect(Self.keyError(World.edge.keyPEM) == nil)
        let parameters = Minted.pem("EC PARAMETERS", [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7])
        #expect(Self.keyError(parameters + World.edge.keyPEM) == nil)
    }

    @Test("has errors people can act on")
    func wording() {
        #expect(PEMError.noBlock(wanted: "CERTIFICATE").description == "no CERTIFICATE block in it")
        #expect(
            PEMError.encryptedKey(line: 3).description
                == "line 3: the private key is encrypted; store it without a passphrase"
        )
        #expect(TLSSetupError.key(.keyOfAnotherCertificate).description.hasPrefix("private key: "))
    }
}
