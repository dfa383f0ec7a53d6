// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import ConfigurationFolder
internal import Control
internal import LinuxIO
internal import Partners

/// What reading the configuration here, without asking any program, found.
struct LocalCheck {
    /// By file, then by place; file names as they can be opened from here.
    let diagnostics: [Diagnostic]
    /// Whether any partner that is let in has a tunnel; false where that could not be read.
    var hasTunnels = false
    /// Whether jumpd.toml describes a gate.
    var hasGate = false

    var hasErrors: Bool { diagnostics.hasErrors }

    var items: [DiagnosticItem] { diagnostics.map(DiagnosticItem.init) }

    /// Checks a whole folder: every file, what they name, and each against the others.
    static func folder(_ path: String, now: WallInstant) throws(Failure) -> LocalCheck {
        let status: FileStatus
        do throws(Errno) {
            status = try FileStore.status(path)
        } catch {
            throw Failure(code: "no_folder", message: "\(path): \(error)", hint: "name the folder with `--config DIR`")
        }
        guard status.isDirectory else {
            throw Failure(code: "no_folder", message: "\(path): this is not a folder", hint: "check a file by its name")
        }
        // Which key belongs to the server's certificate is known only once eigd.toml has been read.
        let source = FolderSource(path)
        let inspection = CertificateInspection(source, now: now, gateway: gateway(source))
        let found = Configuration.load(from: source, now: now) { inspection.findings($0, $1) }
        let prefix = path.hasSuffix("/") ? path : "\(path)/"
        let partners = found.configuration?.partners ?? []
        return LocalCheck(
            diagnostics: found.diagnostics.map { $0.located(prefix + $0.file) },
            hasTunnels: partners.contains { $0.isEnabled && !$0.tunnels.isEmpty },
            hasGate: found.configuration?.host?.access != nil
        )
    }

    private static func gateway(_ source: FolderSource) -> GatewayFile? {
        guard case .bytes(let bytes) = source.read(ConfigurationPath.gateway, limitBytes: 4 << 20) else { return nil }
        return GatewayFile.parse(String(decoding: bytes, as: UTF8.self)).file
    }

    /// The folder's jumpd.toml; nothing where it cannot be read or is wrong.
    static func hostFile(_ path: String) -> HostFile? {
        guard case .bytes(let bytes) = FolderSource(path).read(ConfigurationPath.host, limitBytes: 4 << 20) else {
            return nil
        }
        return HostFile.parse(String(decoding: bytes, as: UTF8.self)).file
    }

    /// Checks files one by one; what they name is not looked at.
    static func files(_ paths: [String]) throws(Failure) -> LocalCheck {
        var diagnostics: [Diagnostic] = []
        for path in paths { diagnostics += try file(path) }
        return LocalCheck(diagnostics: diagnostics.sorted())
    }

    private static func file(_ path: String) throws(Failure) -> [Diagnostic] {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try FileStore.read(path, byteCountMax: 4 << 20)
        } catch {
            throw Failure(code: "unreadable", message: "\(path): \(error)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(code: "unreadable", message: "\(path): the file is not UTF-8", hint: "save it as UTF-8")
        }
        switch path.split(separator: "/").last {
        case "eigd.toml": return GatewayFile.parse(text, fileName: path).diagnostics
        case "jumpd.toml": return HostFile.parse(text, fileName: path).diagnostics
        case "jump.toml": return JumpFile.parse(text, fileName: path).diagnostics
        default: return PartnerFile.parse(text, fileName: path).diagnostics
        }
    }

    /// Shows what was found, if anything.
    ///
    /// Not for `--json`: there it is part of the one document.
    func show(_ invocation: Invocation) {
        invocation.show(diagnostics)
    }

    /// - Throws: when there is an error; in JSON with all findings, for people after they were shown.
    func require(_ invocation: Invocation) throws(Failure) {
        show(invocation)
        guard hasErrors else { return }
        let count = diagnostics.count { $0.severity == .error }
        throw Failure(
            code: "configuration_refused",
            message: "the configuration has \(count) error\(count == 1 ? "" : "s"); nothing was changed",
            diagnostics: invocation.isJSON ? items : []
        )
    }
}

extension Invocation {
    /// Shows people what is wrong with a file.
    func show(_ diagnostics: [Diagnostic]) {
        guard !isJSON, !diagnostics.isEmpty else { return }
        console.error(DiagnosticRenderer(usesColour: console.usesColourInErrors).text(diagnostics))
    }
}

extension Diagnostic {
    fileprivate func located(_ file: String) -> Diagnostic {
        Diagnostic(
            code: code,
            file: file,
            line: line,
            column: column,
            message: message,
            hint: hint,
            excerpt: excerpt
        )
    }
}
