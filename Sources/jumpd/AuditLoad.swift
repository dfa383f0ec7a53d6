// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import Base
internal import ConfigurationFolder
internal import LinuxIO
internal import Partners
internal import TLS

/// What `jumpd audit` is told by `jumpd.toml` and the files it names.
struct AuditLoad {
    /// Why there is nothing to do.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let rule: AuditRule
    var settings: AuditSettings

    init(_ options: Program.Options) throws(Failure) {
        let source = FolderSource(options.config)
        let path = "\(options.config)/\(ConfigurationPath.host)"
        guard case .bytes(let bytes) = source.read(ConfigurationPath.host, limitBytes: 1 << 20) else {
            throw Failure(description: "\(path) cannot be read")
        }
        let reading = HostFile.parse(String(decoding: bytes, as: UTF8.self))
        guard let file = reading.file else {
            throw Failure(description: "\(path): \(reading.diagnostics.refusal)")
        }
        guard let rule = file.audit else {
            throw Failure(description: "\(path) has no [audit]: there is no log to keep")
        }
        self.rule = rule
        let keyPath = ConfigurationPath.identityFile(rule.key)
        guard case .bytes(let text) = source.read(keyPath, limitBytes: 64 << 10) else {
            throw Failure(description: "[audit] key \(rule.key): \(keyPath) cannot be read")
        }
        do throws(PEMError) {
            let key = try Ed25519.PrivateKey(pem: text)
            settings = AuditSettings(folder: AuditFolder(options.state ?? rule.folder), key: key)
        } catch {
            throw Failure(
                description: "[audit] key \(rule.key): \(error); `openssl genpkey -algorithm ed25519` makes one"
            )
        }
        settings.limits.keep = rule.keep
        settings.limits.bytesMax = rule.keepBytes
    }

    /// The way to the log server, if a copy goes to one.
    static func forward(_ rule: AuditRule, _ options: Program.Options) throws(Failure) -> SyslogForwarder.Settings? {
        guard let forward = rule.forward else { return nil }
        let source = FolderSource(options.config)
        func read(_ path: String) throws(Failure) -> [UInt8] {
            guard case .bytes(let bytes) = source.read(path, limitBytes: 1 << 20) else {
                throw Failure(description: "[audit.forward]: \(path) cannot be read")
            }
            return bytes
        }
        var identity: TLSIdentity?
        if let certificate = forward.certificate, let key = forward.key {
            identity = TLSIdentity(
                certificateChainPEM: try read(ConfigurationPath.identityFile(certificate)),
                keyPEM: try read(ConfigurationPath.identityFile(key))
            )
        }
        let anchors = try read(ConfigurationPath.authority(forward.ca))
        let settings = ClientTLSSettings(anchorsPEM: [anchors], identity: identity, speaksHTTP: false)
        do throws(TLSSetupError) {
            return SyslogForwarder.Settings(to: forward.to, name: forward.name, context: try ClientContext(settings))
        } catch {
            throw Failure(description: "[audit.forward]: \(error)")
        }
    }
}
