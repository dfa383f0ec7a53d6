// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import LinuxIO
internal import Partners

/// Where the sockets that are open differ from `[listen]` in `eigd.toml`: the socket units have addresses of their
/// own, and nothing but words can make the two agree.
///
/// What was handed over is served all the same: a partner who is let in by a socket nobody meant is refused by
/// everything that decides about partners, and one who is not served at all is an outage.
struct ListenDifference {
    /// One line each, with the mend; empty when file and sockets agree.
    let lines: [String]

    var isEmpty: Bool { lines.isEmpty }

    init(_ file: ListenRule, _ listeners: [Listener]) {
        lines =
            [
                Self.line("partners", "eigd.socket", file.partners, listeners.filter { $0.side == .partners }),
                Self.line("internal", "eigd-internal.socket", file.internal, listeners.filter { $0.side == .inside }),
            ].compactMap { $0 } + listeners.compactMap { Self.dualStack($0) }
    }

    private static func line(
        _ key: String,
        _ unit: String,
        _ wanted: [IPEndpoint],
        _ listeners: [Listener]
    ) -> String? {
        let open = Set(listeners.map(\.endpoint))
        guard open != Set(wanted) else { return nil }
        let missing = wanted.filter { !open.contains($0) }.map(\.description)
        let extra = open.subtracting(wanted).map(\.description).sorted()
        var parts: [String] = []
        if !missing.isEmpty { parts.append("\(missing.joined(separator: " ")) is in the file and not listened on") }
        if !extra.isEmpty { parts.append("\(extra.joined(separator: " ")) is listened on and not in the file") }
        return "eigd.toml [listen] \(key) and the sockets of \(unit) differ: \(parts.joined(separator: ", ")); "
            + "if the file is right: eigctl setup --yes, then systemctl restart \(unit) eigd; "
            + "if the sockets are: mend the file, then systemctl reload eigd"
    }

    /// Such a socket's IPv4 peers have IPv6 addresses, which no partner is known by.
    private static func dualStack(_ listener: Listener) -> String? {
        guard Sockets.takesBothFamilies(listener.descriptor) else { return nil }
        return "the socket \(listener.endpoint) takes IPv4, too, under IPv6 addresses no partner is known by; "
            + "its unit needs BindIPv6Only=ipv6-only and a ListenStream= of its own for IPv4"
    }
}
