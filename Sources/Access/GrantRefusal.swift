// SPDX-License-Identifier: Apache-2.0
package import Base
package import Partners

/// Why a grant is not made or changed, with the mend.
package enum GrantRefusal: Error, Hashable, Sendable {
    case personUnknown(String)
    case targetsNone
    case targetsMany(Int)
    case targetUnknown(String, nearest: String?)
    case portUnknown(Destination, ports: [UInt16])
    /// None of the person's roles leads there.
    case targetNotYours(Destination)
    case reasonMissing
    case ticketMissing
    case textLong(field: String)
    case durationOutside(minutesMax: Int)
    case startPassed
    case startFar(days: Int)
    case pendingMany(Int)
    /// The person's identity is for emergencies only.
    case breakGlassOnly
    /// The person's identity is not for emergencies.
    case breakGlassNot
    case breakGlassOpen(id: String)
    case bookFull(Int)
    case grantUnknown(String)
    /// Nobody decides on what they asked for themselves.
    case ownGrant(String)
    case rightMissing(AccessRight)
    case notYours(String)
    case phaseWrong(String, Grant.Phase, verb: String)
    case notBreakGlass(String)
    case stillOpen(String, until: WallInstant)
    case closedAlready(String, by: String)
    /// It cannot be written down: the reason in words.
    case notStored(String)

    /// Snake case; stable.
    package var code: String {
        switch self {
        case .personUnknown: "person_unknown"
        case .targetsNone: "targets_missing"
        case .targetsMany: "targets_many"
        case .targetUnknown: "target_unknown"
        case .portUnknown: "port_unknown"
        case .targetNotYours: "target_not_yours"
        case .reasonMissing: "reason_missing"
        case .ticketMissing: "ticket_missing"
        case .textLong: "text_long"
        case .durationOutside: "duration_outside"
        case .startPassed: "start_passed"
        case .startFar: "start_far"
        case .pendingMany: "pending_many"
        case .breakGlassOnly: "break_glass_only"
        case .breakGlassNot: "break_glass_not"
        case .breakGlassOpen: "break_glass_open"
        case .bookFull: "grants_many"
        case .grantUnknown: "grant_unknown"
        case .ownGrant: "grant_own"
        case .rightMissing: "right_missing"
        case .notYours: "grant_not_yours"
        case .phaseWrong: "grant_phase"
        case .notBreakGlass: "grant_not_break_glass"
        case .stillOpen: "break_glass_still_open"
        case .closedAlready: "review_closed"
        case .notStored: "store_unavailable"
        }
    }

    /// What is wrong, in one sentence without a full stop.
    package var message: String {
        switch self {
        case .personUnknown(let id): "there is no administrator \(id)"
        case .targetsNone: "a grant is for at least one target"
        case .targetsMany(let max): "a grant is for at most \(max) targets"
        case .targetUnknown(let name, _): "there is no target \(name)"
        case .portUnknown(let place, _): "\(place.target) has no port \(place.port.map(String.init) ?? "")"
        case .targetNotYours(let place): "none of your roles leads to \(place)"
        case .reasonMissing: "a reason is missing"
        case .ticketMissing: "a ticket is missing"
        case .textLong(let field): "`\(field)` is not one line of at most \(GrantBook.textLengthMax) characters"
        case .durationOutside(let max): "a grant is for \(GrantBook.minutesMin) to \(max) minutes"
        case .startPassed: "`from` has passed"
        case .startFar(let days): "`from` is more than \(days) days ahead"
        case .pendingMany(let max): "\(max) requests of yours wait for a decision already"
        case .breakGlassOnly: "this identity is for emergencies and asks for nothing"
        case .breakGlassNot: "this identity is not for emergencies"
        case .breakGlassOpen(let id): "the glass is broken already: \(id)"
        case .bookFull(let max): "there are \(max) grants that are not over, as many as there may be"
        case .grantUnknown(let id): "there is no grant \(id)"
        case .ownGrant(let id): "\(id) is yours: somebody else decides on it"
        case .rightMissing(let right): "none of your roles may `\(right.rawValue)`"
        case .notYours(let id): "\(id) is somebody else's"
        case .phaseWrong(let id, let phase, let verb): "\(id) is \(phase.rawValue) and cannot be \(verb)"
        case .notBreakGlass(let id): "\(id) is no use of break-glass and has no review"
        case .stillOpen(let id, let until): "\(id) lasts until \(until.rfc3339)"
        case .closedAlready(let id, let by): "the review of \(id) was closed by \(by)"
        case .notStored(let why): "it cannot be written down: \(why)"
        }
    }

    /// What to do about it, in one sentence without a full stop.
    package var hint: String {
        switch self {
        case .personUnknown: "see [[admin]] in jumpd.toml"
        case .targetsNone: "name one: eigctl jump targets"
        case .targetsMany: "ask for what is needed now"
        case .targetUnknown(_, let nearest): nearest.map { "did you mean \($0)?" } ?? "see eigctl jump targets"
        case .portUnknown(_, let ports): "use \(ports.map(String.init).joined(separator: ", "))"
        case .targetNotYours: "see eigctl jump targets, or ask for a role in jumpd.toml"
        case .reasonMissing: "say why: --reason TEXT"
        case .ticketMissing: "name the ticket: --ticket TEXT"
        case .textLong: "shorten it"
        case .durationOutside: "ask for less, and again when it is over"
        case .startPassed: "leave it out to begin with the approval"
        case .startFar: "ask nearer to the time"
        case .pendingMany: "wait, or withdraw one: eigctl grant revoke ID"
        case .breakGlassOnly: "eigctl jump break-glass --reason TEXT"
        case .breakGlassNot: "ask for a grant: eigctl grant request TARGET"
        case .breakGlassOpen: "it leads wherever your roles do until it ends"
        case .bookFull: "revoke what is not needed: eigctl grant list --state pending"
        case .grantUnknown: "see eigctl grant list"
        case .ownGrant: "ask a colleague who may approve"
        case .rightMissing(let right): "ask somebody whose role has `may = [\"\(right.rawValue)\"]`"
        case .notYours: "only its owner, or somebody who may approve, ends it"
        case .phaseWrong: "see eigctl grant list"
        case .notBreakGlass: "only a use of break-glass is reviewed"
        case .stillOpen(let id, _): "wait, or end it first: eigctl grant revoke \(id)"
        case .closedAlready: "nothing is left to do"
        case .notStored: "free room where access.db lies; what is in force stays, and can be revoked"
        }
    }

    /// `message (hint)`.
    package var sentence: String { "\(message) (\(hint))" }
}
