// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import Partners
internal import TLS

/// A gate that is called over the network, and the files that say who calls.
struct RemoteGate: Sendable {
    let address: GateAddress
    let certificate: String
    let key: String
    let ca: String
    /// Whether somebody has to say so again where `~/.config/eig/jump.toml` would be read.
    let isNamed: Bool

    /// Reads the files.
    ///
    /// - Throws: with the file that is missing, no PEM, readable by others, out of date or of another certificate.
    func context(now: WallInstant) throws(Failure) -> ClientContext {
        let chain = try Self.read(certificate)
        let keyPEM = try readKey()
        let anchors = try Self.read(ca)
        let context: ClientContext
        do throws(TLSSetupError) {
            context = try ClientContext(
                ClientTLSSettings(
                    anchorsPEM: [anchors],
                    identity: TLSIdentity(certificateChainPEM: chain, keyPEM: keyPEM)
                )
            )
        } catch {
            throw unusable(error)
        }
        if let leaf = context.certificate { try require(leaf, now) }
        return context
    }

    private func require(_ leaf: PeerCertificate, _ now: WallInstant) throws(Failure) {
        guard !leaf.isValid(at: now) else { return }
        let isOver = leaf.notAfter < now
        let day = (isOver ? leaf.notAfter : leaf.notBefore).rfc3339.prefix(10)
        throw Failure(
            code: isOver ? "certificate_ended" : "certificate_not_yet",
            message: "\(certificate.printable): your certificate (\(leaf.subject.printable)) "
                + (isOver ? "ended on \(day)" : "begins on \(day)"),
            hint: isOver ? "ask for a new one; or is this machine's clock wrong?" : "is this machine's clock right?"
        )
    }

    private func readKey() throws(Failure) -> [UInt8] {
        let mode: UInt32
        do throws(Errno) {
            mode = try FileStore.status(key).mode
        } catch {
            throw Self.unreadable(key, error)
        }
        guard mode & 0o077 == 0 else {
            throw Failure(
                code: "key_open",
                message: "\(key.printable): others may read this private key (mode 0\(String(mode, radix: 8)))",
                hint: "`chmod 600 \(key.printable)`; if others could read it, ask for a new certificate and key"
            )
        }
        return try Self.read(key)
    }

    private static func read(_ path: String) throws(Failure) -> [UInt8] {
        do throws(Errno) {
            return try FileStore.read(path, byteCountMax: 1 << 20)
        } catch {
            throw unreadable(path, error)
        }
    }

    private static func unreadable(_ path: String, _ error: Errno) -> Failure {
        Failure(code: "unreadable", message: "\(path.printable): \(error)")
    }

    /// What is wrong with which file.
    private func unusable(_ error: TLSSetupError) -> Failure {
        switch error {
        case .certificate(let why): unusable(certificate, "\(why)")
        case .key(.keyOfAnotherCertificate):
            unusable(key, "the private key does not belong to \(certificate.printable)")
        case .key(.encryptedKey(let line)):
            unusable(
                key,
                "line \(line): the private key is encrypted",
                "`openssl pkey -in FILE -out FILE2` writes it without its passphrase; keep that at mode 0600"
            )
        case .key(let why): unusable(key, "\(why)")
        case .chainOutOfOrder: unusable(certificate, "\(error)")
        case .anchors(_, let why): unusable(ca, "\(why)")
        case .noAnchor: unusable(ca, "none of its certificates is self-signed, so no chain can end in it")
        case .noUsableGroup, .refused: unusable(certificate, "\(error)")
        }
    }

    private func unusable(_ path: String, _ why: String, _ hint: String? = nil) -> Failure {
        Failure(code: "unusable", message: "\(path.printable): \(why)", hint: hint)
    }
}
