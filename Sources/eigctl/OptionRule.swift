// SPDX-License-Identifier: Apache-2.0

/// One option of the command line.
package struct OptionRule: Hashable, Sendable {
    /// With its dashes: `--json`.
    package let name: String
    /// The single-letter form, with its dash, if it has one.
    package let short: String?
    /// What the value is called in help; nothing for a flag.
    package let value: String?
    /// Whether it may be left out; where it is given it follows `=`.
    package let isValueOptional: Bool
    package let summary: String

    init(_ name: String, short: String? = nil, value: String? = nil, isValueOptional: Bool = false, _ summary: String) {
        self.name = name
        self.short = short
        self.value = value
        self.isValueOptional = isValueOptional
        self.summary = summary
    }

    /// As help shows it: `-h, --help` or `--limit N`.
    package var label: String {
        (short.map { "\($0), " } ?? "    ") + name
            + (value.map { isValueOptional ? "[=\($0)]" : " \($0)" } ?? "")
    }

    static let help = OptionRule("--help", short: "-h", "show this help and exit")
    static let version = OptionRule("--version", "show the version and exit")
    static let json = OptionRule("--json", "write one JSON document, schema eig/1, to standard output")
    static let config = OptionRule("--config", value: "DIR", "configuration folder [/etc/eig]")
    static let eigd = OptionRule("--control-eigd", value: "PATH", "control socket of eigd [/run/eig/eigd.sock]")
    static let enforce = OptionRule(
        "--control-enforce",
        value: "PATH",
        "control socket of jumpd enforce [/run/eig/enforce.sock]"
    )
    static let tunnels = OptionRule(
        "--control-tunnels",
        value: "PATH",
        "control socket of jumpd tunnels [/run/eig/tunnels.sock]"
    )
    static let jump = OptionRule(
        "--control-jump",
        value: "PATH",
        "control socket of jumpd gate on this host [/run/eig/jump.sock]"
    )
    static let audit = OptionRule(
        "--control-audit",
        value: "PATH",
        "control socket of jumpd audit [/run/eig/audit.sock]"
    )
    static let timeout = OptionRule("--timeout", value: "TIME", "wait this long for an answer, such as 5s or 2m [30s]")

    /// Understood before and after every verb.
    package static let common: [OptionRule] = [
        help, version, json, config, eigd, enforce, tunnels, jump, audit, timeout,
    ]
}
