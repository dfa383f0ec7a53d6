// SPDX-License-Identifier: Apache-2.0

/// The stable names of everything the lint can say; scripts and dashboards rely on them.
package enum DiagnosticCode: String, CaseIterable, Hashable, Sendable {
    // The text and its keys.
    case syntax = "E-SYNTAX"
    case duplicateKey = "E-DUPLICATE-KEY"
    case unknownKey = "E-UNKNOWN-KEY"
    case type = "E-TYPE"
    case missingKey = "E-MISSING-KEY"
    case count = "E-COUNT"
    case range = "E-RANGE"
    case text = "E-TEXT"
    case choice = "E-CHOICE"
    case repeated = "E-REPEATED"
    case duration = "E-DURATION"
    case date = "E-DATE"
    case conflict = "E-CONFLICT"

    // Names and references.
    case identifier = "E-ID"
    case identifierFile = "E-ID-FILE"
    case fileName = "E-FILE-NAME"
    case fileMissing = "E-FILE-MISSING"
    case credentialMissing = "E-CREDENTIAL-MISSING"
    case fileUnreadable = "E-FILE-UNREADABLE"
    case fileMode = "E-FILE-MODE"
    case notPEM = "E-NOT-PEM"
    case certificate = "E-CERTIFICATE"
    case certificateDoubtful = "W-CERTIFICATE"
    case credential = "E-CREDENTIAL"
    case credentialPlain = "E-CREDENTIAL-PLAIN"
    case fileUnchecked = "W-FILE-UNCHECKED"
    case secretForm = "E-SECRET-FORM"
    case secretWeak = "E-SECRET-WEAK"

    // Addresses.
    case address = "E-ADDRESS"
    case port = "E-PORT"
    case prefix = "E-PREFIX"
    case prefixHostBits = "E-PREFIX-HOST-BITS"
    case prefixWide = "E-PREFIX-WIDE"
    case prefixDoubtful = "W-PREFIX-WIDE"

    // A partner.
    case allowExpired = "W-ALLOW-EXPIRED"
    case allowRedundant = "W-ALLOW-REDUNDANT"
    case allowOutsideTunnel = "E-ALLOW-OUTSIDE-TUNNEL"
    case san = "E-SAN"
    case pin = "E-PIN"
    case serial = "E-SERIAL"
    case url = "E-URL"
    case urlAddress = "E-URL-ADDRESS"
    case profile = "E-PROFILE"
    case tunnelName = "E-TUNNEL-NAME"
    case tunnelID = "E-TUNNEL-ID"
    case tunnelFamily = "E-TUNNEL-FAMILY"
    case tunnelUnknown = "E-TUNNEL-UNKNOWN"
    case tunnelPeer = "E-TUNNEL-PEER"
    case tunnelSelectors = "E-TUNNEL-SELECTORS"
    case tunnelProposal = "E-TUNNEL-PROPOSAL"
    case tunnelWeak = "E-TUNNEL-WEAK"
    case waiverUnused = "W-WAIVER-UNUSED"

    // The gateway and the host.
    case path = "E-PATH"
    case method = "E-METHOD"
    case backendUnknown = "E-BACKEND-UNKNOWN"
    case routeDuplicate = "E-ROUTE-DUPLICATE"

    // Administrators.
    case targetAddress = "E-TARGET-ADDRESS"
    case targetUnknown = "E-TARGET-UNKNOWN"
    case roleUnknown = "E-ROLE-UNKNOWN"
    case adminShared = "E-ADMIN-SHARED"
    case adminEnded = "W-ADMIN-ENDED"
    case approverNone = "W-NO-APPROVER"
    case breakGlass = "E-BREAK-GLASS"

    // The whole set.
    case partnersNone = "W-NO-PARTNERS"
    case allowOverlap = "E-ALLOW-OVERLAP"
    case markCollision = "E-MARK-COLLISION"
    case identityShared = "E-IDENTITY-SHARED"
    case tunnelOverlap = "E-TUNNEL-OVERLAP"
    case tunnelIdentity = "E-TUNNEL-IDENTITY"
    case tunnelAddress = "E-TUNNEL-ADDRESS"
    /// For whoever is about to change something.
    case waiverExpired = "E-WAIVER-EXPIRED"
    /// For a program that goes on with what was agreed.
    case waiverLapsed = "W-WAIVER-EXPIRED"
    case waiverExpiring = "W-WAIVER-EXPIRING"
    case waiverLong = "E-WAIVER-LONG"
    case portDisagrees = "E-PORT-DISAGREES"
    case networkDisagrees = "E-NETWORK-DISAGREES"
    case bodyLimit = "W-BODY-LIMIT"

    package var severity: Diagnostic.Severity { rawValue.hasPrefix("W-") ? .warning : .error }
}
