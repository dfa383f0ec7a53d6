// SPDX-License-Identifier: Apache-2.0

/// The answer to `GET /v1/whoami`.
package struct WhoamiDocument: ControlDocument {
    /// The certificate the caller showed.
    package struct Certificate: Codable, Hashable, Sendable {
        /// RFC 2253.
        package var subject: String
        package var issuer: String
        /// Hexadecimal.
        package var serial: String
        /// Of its DER form: `sha256:` and 64 digits.
        package var fingerprint: String
        package var notBefore: String
        package var notAfter: String
        /// Whole days until then, by the gate's clock.
        package var daysLeft: Int
        /// The name in it that says who it is, and which kind that is: `rfc822Name` or `dNSName` (RFC 5280 §4.2.1.6).
        package var matchedName: String
        package var matchedKind: String
        /// The file of the authorities its chain ends in, `ca` of the `[[admin]]`.
        package var authority: String

        package init(
            subject: String,
            issuer: String,
            serial: String,
            fingerprint: String,
            notBefore: String,
            notAfter: String,
            daysLeft: Int,
            matchedName: String,
            matchedKind: String,
            authority: String
        ) {
            self.subject = subject
            self.issuer = issuer
            self.serial = serial
            self.fingerprint = fingerprint
            self.notBefore = notBefore
            self.notAfter = notAfter
            self.daysLeft = daysLeft
            self.matchedName = matchedName
            self.matchedKind = matchedKind
            self.authority = authority
        }
    }

    /// The account on the gate's host that asks, by the kernel's word.
    package struct Login: Codable, Hashable, Sendable {
        package var account: String
        package var uid: Int
        /// The account that logged in before becoming this one; nothing where that is the same, or not known.
        package var loggedInAs: String?
        /// Whether only the caller says so; it gives no right either way.
        package var isClaimed: Bool

        package init(account: String, uid: Int, loggedInAs: String? = nil, isClaimed: Bool = false) {
            self.account = account
            self.uid = uid
            self.loggedInAs = loggedInAs
            self.isClaimed = isClaimed
        }
    }

    package var schema = controlSchema
    package var ok = true
    /// The person's `id`; nothing for a caller on the host who is no administrator.
    package var who: String?
    package var name: String?
    /// Why there is none, and what to do about it.
    package var reason: String?
    package var hint: String?
    package var roles: [String] = []
    /// What they may do in the gate itself: `approve`, `audit`, `sessions`.
    package var rights: [String] = []
    package var mayBreakGlass = false
    /// `certificate` or `login`.
    package var how: String
    /// Where the call comes from: an address and port, or the login on the host.
    package var source: String
    package var certificate: Certificate?
    package var login: Login?
    /// Theirs that are in force now, the newest first.
    package var grants: [GrantItem] = []
    /// The gate's name.
    package var gate: String
    package var version: String

    package init(who: String?, how: String, source: String, gate: String, version: String) {
        self.who = who
        self.how = how
        self.source = source
        self.gate = gate
        self.version = version
    }
}
