// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import ConfigurationFolder
internal import Control
internal import LinuxIO
internal import Partners
internal import Systemd

/// Where a service of jumpd answers operators.
struct ControlPlace {
    /// As `jumpd.toml` names it: `[control] path`.
    let key: String
    /// The socket unit that may hand it over.
    let unit: String
    /// When the file does not say.
    let standard: String
    let read: @Sendable (HostFile) -> String
    /// Of a socket of our own.
    var mode: UInt32 = 0o660
    var policy = ControlPolicy.local()

    static var enforcer: Self {
        Self(
            key: "[control] path",
            unit: "jumpd-enforce.socket",
            standard: HostFile.controlDefault,
            read: { $0.control }
        )
    }

    static var tunnels: Self {
        Self(
            key: "[tunnels] control",
            unit: "jumpd-tunnels.socket",
            standard: HostFile.Tunnels.controlDefault,
            read: { $0.tunnels.control }
        )
    }

    static var gate: Self {
        Self(
            key: "[gate] control",
            unit: "jumpd-control.socket",
            standard: GateRule.controlDefault,
            read: { $0.access?.gate.control ?? GateRule.controlDefault },
            mode: 0o666,
            // Whoever has an account here may ask who they are; what else they get follows from that.
            policy: ControlPolicy { _, _ in true }
        )
    }

    static var audit: Self {
        Self(
            key: "[audit] control",
            unit: "jumpd-audit-control.socket",
            standard: AuditRule.controlDefault,
            read: { $0.audit?.control ?? AuditRule.controlDefault }
        )
    }

    /// What the command line says, or `jumpd.toml`, or the default when that cannot be read.
    func path(_ options: Program.Options) -> String {
        if let path = options.control { return path }
        let folder = FolderSource(options.config)
        guard case .bytes(let bytes) = folder.read(ConfigurationPath.host, limitBytes: 1 << 20),
            let file = HostFile.parse(String(decoding: bytes, as: UTF8.self)).file
        else { return standard }
        return read(file)
    }

    /// The socket that was handed over, or one of our own.
    func open(
        _ options: Program.Options,
        _ inherited: [InheritedDescriptor],
        answer: @escaping @Sendable (ControlRequest) -> ControlResponse
    ) throws(ControlStartError) -> ControlServer {
        let wanted = path(options)
        guard let handed = inherited.first(where: { $0.name == "control" }) else {
            return try ControlServer(path: wanted, mode: mode, policy: policy, answer: answer)
        }
        let server = try ControlServer(
            adopting: OwnedDescriptor(adopting: handed.number),
            policy: policy,
            answer: answer
        )
        if server.path != wanted {
            Log.write("jumpd.toml \(key) is \(wanted), but \(unit) is at \(server.path)", priority: .warning)
        }
        return server
    }
}
