// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import Partners

/// One run of one verb: its operands, the options that hold for it, and the means to ask and to tell.
struct Invocation: Sendable {
    static let folderStandard = "/etc/eig"
    static let eigdStandard = "/run/eig/eigd.sock"
    static let enforceStandard = "/run/eig/enforce.sock"
    static let tunnelsStandard = "/run/eig/tunnels.sock"
    static let jumpStandard = "/run/eig/jump.sock"
    static let auditStandard = "/run/eig/audit.sock"

    let console: Console
    let operands: [String]
    let isJSON: Bool
    let folder: String
    /// Decides which allow entries have ended.
    let now: WallInstant
    let eigd: Program
    let enforcer: Program
    let tunnels: Program
    /// For one exchange with a program.
    let timeout: Duration
    private let flags: Set<String>
    private let values: [String: String]

    init(_ command: ParsedCommand, console: Console, now: WallInstant) throws(Failure) {
        self.console = console
        self.now = now
        operands = command.operands
        flags = command.flags
        values = command.values
        isJSON = command.flags.contains(OptionRule.json.name)
        folder = command.values[OptionRule.config.name] ?? Self.folderStandard
        let text = command.values[OptionRule.timeout.name] ?? "30s"
        guard let timeout = Duration(text), timeout > .zero else {
            throw .usage("`--timeout` is `\(text.printable)`", hint: "write a time such as 500ms, 30s or 2m")
        }
        self.timeout = timeout
        func program(_ name: String, _ unit: String, _ option: OptionRule, _ standard: String) -> Program {
            let path = command.values[option.name] ?? standard
            return Program(name: name, unit: unit, path: path, standard: standard, timeout: timeout)
        }
        eigd = program("eigd", "eigd", .eigd, Self.eigdStandard)
        enforcer = program("jumpd enforce", "jumpd-enforce", .enforce, Self.enforceStandard)
        tunnels = program("jumpd tunnels", "jumpd-tunnels", .tunnels, Self.tunnelsStandard)
    }

    /// Where the gate of this host is asked: where it was told to be, or else where its own file says it is.
    var jumpPath: String {
        value(.jump) ?? LocalCheck.hostFile(folder)?.access?.gate.control ?? Self.jumpStandard
    }

    /// The gate of this host.
    var localGate: Program {
        Program(name: "jumpd gate", unit: "jumpd", path: jumpPath, standard: Self.jumpStandard, timeout: timeout)
    }

    /// The audit log of this host.
    var audit: Program {
        let path = value(.audit) ?? LocalCheck.hostFile(folder)?.audit?.control ?? Self.auditStandard
        return Program(
            name: "jumpd audit",
            unit: "jumpd-audit",
            path: path,
            standard: Self.auditStandard,
            timeout: timeout
        )
    }

    func has(_ option: OptionRule) -> Bool { flags.contains(option.name) }

    func value(_ option: OptionRule) -> String? { values[option.name] }

    /// Writes the document for `--json`, the text for people; an empty text says nothing.
    func tell(_ document: some ControlDocument, _ text: String) {
        if isJSON {
            console.output(String(decoding: document.json, as: UTF8.self))
        } else if !text.isEmpty {
            console.output(text)
        }
    }
}
