// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

/// Takes a connection out of the statements of its section, each of which must be used up.
struct ConnectionReader {
    private let section: ConfigurationSection
    private var statements: [String: ConfigurationSection.Statement] = [:]

    init(_ section: ConfigurationSection) {
        self.section = section
        for statement in section.statements { statements[statement.keyword] = statement }
    }

    mutating func connection(_ name: ConnectionName) throws(ReadFailure) -> Connection {
        try fixed("type", "tunnel")
        try fixed("leftupdown", "%disabled")
        try fixed("auto", "ondemand")
        try fixed("pfs", "yes")
        try fixed("rekey", "yes")
        try fixed("mobike", "no")
        try fixed("narrowing", "no")
        guard try number("replay-window", 256...256) == 256 else { throw wrong("replay-window") }
        _ = try choice("fragmentation", ["yes", "no"])
        let version = try version()
        let local = try end("left")
        let remote = try end("right")
        let proof = try authentication()
        let connection = Connection(
            name: name,
            local: local,
            remote: remote,
            authentication: proof.authentication,
            localKey: proof.localKey,
            remoteKey: proof.remoteKey,
            version: version,
            ike: try parsed("ike") { ProposalText.readIKE($0) },
            esp: try parsed("esp") { ProposalText.readESP($0) },
            ikeLifetime: try seconds("ikelifetime"),
            espLifetime: try seconds("salifetime"),
            liveness: try seconds("dpddelay"),
            retransmitTimeout: try seconds("retransmit-timeout"),
            encapsulation: try parsed("encapsulation") { text in
                TunnelRule.Encapsulation.allCases.first { $0.keyword == text }
            },
            reqid: try number("reqid", 1...16_383)
        )
        guard try seconds("rekeymargin") == connection.rekeyMargin else { throw wrong("rekeymargin") }
        if version == .v1, try seconds("dpdtimeout") != connection.retransmitTimeout { throw wrong("dpdtimeout") }
        try close()
        return connection
    }

    /// Refuses the first statement that nobody took.
    func close() throws(ReadFailure) {
        guard let left = section.statements.first(where: { statements[$0.keyword] != nil }) else { return }
        throw ReadFailure(line: left.line, .keyword(left.keyword))
    }

    mutating func fixed(_ keyword: String, _ value: String) throws(ReadFailure) {
        _ = try choice(keyword, [value])
    }

    mutating func choice(_ keyword: String, _ values: [String]) throws(ReadFailure) -> String {
        try parsed(keyword) { values.contains($0) ? $0 : nil }
    }

    /// Version 4 has `ikev2=` and `dpdaction=`, version 5 `keyexchange=`.
    private mutating func version() throws(ReadFailure) -> IKEVersion {
        if statements["keyexchange"] != nil {
            return try choice("keyexchange", ["ikev1", "ikev2"]) == "ikev1" ? .v1 : .v2
        }
        try fixed("dpdaction", "restart")
        return try choice("ikev2", ["insist", "no"]) == "no" ? .v1 : .v2
    }

    private mutating func end(_ side: String) throws(ReadFailure) -> Connection.End {
        Connection.End(
            address: try parsed(side) { text in IPAddress(text).flatMap { $0.description == text ? $0 : nil } },
            id: try parsed("\(side)id") { Self.identity($0) },
            subnet: try parsed("\(side)subnet") { text in
                IPPrefix(text).flatMap { "\($0.address)/\($0.bitCount)" == text ? $0 : nil }
            }
        )
    }

    private mutating func authentication() throws(ReadFailure) -> (
        authentication: Connection.Authentication, localKey: KeyKind, remoteKey: KeyKind
    ) {
        guard statements["leftcert"] != nil else {
            try fixed("authby", "secret")
            return (.sharedSecret, .ecdsa, .ecdsa)
        }
        let nickname = try parsed("leftcert") { Alphabet.isNickname($0) ? $0 : nil }
        try fixed("leftsendcert", "always")
        try fixed("leftrsasigkey", "%cert")
        try fixed("rightrsasigkey", "%cert")
        let authority = try parsed("rightca") { Alphabet.isDistinguishedName($0) ? $0 : nil }
        let certificate = Connection.Authentication.certificate(nickname: nickname, authority: authority)
        if statements["authby"] != nil {
            let key: KeyKind = try choice("authby", ["ecdsa", "rsa-sha2"]) == "ecdsa" ? .ecdsa : .rsa
            return (certificate, key, key)
        }
        let localKey: KeyKind = try choice("leftauth", ["ecdsa", "rsasig"]) == "ecdsa" ? .ecdsa : .rsa
        try fixed("rightauth", localKey == .ecdsa ? "rsasig" : "ecdsa")
        return (certificate, localKey, localKey == .ecdsa ? .rsa : .ecdsa)
    }

    static func identity(_ text: String) -> IKEIdentity? {
        let identity: IKEIdentity
        if text.hasPrefix("@") {
            identity = .name(String(text.dropFirst()))
        } else if let address = IPAddress(text) {
            identity = .address(address)
        } else if text.contains("=") {
            identity = .distinguishedName(text)
        } else {
            identity = .email(text)
        }
        return Alphabet.isIdentity(identity) && identity.description == text ? identity : nil
    }

    private mutating func seconds(_ keyword: String) throws(ReadFailure) -> Duration {
        try parsed(keyword) { text in
            guard text.hasSuffix("s"), let value = Int(text.dropLast()), (1...86_400).contains(value),
                "\(value)s" == text
            else { return nil }
            return .seconds(value)
        }
    }

    /// A number must be bare: Libreswan 4.10 reads a quoted one as 0.
    private mutating func number(_ keyword: String, _ range: ClosedRange<Int>) throws(ReadFailure) -> Int {
        guard case .number(let text) = try take(keyword), let value = Int(text), range.contains(value),
            String(value) == text
        else { throw wrong(keyword) }
        return value
    }

    /// Everything else must be quoted.
    private mutating func parsed<Value>(
        _ keyword: String,
        _ parse: (String) -> Value?
    ) throws(ReadFailure) -> Value {
        guard case .quoted(let text) = try take(keyword), let value = parse(text) else { throw wrong(keyword) }
        return value
    }

    private mutating func take(_ keyword: String) throws(ReadFailure) -> ConfigurationToken.Kind {
        guard let statement = statements.removeValue(forKey: keyword) else {
            throw ReadFailure(line: section.line, .missing(keyword))
        }
        return statement.value
    }

    private func wrong(_ keyword: String) -> ReadFailure {
        let line = section.statements.first { $0.keyword == keyword }?.line ?? section.line
        return ReadFailure(line: line, .value(of: keyword))
    }
}
