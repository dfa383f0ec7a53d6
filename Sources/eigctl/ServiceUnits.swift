// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO

/// One of our units as systemd sees it (systemctl(1), `show`).
package struct UnitStatus: Codable, Hashable, Sendable {
    package var name: String
    /// `active`, `inactive`, `failed`, `activating` and the like.
    package var state: String
    /// Such as `running`, `listening`, `dead`.
    package var detail: String
    /// Since when, as systemd writes it; nothing while it never ran.
    package var since: String?
    /// How often the manager started it again by itself.
    package var restarts: Int

    package var isActive: Bool { state == "active" || state == "activating" || state == "reloading" }
}

/// What systemd says about our units; nothing at all where it does not run.
enum ServiceUnits {
    static let gateway = ["eigd.service", "eigd.socket", "eigd-internal.socket", "eigd-control.socket"]

    /// Those of the gateway that this host has, as words of a command; all of them where that cannot be told.
    static var gatewayWords: String {
        let installed = ask(gateway).map(\.name)
        return (installed.isEmpty ? gateway : installed).joined(separator: " ")
    }

    static let all =
        gateway + [
            "jumpd-enforce.service", "jumpd-enforce.socket", "jumpd-tunnels.service", "jumpd-tunnels.socket",
            "jumpd.service", "jumpd.socket", "jumpd-audit.service", "jumpd-audit.socket", "eig-review.timer",
            "ipsec.service", "eig-lockdown.service", "eig-certificates.timer",
            "eig-backup.timer",
        ]

    private static let properties = ["Id", "LoadState", "ActiveState", "SubState", "NRestarts", "StateChangeTimestamp"]

    /// Those of `names` that are installed, in the same order.
    static func ask(_ names: [String]) -> [UnitStatus] {
        let command =
            ["systemctl", "show", "--no-pager", "--property=\(properties.joined(separator: ","))", "--"] + names
        guard let answer = try? ChildProcess.run(command, timeout: .seconds(10), byteCountMax: 1 << 20),
            answer.isSuccess
        else { return [] }
        return parse(answer.outputText)
    }

    /// One block for each unit, with an empty line between.
    static func parse(_ text: String) -> [UnitStatus] {
        var units: [UnitStatus] = []
        var fields: [Substring: String] = [:]
        let lines: [Substring] = text.split(separator: "\n", omittingEmptySubsequences: false) + [""]
        for line in lines {
            if line.isEmpty {
                if let unit = unit(fields) { units.append(unit) }
                fields = [:]
            } else if let equals = line.firstIndex(of: "=") {
                fields[line[..<equals]] = String(line[line.index(after: equals)...])
            }
        }
        return units
    }

    private static func unit(_ fields: [Substring: String]) -> UnitStatus? {
        guard let name = fields["Id"], let state = fields["ActiveState"], fields["LoadState"] != "not-found" else {
            return nil
        }
        let since = fields["StateChangeTimestamp"].flatMap { $0.isEmpty ? nil : $0 }
        let restarts = fields["NRestarts"].flatMap { Int($0) } ?? 0
        return UnitStatus(name: name, state: state, detail: fields["SubState"] ?? "", since: since, restarts: restarts)
    }
}
