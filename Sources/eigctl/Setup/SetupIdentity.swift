// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import TLS

/// The key of one of our identities, the request for its certificate and, for trying things out, a certificate of its own.
///
/// A key that is there is never made anew: partners may know what it signed.
struct SetupIdentity {
    let keyPath: String
    let requestPath: String
    let certificatePath: String
    /// Nothing where a file stands already as it should.
    private(set) var key: [UInt8]?
    private(set) var request: [UInt8]?
    private(set) var certificate: [UInt8]?
    /// Whether there is a certificate, or will be.
    private(set) var hasCertificate = false

    private static let selfSignedDays = 398

    init(
        folder: String,
        names: [String],
        keyName: String,
        certificateName: String,
        use: ServerKey.Use = .server,
        wantsSelfSigned: Bool,
        now: WallInstant
    ) throws(Failure) {
        let stem = certificateName.hasSuffix(".pem") ? String(certificateName.dropLast(4)) : certificateName
        keyPath = "\(folder)/identities/\(keyName)"
        requestPath = "\(folder)/identities/\(stem).csr"
        certificatePath = "\(folder)/identities/\(certificateName)"
        let keyText = try Self.read(keyPath)
        do throws(TLSSetupError) {
            let serverKey = try Self.serverKey(keyText)
            if keyText == nil { key = try serverKey.pem() }
            let requestText = try? FileStore.read(requestPath, byteCountMax: 65_536)
            if !(requestText.map { serverKey.made(request: $0, for: names, as: use) } ?? false) {
                request = try serverKey.request(for: names, as: use)
            }
            let present = try? FileStore.read(certificatePath, byteCountMax: 1 << 20)
            let state = CertificateState(present, keyText: keyText, names: names, now: now)
            hasCertificate = state == .issued || state == .selfSigned || (wantsSelfSigned && state != .foreign)
            if wantsSelfSigned, state == .missing || state == .stale {
                certificate = try serverKey.selfSigned(
                    for: names,
                    from: now,
                    days: Self.selfSignedDays,
                    serial: Random.bytes(16)
                )
            }
            guard state != .foreign else {
                throw TLSSetupError.refused(what: certificatePath, reasons: ["it is there, and is of another key"])
            }
        } catch {
            throw Failure(
                code: "no_identity",
                message: "the key and its certificate: \(error)",
                hint: "nothing was changed; move what is in the way aside, or take another name for it"
            )
        }
    }

    private static func read(_ path: String) throws(Failure) -> [UInt8]? {
        do throws(Errno) {
            return try FileStore.read(path, byteCountMax: 65_536)
        } catch {
            guard error == .noEntry else { throw Failure(code: "unreadable", message: "\(path): \(error)") }
            return nil
        }
    }

    private static func serverKey(_ text: [UInt8]?) throws(TLSSetupError) -> ServerKey {
        guard let text else { return try ServerKey.make() }
        do throws(PEMError) {
            return try ServerKey(pem: text)
        } catch {
            throw .key(error)
        }
    }
}

/// What stands where the server's certificate belongs.
private enum CertificateState {
    case missing
    /// By an authority: never touched here.
    case issued
    /// Our own, for these names and in date.
    case selfSigned
    /// Our own, of other names or about to end.
    case stale
    /// Of another key, or no certificate at all.
    case foreign

    init(_ text: [UInt8]?, keyText: [UInt8]?, names: [String], now: WallInstant) {
        guard let text else {
            self = .missing
            return
        }
        guard let leaf = (try? PEM.certificates(text))?.first, let keyText,
            (try? PEM.requireKey(keyText, matches: text)) != nil
        else {
            self = .foreign
            return
        }
        guard leaf.isSelfIssued else {
            self = .issued
            return
        }
        let isGood = leaf.dnsNames == names && leaf.notAfter > now + .seconds(30 * 86_400)
        self = isGood ? .selfSigned : .stale
    }
}
