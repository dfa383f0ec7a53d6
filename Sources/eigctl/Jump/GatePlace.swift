// SPDX-License-Identifier: Apache-2.0
internal import ConfigurationFolder
internal import Control
internal import LinuxIO
internal import Partners

/// Where the administrators' gate is asked: over its TLS port with a certificate, or on its own host.
enum GatePlace: Sendable {
    case remote(RemoteGate)
    /// The operators' socket on the gate's host.
    case local(path: String)

    static let gate = OptionRule("--gate", value: "HOST:PORT", "the gate [gate in ~/.config/eig/jump.toml]")
    static let certificate = OptionRule("--cert", value: "FILE", "your certificate chain for the gate, as PEM")
    static let key = OptionRule("--key", value: "FILE", "its private key, as PEM, readable by nobody else")
    static let ca = OptionRule("--ca", value: "FILE", "the authorities of the gate's own certificate, as PEM")

    /// For the verbs that ask the gate, wherever it is.
    static let options: [OptionRule] = [gate, certificate, key, ca]
    /// The environment's name for another file than the one in the home folder.
    static let variable = "EIG_JUMP"

    /// The options first, then the file that `EIG_JUMP` names, then the one in the home folder, then this host.
    static func of(_ invocation: Invocation) throws(Failure) -> GatePlace {
        let given = options.filter { invocation.value($0) != nil }
        if invocation.value(.jump) != nil {
            guard given.isEmpty else {
                throw .usage("`\(OptionRule.jump.name)` is the gate on this host, `\(given[0].name)` one elsewhere")
            }
            return .local(path: invocation.jumpPath)
        }
        let file = try file(invocation)
        guard let address = try address(invocation) ?? file?.gate else {
            guard given.isEmpty else {
                throw .usage("`\(given[0].name)` without a gate", hint: "say which: `--gate HOST:PORT`")
            }
            return .local(path: invocation.jumpPath)
        }
        return .remote(
            RemoteGate(
                address: address,
                certificate: try path(certificate, file?.certificate, invocation),
                key: try path(key, file?.key, invocation),
                ca: try path(ca, file?.ca, invocation),
                isNamed: !given.isEmpty || invocation.console.environment(variable) != nil
            )
        )
    }

    /// The same where only the TLS port will do.
    static func remote(_ invocation: Invocation) throws(Failure) -> RemoteGate {
        guard case .remote(let gate) = try of(invocation) else {
            throw Failure(
                .usage,
                code: "no_gate",
                message: "which gate?",
                hint: "write gate, certificate, key and ca into ~/.config/eig/jump.toml, or give `--gate HOST:PORT` "
                    + "with `--cert`, `--key` and `--ca`"
            )
        }
        return gate
    }

    private static func address(_ invocation: Invocation) throws(Failure) -> GateAddress? {
        guard let text = invocation.value(gate) else { return nil }
        guard let address = GateAddress(text) else {
            throw .usage("`--gate` is `\(text.printable)`", hint: "write for example `--gate jump.edge.example:9443`")
        }
        return address
    }

    private static func path(_ rule: OptionRule, _ fallback: String?, _ invocation: Invocation) throws(Failure)
        -> String
    {
        guard let path = invocation.value(rule) ?? fallback else {
            throw .usage("`--gate` needs `\(rule.name)`", hint: "give `\(rule.name) FILE`: \(rule.summary)")
        }
        return path
    }

    /// The file of settings, its paths as they can be opened from here.
    private static func file(_ invocation: Invocation) throws(Failure) -> JumpFile? {
        let environment = invocation.console.environment
        let named = environment(variable).flatMap { $0.isEmpty ? nil : $0 }
        let home = environment("HOME").flatMap { $0.isEmpty ? nil : $0 }
        guard let path = named ?? home.map({ "\($0)/.config/eig/jump.toml" }) else { return nil }
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try FileStore.read(path, byteCountMax: 1 << 20)
        } catch {
            if error == .noEntry, named == nil { return nil }
            let hint = named == nil ? nil : "\(variable) names it"
            throw Failure(code: "unreadable", message: "\(path.printable): \(error)", hint: hint)
        }
        let outcome = JumpFile.parse(String(decoding: bytes, as: UTF8.self), fileName: path)
        guard let file = outcome.file else {
            invocation.show(outcome.diagnostics)
            throw Failure(
                code: "configuration_refused",
                message: "\(path.printable) has an error",
                diagnostics: invocation.isJSON ? outcome.diagnostics.map(DiagnosticItem.init) : []
            )
        }
        let folder = FileStore.folder(of: path)
        func absolute(_ name: String) -> String {
            if name.hasPrefix("~/"), let home { return "\(home)\(name.dropFirst())" }
            return name.hasPrefix("/") ? name : "\(folder)/\(name)"
        }
        return file.with(certificate: absolute(file.certificate), key: absolute(file.key), ca: absolute(file.ca))
    }
}
