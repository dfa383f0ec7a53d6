// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Follows what a configuration file names: authorities, credentials, identities and secrets.
///
/// Each file is looked at once, however many partners name it; what is wrong is reported where it is named.
struct ReferenceCheck<Source: ConfigurationSource> {
    let source: Source
    let reports: [String: Report]
    let inspect: Configuration.CertificateInspector?
    let reader: ConfigurationReader
    private(set) var authorities: [String: [UInt8]] = [:]
    /// What administrators' certificates end in.
    private(set) var adminAuthorities: [String: [UInt8]] = [:]
    private(set) var credentials: [String: Credential] = [:]
    private var findings: [Question: [Finding]] = [:]

    /// The largest file that is referred to.
    private static var fileBytesMax: Int { 262_144 }

    private struct Question: Hashable {
        let path: String
        let purpose: FilePurpose
    }

    private struct Finding {
        let code: DiagnosticCode
        let message: String
        let hint: String
    }

    init(
        source: Source,
        reports: [String: Report],
        inspect: Configuration.CertificateInspector?,
        reader: ConfigurationReader
    ) {
        self.source = source
        self.reports = reports
        self.inspect = inspect
        self.reader = reader
    }

    mutating func check(_ partner: Partner) {
        let origins = partner.origins
        for (index, rule) in partner.certificates.enumerated() {
            checkAuthority(rule.ca, at: origins["certificate[\(index)].ca"])
        }
        if let file = partner.credential.file { checkCredential(file, at: origins["credential.file"]) }
        if let callbacks = partner.callbacks {
            checkAuthority(callbacks.ca, at: origins["callbacks.ca"])
            checkIdentity(callbacks.identity, for: .gateway, at: origins["callbacks.identity"])
            if let secret = callbacks.secret { checkSecret(secret, for: .gateway, at: origins["callbacks.secret"]) }
        }
        if let outward = partner.outward {
            checkAuthority(outward.ca, at: origins["outward.ca"])
            checkIdentity(outward.identity, for: .gateway, at: origins["outward.identity"])
        }
        for (index, tunnel) in partner.tunnels.enumerated() {
            let origin = origins["tunnel[\(index)].auth"]
            switch tunnel.authentication {
            case .sharedSecret(let file): checkPreSharedKey(file, at: origin)
            case .certificate(let identity, let authority):
                checkIdentity(identity, for: .tunnel, at: origin)
                checkAuthority(authority, at: origin)
            }
        }
    }

    mutating func check(_ gateway: GatewayFile) {
        let server = gateway.server
        let certificate = ConfigurationPath.identityFile(server.certificate)
        checkCertificate(certificate, for: .gateway, at: gateway.origins["server.certificate"])
        checkKey(ConfigurationPath.identityFile(server.key), for: .gateway, at: gateway.origins["server.key"])
    }

    mutating func check(_ host: HostFile) {
        let origins = host.origins
        if let access = host.access {
            let gate = access.gate
            checkCertificate(
                ConfigurationPath.identityFile(gate.certificate),
                for: .gate,
                at: origins["gate.certificate"]
            )
            checkKey(ConfigurationPath.identityFile(gate.key), for: .gate, at: origins["gate.key"])
            for (index, admin) in access.admins.enumerated() {
                checkAdminAuthority(admin.ca, at: origins["admin[\(index)].ca"])
            }
            for (index, target) in access.targets.enumerated() {
                guard let tls = target.tls else { continue }
                checkCertificate(
                    ConfigurationPath.authority(tls.ca),
                    for: .gate,
                    at: origins["target[\(index)].tls.ca"]
                )
            }
        }
        guard let audit = host.audit else { return }
        checkKey(ConfigurationPath.identityFile(audit.key), for: .audit, at: origins["audit.key"])
        guard let forward = audit.forward else { return }
        checkCertificate(ConfigurationPath.authority(forward.ca), for: .audit, at: origins["audit.forward.ca"])
        if let certificate = forward.certificate {
            let path = ConfigurationPath.identityFile(certificate)
            checkCertificate(path, for: .audit, at: origins["audit.forward.certificate"])
        }
        if let key = forward.key {
            checkKey(ConfigurationPath.identityFile(key), for: .audit, at: origins["audit.forward.key"])
        }
    }

    // MARK: - Kinds of file

    private mutating func checkAuthority(_ name: String, at origin: Origin) {
        let path = ConfigurationPath.authority(name)
        checkCertificate(path, for: .gateway, at: origin)
        if authorities[name] == nil, case .bytes(let bytes) = source.read(path, limitBytes: Self.fileBytesMax) {
            authorities[name] = bytes
        }
    }

    private mutating func checkAdminAuthority(_ name: String, at origin: Origin) {
        let path = ConfigurationPath.authority(name)
        checkCertificate(path, for: .gate, at: origin)
        if adminAuthorities[name] == nil, case .bytes(let bytes) = source.read(path, limitBytes: Self.fileBytesMax) {
            adminAuthorities[name] = bytes
        }
    }

    private mutating func checkIdentity(_ name: String, for purpose: FilePurpose, at origin: Origin) {
        checkCertificate(ConfigurationPath.identityCertificate(name), for: purpose, at: origin)
        checkKey(ConfigurationPath.identityKey(name), for: purpose, at: origin)
    }

    private mutating func checkCertificate(_ path: String, for purpose: FilePurpose, at origin: Origin) {
        look(path, for: purpose, at: origin, isSecret: false) { text, bytes, inspect in
            guard let count = PEMText.blockCount("CERTIFICATE", in: text), count > 0 else {
                let hint = "store it as PEM: openssl x509 -in FILE -inform DER"
                return [Finding(code: .notPEM, message: "\(path) holds no PEM certificate", hint: hint)]
            }
            return (inspect?(path, bytes) ?? []).map { found in
                let code: DiagnosticCode = found.severity == .error ? .certificate : .certificateDoubtful
                return Finding(code: code, message: "\(path): \(found.message)", hint: found.hint)
            }
        }
    }

    private mutating func checkKey(_ path: String, for purpose: FilePurpose, at origin: Origin) {
        look(path, for: purpose, at: origin, isSecret: true) { text, _, _ in
            let labels = ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"]
            let count = labels.compactMap { PEMText.blockCount($0, in: text) }.reduce(0, +)
            if count == 1 { return [] }
            let hint = "store one unencrypted key: openssl pkey -in FILE"
            return [Finding(code: .notPEM, message: "\(path) does not hold one PEM private key", hint: hint)]
        }
    }

    private mutating func checkSecret(_ name: String, for purpose: FilePurpose, at origin: Origin) {
        let path = ConfigurationPath.secret(name)
        look(path, for: purpose, at: origin, isSecret: true) { text, _, _ in
            if text.contains(where: { !$0.isWhitespace }) { return [] }
            return [Finding(code: .count, message: "\(path) is empty", hint: "put the secret into it")]
        }
    }

    private mutating func checkPreSharedKey(_ name: String, at origin: Origin) {
        let path = ConfigurationPath.secret(name)
        look(path, for: .tunnel, at: origin, isSecret: true) { _, bytes, _ in
            do throws(PreSharedKey.Flaw) {
                _ = try PreSharedKey(bytes)
                return []
            } catch {
                let code: DiagnosticCode = if case .weak = error { .secretWeak } else { .secretForm }
                return [Finding(code: code, message: "\(path): \(error.message)", hint: error.hint)]
            }
        }
    }

    private mutating func checkCredential(_ name: String, at origin: Origin) {
        let path = ConfigurationPath.credential(name)
        look(path, for: .gateway, at: origin, isSecret: true) { text, _, _ in
            do throws(Credential.Flaw) {
                _ = try Credential(text)
                return []
            } catch {
                return [Finding(code: error.code, message: "\(path): \(error.message)", hint: error.hint)]
            }
        }
        if credentials[name] == nil, case .bytes(let bytes) = source.read(path, limitBytes: Self.fileBytesMax) {
            credentials[name] = try? Credential(String(decoding: bytes, as: UTF8.self))
        }
    }

    // MARK: - One file

    private mutating func look(
        _ path: String,
        for purpose: FilePurpose,
        at origin: Origin,
        isSecret: Bool,
        _ judge: (_ text: String, _ bytes: [UInt8], Configuration.CertificateInspector?) -> [Finding]
    ) {
        let question = Question(path: path, purpose: purpose)
        let found: [Finding]
        if let known = findings[question] {
            found = known
        } else {
            found = examine(question, isSecret: isSecret, judge)
            findings[question] = found
        }
        for finding in found {
            reports[origin.file]?.add(finding.code, at: origin, finding.message, mend: finding.hint)
        }
    }

    private func examine(
        _ question: Question,
        isSecret: Bool,
        _ judge: (_ text: String, _ bytes: [UInt8], Configuration.CertificateInspector?) -> [Finding]
    ) -> [Finding] {
        let path = question.path
        let credential = ConfigurationPath.handedOver(path)
        // systemd hands a service its own credentials, and nobody else sees them.
        if credential != nil, !reader.worksWith(question.purpose) { return [] }
        var found: [Finding] = []
        switch source.standing(of: path) {
        case .missing:
            if let credential { return [missing(credential)] }
            return [
                Finding(code: .fileMissing, message: "there is no file \(path)", hint: "create it, or mend the name")
            ]
        case .forbidden: return forbidden(question)
        case .present(let status):
            guard status.isRegular else {
                return [Finding(code: .fileUnreadable, message: "\(path) is not a file", hint: "put a file there")]
            }
            if isSecret, status.mode & 0o007 != 0 {
                found.append(
                    Finding(code: .fileMode, message: "\(path) is open to every user", hint: "chmod 640 \(path)")
                )
            }
        }
        switch source.read(path, limitBytes: Self.fileBytesMax) {
        case .bytes(let bytes): found += judge(String(decoding: bytes, as: UTF8.self), bytes, inspect)
        case .forbidden: found += forbidden(question)
        case .missing:
            found.append(Finding(code: .fileMissing, message: "there is no file \(path)", hint: "create it"))
        case .failed(let why):
            let message = "\(path) could not be read: \(why)"
            found.append(Finding(code: .fileUnreadable, message: message, hint: "mend the file"))
        }
        return found
    }

    private func missing(_ credential: Substring) -> Finding {
        let unit = reader.unit
        return Finding(
            code: .credentialMissing,
            message: "systemd handed over no credential \(credential)",
            hint:
                "systemctl edit \(unit), add `LoadCredential=\(credential):/PATH/OF/THE/FILE` below [Service], "
                + "and restart \(unit)"
        )
    }

    /// Only who works with a file must be able to read it.
    private func forbidden(_ question: Question) -> [Finding] {
        switch (reader, question.purpose) {
        case (.gateway, .gateway), (.gate, .gate):
            let message = "\(question.path) may not be read by this user"
            return [Finding(code: .fileUnreadable, message: message, hint: "give it to the group eig, mode 640")]
        case (.gateway, _), (.gate, _), (.enforcer, .gateway), (.enforcer, .gate), (.enforcer, .audit): return []
        case (.anybody, _), (.enforcer, .tunnel):
            let message = "\(question.path) may not be read by this user, so its contents were not checked"
            return [Finding(code: .fileUnchecked, message: message, hint: "run the check as root to be sure")]
        }
    }
}
