// SPDX-License-Identifier: Apache-2.0
package import Base
internal import Partners

/// Why somebody is not let in, or not to where they want to go.
package enum AccessDenial: Error, Hashable, Sendable {
    // Who.
    case identityUnknown
    case identityAmbiguous
    case certificatePin
    case certificateRevoked
    case certificateExpired
    /// What is weak about it.
    case certificateWeak(String)
    case certificatePurpose
    case loginUnknown(String)
    /// Root, who may be anybody.
    case loginRoot
    case personDisabled
    case personEnded
    case addressNotAllowed(IPAddress)
    case lockedOut(until: WallInstant)

    // Where to.
    case targetLiteral
    case targetUnknown(nearest: String?)
    case portMissing([UInt16])
    case portUnknown([UInt16])
    case targetNotYours

    // Whether now.
    case grantNone
    case grantPending(id: String)
    case grantScheduled(id: String, from: WallInstant)
    case grantExpired(id: String, at: WallInstant)
    case grantRevoked(id: String)
    case breakGlassSealed

    /// Snake case; stable.
    package var code: String {
        switch self {
        case .identityUnknown: "identity_unknown"
        case .identityAmbiguous: "identity_ambiguous"
        case .certificatePin: "certificate_pin"
        case .certificateRevoked: "certificate_revoked"
        case .certificateExpired: "certificate_expired"
        case .certificateWeak: "certificate_weak"
        case .certificatePurpose: "certificate_purpose"
        case .loginUnknown: "login_unknown"
        case .loginRoot: "login_root"
        case .personDisabled: "person_disabled"
        case .personEnded: "person_ended"
        case .addressNotAllowed: "address_not_allowed"
        case .lockedOut: "locked_out"
        case .targetLiteral: "target_literal"
        case .targetUnknown: "target_unknown"
        case .portMissing: "port_missing"
        case .portUnknown: "port_unknown"
        case .targetNotYours: "target_not_yours"
        case .grantNone: "grant_none"
        case .grantPending: "grant_pending"
        case .grantScheduled: "grant_scheduled"
        case .grantExpired: "grant_expired"
        case .grantRevoked: "grant_revoked"
        case .breakGlassSealed: "break_glass_sealed"
        }
    }

    /// Whether somebody failed to prove who they are; a lock-out counts these.
    package var isAuthenticationFailure: Bool {
        switch self {
        case .identityUnknown, .identityAmbiguous, .certificatePin, .certificateRevoked, .certificateExpired,
            .certificateWeak, .certificatePurpose, .personDisabled, .personEnded, .addressNotAllowed:
            true
        case .loginUnknown, .loginRoot, .lockedOut, .targetLiteral, .targetUnknown, .portMissing, .portUnknown,
            .targetNotYours, .grantNone, .grantPending, .grantScheduled, .grantExpired, .grantRevoked,
            .breakGlassSealed:
            false
        }
    }

    /// Why, in a few words.
    package var reason: String {
        switch self {
        case .identityUnknown: "this certificate is no administrator's"
        case .identityAmbiguous: "this certificate is more than one administrator's"
        case .certificatePin: "its key is not one of those that are expected"
        case .certificateRevoked: "this certificate is revoked"
        case .certificateExpired: "this certificate has ended or has not begun"
        case .certificateWeak(let weakness): "this certificate is weak: \(weakness)"
        case .certificatePurpose: "this certificate is not for clients"
        case .loginUnknown(let login): "no administrator has login = \"\(login)\""
        case .loginRoot: "root is nobody in particular, whoever logged in"
        case .personDisabled: "this administrator is not enabled"
        case .personEnded: "this administrator's time has ended"
        case .addressNotAllowed(let address): "not from \(address)"
        case .lockedOut(let until): "locked out until \(until.rfc3339)"
        case .targetLiteral: "targets are called by name, never by address"
        case .targetUnknown: "there is no such target"
        case .portMissing: "it has several ports"
        case .portUnknown: "it has no such port"
        case .targetNotYours: "no role leads there"
        case .grantNone: "no grant"
        case .grantPending(let id): "\(id) waits for somebody else's approval"
        case .grantScheduled(let id, let from): "\(id) begins at \(from.rfc3339)"
        case .grantExpired(let id, let at): "\(id) ended at \(at.rfc3339)"
        case .grantRevoked(let id): "\(id) was revoked"
        case .breakGlassSealed: "this identity is sealed"
        }
    }

    /// What to do about it.
    package func hint(_ wanted: Destination?) -> String {
        let place = wanted?.description ?? "TARGET"
        switch self {
        case .identityUnknown, .identityAmbiguous, .certificatePin: return "see [[admin]] in jumpd.toml"
        case .certificateRevoked, .certificateWeak, .certificatePurpose: return "ask for a new certificate"
        case .certificateExpired: return "renew it, and look at the clock"
        case .loginUnknown: return "add it to the [[admin]] in jumpd.toml"
        case .loginRoot: return "ask without sudo, from the account that is `login` of an [[admin]], or by certificate"
        case .personDisabled, .personEnded: return "ask who looks after jumpd.toml"
        case .addressNotAllowed: return "see `from` of the [[admin]] in jumpd.toml"
        case .lockedOut: return "wait, or ask for eigctl jump unlock on the gate's host"
        case .targetLiteral, .targetUnknown(nil), .targetNotYours: return "yours: eigctl jump targets"
        case .targetUnknown(let nearest?): return "did you mean \(nearest)?"
        case .portMissing(let ports), .portUnknown(let ports):
            return "use \(ports.map { "\(wanted?.target ?? "TARGET"):\($0)" }.joined(separator: ", "))"
        case .grantNone, .grantExpired, .grantRevoked: return "request a grant: eigctl grant request \(place)"
        case .grantPending(let id): return "ask a colleague: eigctl grant approve \(id)"
        case .grantScheduled: return "wait until then"
        case .breakGlassSealed: return "in an emergency: eigctl jump break-glass --reason TEXT"
        }
    }

    /// `access denied for mallory to txn-db: no grant (request a grant: eigctl grant request txn-db)`.
    ///
    /// - Parameter who: the person's id; nothing when nobody is known.
    package func sentence(for who: String?, to wanted: Destination?) -> String {
        "\(message(for: who, to: wanted)) (\(hint(wanted)))"
    }

    /// As ``sentence(for:to:)``, without the mend.
    package func message(for who: String?, to wanted: Destination?) -> String {
        let person = who.map { " for \($0)" } ?? ""
        let place = wanted.map { " to \(GrantText.shown($0.description))" } ?? ""
        return "access denied\(person)\(place): \(reason)"
    }
}
