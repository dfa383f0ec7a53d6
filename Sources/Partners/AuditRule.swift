// SPDX-License-Identifier: Apache-2.0
package import Base

/// How the audit log is kept (`[audit]`); required with `[gate]`.
package struct AuditRule: Hashable, Sendable {
    /// The log server a copy of each line goes to (`[audit.forward]`), syslog over TLS (RFC 5425).
    package struct Forward: Hashable, Sendable {
        /// `to`, required: address and port.
        package var to: IPEndpoint
        /// `name`, required: the host name in its certificate.
        package var name: String
        /// `ca`, required: `ca/<ca>`, PEM.
        package var ca: String
        /// `certificate`, optional: `identities/<certificate>`, our chain, leaf first, PEM; with `key`.
        package var certificate: String?
        /// `key`, optional: `identities/<key>`, PEM, or `credential:NAME`; with `certificate`.
        package var key: String?
    }

    /// `key`, required: `identities/<key>`, an Ed25519 private key, PEM; or `credential:NAME`.
    package var key: String
    /// `folder`, default ``folderDefault``.
    package var folder: String = AuditRule.folderDefault
    /// `keep`, 1d to 3650d, default 365d: lines are removed when they are older.
    package var keep: Duration = .seconds(365 * 86_400)
    /// `keep-bytes`, 1,048,576 to 1,099,511,627,776, default 17,179,869,184: the oldest files are removed, whatever their
    /// age, when all together are larger.
    package var keepBytes = 17_179_869_184
    /// `control`, default ``controlDefault``: the Unix socket for operators.
    package var control: String = AuditRule.controlDefault
    /// `events`, default ``eventsDefault``: the Unix socket our programs report to.
    package var events: String = AuditRule.eventsDefault
    package var forward: Forward?

    package static let folderDefault = "/var/lib/eig-audit"
    package static let controlDefault = "/run/eig/audit.sock"
    package static let eventsDefault = "/run/eig/audit-events.sock"
}
