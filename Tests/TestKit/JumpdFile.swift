// SPDX-License-Identifier: Apache-2.0

/// The text of a `jumpd.toml` in which nothing is wrong, put together from what a test is about.
///
/// Text alone: what reads it is under test, and has no part in writing it. A line that the parts have no argument
/// for goes into `further`; one that must be wrong replaces the right one in the text.
package enum JumpdFile {
    /// The tables that every file has.
    package static func host(
        addresses: [String] = ["203.0.113.1"],
        management: [String] = ["192.0.2.0/24"],
        managementPorts: [UInt16] = [9443],
        inside: String = "10.20.0.0/24"
    ) -> String {
        """
        [host]
        addresses = \(list(addresses))
        [management]
        from = \(list(management))
        ports = \(managementPorts)
        [partners]
        ports = [8443]
        [internal]
        from = \(list([inside]))
        ports = [8080]

        """
    }

    /// A network the host itself gets out to, on one port.
    package static func egress(to network: String, port: UInt16) -> String {
        """
        [[egress]]
        to = \(list([network]))
        ports = [\(port)]

        """
    }

    /// A gate and its audit log; people and what they reach come after it.
    ///
    /// - Parameters:
    ///   - further: more lines of `[gate]`.
    ///   - audit: more lines of `[audit]`.
    package static func gate(
        listen: String = "0.0.0.0:9443",
        further: [String] = [],
        audit: [String] = []
    ) -> String {
        lines(
            [
                "[gate]", "listen = \(list([listen]))", "name = \"jump.edge.example\"", "certificate = \"jump.pem\"",
                "key = \"jump.key\"",
            ] + further + ["[audit]", "key = \"audit.key\""] + audit
        )
    }

    /// Somebody who gets in by a certificate.
    ///
    /// - Parameter san: by default an e-mail address of theirs.
    package static func admin(
        _ id: String,
        _ name: String,
        roles: [String],
        ca: String = "admins.pem",
        san: String? = nil,
        further: [String] = []
    ) -> String {
        lines(
            [
                "[[admin]]", "id = \"\(id)\"", "name = \"\(name)\"", "roles = \(list(roles))", "ca = \"\(ca)\"",
                "san = \"\(san ?? "\(id)@edge.example")\"",
            ] + further
        )
    }

    /// - Parameters:
    ///   - targets: `id` or `id:port`.
    ///   - may: what else the role gives.
    package static func role(_ id: String, targets: [String] = [], may: [String] = []) -> String {
        lines(
            ["[[role]]", "id = \"\(id)\""]
                + (targets.isEmpty ? [] : ["targets = \(list(targets))"])
                + (may.isEmpty ? [] : ["may = \(list(may))"])
        )
    }

    package static func target(
        _ id: String,
        _ address: String,
        ports: [UInt16],
        reason: String,
        further: [String] = []
    ) -> String {
        lines(
            [
                "[[target]]", "id = \"\(id)\"", "address = \"\(address)\"", "ports = \(ports)",
                "reason = \"\(reason)\"",
            ] + further
        )
    }

    private static func list(_ words: [String]) -> String {
        "[\(words.map { "\"\($0)\"" }.joined(separator: ", "))]"
    }

    private static func lines(_ lines: [String]) -> String { lines.joined(separator: "\n") + "\n" }
}
