// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

extension ConfigurationEmitter {
    /// Whether this version needs ``catchAllText(key:)`` beside the secrets of tunnels (CVE-2024-2357).
    package var needsCatchAllSecret: Bool { AdvisoryRule.missingSecret.affects(version) }

    /// ipsec.secrets(5) text: one record a pair of identities, the key in hex. The file must be 0600.
    ///
    /// Tunnels with the same two identities and the same key share a record.
    ///
    /// - Throws: ``EmissionFailure``, also for two keys of one pair: Libreswan would take either.
    package func secretsText(_ secrets: [SharedSecret]) throws(EmissionFailure) -> [UInt8] {
        let records = try Self.records(secrets)
        var lines = ["# Written by jumpd; what is changed here is overwritten."]
        for record in records { lines.append(record.text) }
        let text = Array(lines.map { $0 + "\n" }.joined().utf8)
        let readBack: [SecretRecord]
        do throws(ReadFailure) { readBack = try SecretsReader.read(text) } catch {
            throw .readBack(error.description)
        }
        guard readBack == records else { throw .readBack("a secret differs") }
        return text
    }

    /// Whether each pair of identities has one key, in whichever files they are written.
    ///
    /// - Throws: ``EmissionFailure``, as ``secretsText(_:)`` would with all of them in one file.
    package func checkSecrets(_ secrets: [SharedSecret]) throws(EmissionFailure) {
        _ = try Self.records(secrets)
    }

    /// A record that answers for every pair of identities that has none, with a key nobody knows: without it a missing
    /// secret crashes pluto (CVE-2024-2357). For a file of its own, 0600.
    ///
    /// - Parameter key: 32 random bytes, drawn by the caller and thrown away.
    package func catchAllText(key: [UInt8]) -> [UInt8] {
        invariant(key.count == 32, "the key of nobody must be 32 random bytes")
        let text = """
            # Written by jumpd: a random secret for whoever has none (CVE-2024-2357).
            : PSK 0x\(Hex.encode(key))

            """
        return Array(text.utf8)
    }

    private static func records(_ secrets: [SharedSecret]) throws(EmissionFailure) -> [SecretRecord] {
        var records: [SecretRecord] = []
        var keys: [Set<IKEIdentity>: [UInt8]] = [:]
        for secret in secrets {
            for end in [secret.local, secret.remote] {
                if case .distinguishedName = end {
                    throw .secret(of: secret.tunnel, why: "is for a name of a certificate")
                }
                guard Alphabet.isIdentity(end) else {
                    throw .secret(of: secret.tunnel, why: "is for an identity we do not write")
                }
            }
            guard (1...512).contains(secret.key.count) else {
                throw .secret(of: secret.tunnel, why: "has \(secret.key.count) bytes, not 1 to 512")
            }
            let record = SecretRecord(local: secret.local, remote: secret.remote, key: secret.key)
            // The order of the two does not count for Libreswan.
            if let key = keys[record.pair] {
                guard key == record.key else {
                    throw .secret(of: secret.tunnel, why: "is another one than a tunnel's with the same identities")
                }
                continue
            }
            guard record.text.utf8.count < SecretsReader.lineBytesMax else {
                throw .secret(of: secret.tunnel, why: "makes a line that Libreswan would cut")
            }
            keys[record.pair] = record.key
            records.append(record)
        }
        return records
    }
}
