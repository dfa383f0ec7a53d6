// SPDX-License-Identifier: Apache-2.0
package import Base

/// The administrators' side of `jumpd.toml`: the gate, who may come in, and where to.
///
/// There is none without `[gate]`; who, where and what for are then errors.
package struct AccessRules: Hashable, Sendable {
    package var gate: GateRule
    package var lockout: LockoutRule
    package var grants: GrantRule
    package var audit: AuditRule
    /// `[[admin]]`, 0 to 1000, in the order of the file.
    package var admins: [AdminRule]
    /// `[[role]]`, 0 to 100.
    package var roles: [RoleRule]
    /// `[[target]]`, 0 to 1000.
    package var targets: [TargetRule]

    package func admin(_ id: String) -> AdminRule? { admins.first { $0.id == id } }
    package func role(_ id: String) -> RoleRule? { roles.first { $0.id == id } }
    package func target(_ id: String) -> TargetRule? { targets.first { $0.id == id } }

    /// What an administrator may do in the gate itself, by all of the roles together.
    ///
    /// A sealed identity may nothing: whoever holds it would approve what they asked for as themselves.
    package func rights(of admin: AdminRule) -> Set<AccessRight> {
        admin.isBreakGlass ? [] : admin.roles.reduce(into: []) { $0.formUnion(role($1)?.may ?? []) }
    }

    /// Where an administrator may be let in to, given a grant: what all of the roles name.
    package func destinations(of admin: AdminRule) -> [TargetName] {
        var seen: Set<TargetName> = []
        return admin.roles.flatMap { role($0)?.targets ?? [] }.filter { seen.insert($0).inserted }
    }
}

/// Where the gate listens, who it is, and how much it takes on (`[gate]`).
package struct GateRule: Hashable, Sendable {
    /// `listen`, required, 1 to 16: addresses and ports for administrators, TLS.
    package var listen: [IPEndpoint]
    /// `name`, required: the host name clients call it by; a database is `TARGET.NAME` (SNI).
    package var name: String
    /// `certificate`, required: `identities/<certificate>`, the chain, leaf first, PEM.
    package var certificate: String
    /// `key`, required: `identities/<key>`, the private key, PEM; or `credential:NAME`.
    package var key: String
    /// `revoked`, default none, at most 1000: certificates and keys refused although their chain is good.
    package var revoked: [RevokedCertificate] = []
    /// `connections`, 1 to 100,000, default 8192: open at once.
    package var connectionsMax: Int = 8192
    /// `sessions-per-person`, 1 to 10,000, default 64: of one administrator at once.
    package var sessionsPerPersonMax: Int = 64
    /// `idle`, 1m to 24h, default 15m: a session without a byte either way ends.
    package var idle: Duration = .seconds(15 * 60)
    /// `longest`, 1m to 24h, default 8h: a session ends, whatever goes through it.
    package var longest: Duration = .seconds(8 * 3600)
    /// `handshakes-per-second`, 1 to 100,000, default 20: from one source address.
    package var handshakesPerSecond: Int = 20
    /// `handshakes-burst`, 1 to 100,000, default 100: from one source address after a pause.
    package var handshakesBurst: Int = 100
    /// `workers`, 0 to 256, default 0: threads that carry traffic; 0 is one for each CPU.
    package var workerCount: Int = 0
    /// `control`, default ``controlDefault``: the Unix socket for operators.
    package var control: String = GateRule.controlDefault

    package static let controlDefault = "/run/eig/jump.sock"
}

/// When somebody who fails to prove who they are is not listened to any more (`[lockout]`).
package struct LockoutRule: Hashable, Sendable {
    /// `failures`, 3 to 10, default 10: of one person, and of one source address, within `period`.
    package var failuresMax: Int = 10
    /// `for`, 1m to 24h, default 30m: how long they are refused.
    package var period: Duration = .seconds(30 * 60)

    package init() {}
}

/// How long access is given for (`[grants]`).
package struct GrantRule: Hashable, Sendable {
    /// `longest`, 5m to 8h, default 8h.
    package var longest: Duration = .seconds(8 * 3600)
    /// `break-glass-longest`, 5m to 60m, default 60m.
    package var breakGlassLongest: Duration = .seconds(3600)
    /// `pending`, 5m to 7d, default 24h: a request nobody decides on ends.
    package var pending: Duration = .seconds(86_400)

    package init() {}
}

/// What an administrator may do in the gate itself (`may` of a role).
package enum AccessRight: String, CaseIterable, Hashable, Sendable {
    /// Decide on what others ask for, take grants back, close the review of a break-glass use.
    case approve
    /// Read the audit log, sign the review.
    case audit
    /// See everybody's sessions and end them.
    case sessions
}

/// Who somebody is, and as what they come in (`[[admin]]`).
package struct AdminRule: Hashable, Sendable {
    /// `id`, required: `[a-z][a-z0-9_.-]{0,31}`.
    package var id: String
    /// `name`, required: 1 to 200 characters.
    package var name: String
    /// `roles`, 0 to 100, default none: what they may ask for, and may do.
    package var roles: [String]
    /// `ca`, required: the file `ca/<ca>` holds the authority the certificate's chain must end in, PEM.
    package var ca: String
    /// `san`, required: the name the certificate must carry.
    package var san: AdminName
    /// `pin`, default none, at most 16: SHA-256 of the keys that are taken, in addition to `ca` and `san`.
    package var pins: [KeyPin] = []
    /// `login`, optional: the account on this host, `[a-z_][a-z0-9_-]{0,31}`.
    package var login: String?
    /// `from`, default anywhere, at most 100: networks this person comes from.
    package var from: [IPPrefix] = []
    /// `until`, optional: refused from this instant on. A date allows that whole day, in UTC.
    package var until: WallInstant?
    /// `enabled`, default true.
    package var isEnabled: Bool = true
    /// `break-glass`, default false: a sealed identity for emergencies, which nobody has to approve.
    package var isBreakGlass: Bool = false
}

/// What in a certificate names an administrator.
package enum AdminName: Hashable, Sendable, CustomStringConvertible {
    /// An rfc822Name (RFC 5280 §4.2.1.6); the part before the `@` counts as it is written, what follows in lower case.
    case email(String)
    /// A dNSName, lower case.
    case host(String)

    /// Nothing but `LOCAL@HOST` or a host name, without wildcard.
    package init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        switch parts.count {
        case 1 where DNSName.isValid(text): self = .host(text)
        case 2 where Self.isLocalPart(parts[0]) && DNSName.isValid(parts[1]): self = .email(text)
        default: return nil
        }
    }

    package var description: String {
        switch self {
        case .email(let text), .host(let text): text
        }
    }

    /// A dot-atom of at most 64 bytes (RFC 5322 §3.2.3).
    private static func isLocalPart(_ text: Substring) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                    || "!#$%&'*+-/=?^_`{|}~.".utf8.contains(byte)
            }
    }
}

/// What several administrators may do alike (`[[role]]`).
package struct RoleRule: Hashable, Sendable {
    /// `id`, required: `[a-z][a-z0-9_.-]{0,31}`.
    package var id: String
    /// `targets`, 0 to 1000, default none: what may be asked for.
    package var targets: [TargetName]
    /// `may`, default nothing: what may be done in the gate itself.
    package var may: Set<AccessRight>
}

/// Where administrators get to (`[[target]]`): always by this name, never by an address.
package struct TargetRule: Hashable, Sendable {
    package enum Wire: String, CaseIterable, Hashable, Sendable {
        /// Bytes, whatever they mean.
        case tcp
        /// PostgreSQL, called as a host name of its own (`TARGET.NAME` of the gate).
        case postgresql
    }

    /// The server's certificate the leg to a database is checked against.
    package struct Upstream: Hashable, Sendable {
        /// `ca`, required: `ca/<ca>`, PEM.
        package var ca: String
        /// `name`, required: the host name in the server's certificate.
        package var name: String
    }

    /// `id`, required: `[a-z][a-z0-9-]{0,62}`, not ending in `-`: a label of a host name.
    package var id: String
    /// `address`, required: never this host, a loopback, link-local, multicast or metadata address.
    package var address: IPAddress
    /// `ports`, required, 1 to 16; a database has one.
    package var ports: [UInt16]
    /// `protocol`, default `tcp`.
    package var wire: Wire
    /// `reason`, required: why it is there; 1 to 200 characters.
    package var reason: String
    /// `idle`, default that of `[gate]`.
    package var idle: Duration?
    /// `longest`, default that of `[gate]`.
    package var longest: Duration?
    /// `tls`, optional, for a database: the leg to it is encrypted as well; without it, it is not.
    package var tls: Upstream?
}
