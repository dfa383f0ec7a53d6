// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import AuditTrail
internal import Base
internal import ConfigurationFolder
internal import LinuxIO
internal import Partners
internal import TLS

/// The audit log that a verb reads: this host's, or a copy of a folder somewhere.
struct AuditFiles {
    let folder: AuditFolder
    /// Where reading is reported; nothing for a copy.
    private let reporter: AuditReporter?
    private let rule: AuditRule?
    private let source: FolderSource

    init(_ invocation: Invocation) throws(Failure) {
        source = FolderSource(invocation.folder)
        if case .bytes(let bytes) = source.read(ConfigurationPath.host, limitBytes: 1 << 20) {
            rule = HostFile.parse(String(decoding: bytes, as: UTF8.self)).file?.audit
        } else {
            rule = nil
        }
        let given = invocation.value(.auditFolder)
        let own = rule?.folder ?? AuditRule.folderDefault
        folder = AuditFolder(given ?? own)
        let isOwn = given == nil || given == own
        let events = invocation.value(.auditEvents) ?? (isOwn ? rule?.events ?? AuditRule.eventsDefault : nil)
        reporter = events.map { AuditReporter(path: $0) }
    }

    func names() throws(Failure) -> [String] {
        let names: [String]
        do throws(Errno) { names = try folder.files() } catch { throw unreadable(error, folder.path) }
        guard !names.isEmpty else { throw unreadable(.noEntry, "audit log in \(folder.path)") }
        return names
    }

    func reader(_ name: String) throws(Failure) -> LineReader {
        do throws(Errno) { return try LineReader(folder.path(of: name)) } catch { throw unreadable(error, name) }
    }

    func unreadable(_ error: Errno, _ path: String) -> Failure {
        if error == .noEntry {
            let hint = "say where it is with `--folder DIR`"
            return Failure(code: "no_audit_log", message: "there is no \(path.printable)", hint: hint)
        }
        return Failure(
            error == .accessDenied ? .refused : .error,
            code: "unreadable",
            message: "\(path.printable): \(error)",
            hint: error == .accessDenied ? "ask as root" : nil
        )
    }

    /// That somebody reads is an event itself (PCI DSS 10.2.1.3); that it was not written is said, and reading goes on.
    func report(_ invocation: Invocation, _ verb: String, details: [AuditEvent.Detail] = []) {
        let event = AuditIdentity.own.event(.logRead, object: "audit log", details: [.init("verb", verb)] + details)
        guard let outcome = reporter?.report(event), case .refused(let why) = outcome else { return }
        invocation.console.error("warning: that you read it could not be written: \(why.printable)\n")
    }

    /// The keys the log is checked with: those given, or what the configuration signs with, or those beside the log.
    func keys(_ given: String?) throws(Failure) -> (keys: [Ed25519.PublicKey], from: String, areBesideLog: Bool) {
        if let given { return (try publicKeys(given), given, false) }
        if let rule {
            let path = ConfigurationPath.identityFile(rule.key)
            if case .bytes(let text) = source.read(path, limitBytes: 64 << 10),
                let key = try? Ed25519.PrivateKey(pem: text)
            {
                // Not those beside the log: who wrote it anew could have added one.
                return ([key.publicKey], path, false)
            }
        }
        guard (try? FileStore.status(folder.publicKeys)) != nil else { return ([], "", false) }
        return (try publicKeys(folder.publicKeys), folder.publicKeys, true)
    }

    private func publicKeys(_ path: String) throws(Failure) -> [Ed25519.PublicKey] {
        let text: [UInt8]
        do throws(Errno) {
            text = try FileStore.read(path, byteCountMax: 1 << 20)
        } catch { throw Failure(code: "no_key", message: "\(path.printable): \(error)") }
        do throws(PEMError) {
            return try Ed25519.PublicKey.all(pem: text)
        } catch {
            throw Failure(
                code: "no_key",
                message: "\(path.printable): \(error)",
                hint: "`openssl pkey -in audit.key -pubout` writes the public key"
            )
        }
    }
}

extension OptionRule {
    static let auditFolder = OptionRule(
        "--folder",
        value: "DIR",
        "the folder of the log, or a copy of one [as jumpd.toml says, /var/lib/eig-audit]"
    )
    static let auditEvents = OptionRule(
        "--events",
        value: "PATH",
        "where reading is reported [as jumpd.toml says, /run/eig/audit-events.sock]"
    )
}
