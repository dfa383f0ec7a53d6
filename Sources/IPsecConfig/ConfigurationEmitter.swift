// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

/// Writes ipsec.conf(5) text for one version of Libreswan.
///
/// Trusts no check before it: a value outside the narrow alphabet of what may be quoted, or outside its range, is
/// refused, and what was written is read back with ``ConfigurationReader`` and compared before anybody gets it.
package struct ConfigurationEmitter: Sendable {
    package let version: LibreswanVersion

    package init(version: LibreswanVersion) { self.version = version }

    /// One `conn` a connection, in the order given.
    ///
    /// - Throws: ``EmissionFailure``; nothing is to be installed then.
    package func text(_ connections: [Connection]) throws(EmissionFailure) -> [UInt8] {
        let text = try rendered(connections)
        let readBack: [Connection]
        do throws(ReadFailure) { readBack = try ConfigurationReader.read(text) } catch {
            throw .readBack(error.description)
        }
        guard readBack == connections else { throw .readBack("a connection differs") }
        return text
    }

    /// The `config setup` section: read by pluto when it starts, and by nothing else.
    ///
    /// - Parameter connections: all that are written to the host: one with IKEv1 opens the door to it.
    package func setupText(_ connections: [Connection] = []) -> [UInt8] {
        let isIKEv1Spoken = connections.contains { $0.version == .v1 }
        let text = """
            # Written by jumpd; what is changed here is overwritten. Takes effect when pluto starts.
            config setup
                uniqueids="yes"
                ikev1-policy="\(isIKEv1Spoken ? "accept" : "drop")"
                audit-log="yes"

            """
        return Array(text.utf8)
    }

    /// As ``text(_:)``, before it is read back.
    func rendered(_ connections: [Connection]) throws(EmissionFailure) -> [UInt8] {
        guard version.major == 4 || version.major == 5 else { throw .unknownVersion(version) }
        var names: Set<ConnectionName> = []
        var reqids: Set<Int> = []
        var lines = ["# Written by jumpd; what is changed here is overwritten."]
        for connection in connections {
            try connection.refuseWhatMayNotBeWritten()
            guard names.insert(connection.name).inserted else { throw .twice("connection \(connection.name)") }
            guard reqids.insert(connection.reqid).inserted else { throw .twice("reqid \(connection.reqid)") }
            lines += ["", "conn \(connection.name)"] + statements(connection)
        }
        return Array(lines.map { $0 + "\n" }.joined().utf8)
    }

    private func statements(_ connection: Connection) -> [String] {
        var statements = [Self.quoted("type", "tunnel"), exchange(connection)]
        statements += local(connection) + remote(connection) + authentication(connection)
        statements += [
            Self.quoted("ike", ProposalText.ike(connection.ike)),
            Self.quoted("esp", ProposalText.esp(connection.esp)),
            Self.quoted("pfs", "yes"),
            Self.quoted("ikelifetime", seconds: connection.ikeLifetime),
            Self.quoted("salifetime", seconds: connection.espLifetime),
            Self.quoted("rekeymargin", seconds: connection.rekeyMargin),
            Self.quoted("rekey", "yes"),
        ]
        statements += liveness(connection)
        statements += [
            Self.quoted("fragmentation", isFragmented(connection) ? "yes" : "no"),
            Self.quoted("mobike", "no"),
            Self.quoted("encapsulation", connection.encapsulation.keyword),
            Self.quoted("narrowing", "no"),
            // Libreswan 4.10 reads a quoted number as 0, and a window of 0 is no replay protection.
            Self.bare("replay-window", 256),
            Self.bare("reqid", connection.reqid),
            Self.quoted("auto", "ondemand"),
        ]
        return statements
    }

    private func exchange(_ connection: Connection) -> String {
        switch (version.major, connection.version) {
        case (4, .v1): Self.quoted("ikev2", "no")
        case (4, .v2): Self.quoted("ikev2", "insist")
        case (_, .v1): Self.quoted("keyexchange", "ikev1")
        case (_, .v2): Self.quoted("keyexchange", "ikev2")
        }
    }

    private func local(_ connection: Connection) -> [String] {
        var statements = Self.end("left", connection.local)
        // No program is run for a connection: 4.10 puts its name and its values into a shell's command line.
        statements.append(Self.quoted("leftupdown", "%disabled"))
        if case .certificate(let nickname, _) = connection.authentication {
            statements += [
                Self.quoted("leftcert", nickname), Self.quoted("leftsendcert", "always"),
                Self.quoted("leftrsasigkey", "%cert"),
            ]
        }
        return statements
    }

    private func remote(_ connection: Connection) -> [String] {
        var statements = Self.end("right", connection.remote)
        if case .certificate(_, let authority) = connection.authentication {
            statements += [Self.quoted("rightrsasigkey", "%cert"), Self.quoted("rightca", authority)]
        }
        return statements
    }

    /// Libreswan 4.10 signs with RSA where `authby=` names RSA and ECDSA both, whatever the key is: one of them only.
    private func authentication(_ connection: Connection) -> [String] {
        guard connection.hasCertificate else { return [Self.quoted("authby", "secret")] }
        switch (connection.localKey, connection.remoteKey) {
        case (.ecdsa, .ecdsa): return [Self.quoted("authby", "ecdsa")]
        case (.rsa, .rsa): return [Self.quoted("authby", "rsa-sha2")]
        case (.ecdsa, .rsa): return [Self.quoted("leftauth", "ecdsa"), Self.quoted("rightauth", "rsasig")]
        case (.rsa, .ecdsa): return [Self.quoted("leftauth", "rsasig"), Self.quoted("rightauth", "ecdsa")]
        }
    }

    /// Version 5 has no action to choose, and warns of one.
    private func liveness(_ connection: Connection) -> [String] {
        var statements = [Self.quoted("dpddelay", seconds: connection.liveness)]
        if version.major == 4 { statements.append(Self.quoted("dpdaction", "restart")) }
        if connection.version == .v1 {
            statements.append(Self.quoted("dpdtimeout", seconds: connection.retransmitTimeout))
        }
        return statements + [Self.quoted("retransmit-timeout", seconds: connection.retransmitTimeout)]
    }

    /// CVE-2026-12413: no fragments where none are needed.
    private func isFragmented(_ connection: Connection) -> Bool {
        connection.keepsFragmentation || !AdvisoryRule.fragments.affects(version)
    }

    private static func end(_ side: String, _ end: Connection.End) -> [String] {
        [
            quoted(side, end.address.description), quoted("\(side)id", end.id.description),
            quoted("\(side)subnet", "\(end.subnet.address)/\(end.subnet.bitCount)"),
        ]
    }

    private static func quoted(_ keyword: String, _ value: String) -> String { "    \(keyword)=\"\(value)\"" }

    private static func quoted(_ keyword: String, seconds: Duration) -> String {
        quoted(keyword, "\(seconds.components.seconds)s")
    }

    private static func bare(_ keyword: String, _ value: Int) -> String { "    \(keyword)=\(value)" }
}

extension Connection {
    /// How long before its end a key is replaced: 9 minutes, and at most a quarter of the shorter lifetime, because
    /// Libreswan doubles it at random.
    var rekeyMargin: Duration {
        min(.seconds(540), .seconds(min(ikeLifetime, espLifetime).components.seconds / 4))
    }
}

extension TunnelRule.Encapsulation {
    /// As `encapsulation=` spells it.
    var keyword: String {
        switch self {
        case .automatic: "auto"
        case .always: "yes"
        case .never: "no"
        }
    }
}
