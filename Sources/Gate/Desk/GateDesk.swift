// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import AccessStore
internal import AuditTrail
internal import Base
internal import Control
internal import LinuxIO
internal import Partners

/// What administrators ask the gate itself: who they are, where they may go, grants, sessions, the review.
///
/// The same for somebody behind a certificate and for somebody on the host; what an answer may hold, and what may be
/// done, depends on who asks. Whatever changes something goes into the audit log with their name.
struct GateDesk: Sendable {
    let grants: GrantDesk
    let board: SessionBoard
    let lockouts: LockoutTable
    let policy: @Sendable () -> AccessPolicy
    /// Ends a session; false when there is none with this id.
    let kill: @Sendable (_ session: String, _ who: String) -> Bool
    let tell: @Sendable (AuditEvent) -> Void
    /// A line for the log that is looked at.
    let say: @Sendable (_ event: String, _ fields: KeyValuePairs<String, String>) -> Void
    /// Refused connections by reason.
    let refusals: @Sendable () -> [String: Int]

    /// One question, and all that its answer depends on.
    struct Turn {
        let question: DeskQuestion
        let query: [String: String]
        let asker: DeskAsker
        let policy: AccessPolicy
        let now: WallInstant

        /// - Throws: ``DeskRefusal``, when nobody the gate knows asks.
        func person() throws(DeskRefusal) -> Person {
            if let person = asker.person { return person }
            let why = asker.denial ?? .identityUnknown
            throw DeskRefusal(403, code: why.code, message: why.reason, hint: why.hint(nil))
        }

        func require(_ right: AccessRight) throws(DeskRefusal) -> Person {
            let person = try person()
            guard person.rights.contains(right) else { throw DeskRefusal(GrantRefusal.rightMissing(right)) }
            return person
        }

        func order<Order: GateOrder>(_ kind: Order.Type) throws(DeskRefusal) -> Order {
            do throws(DocumentError) { return try Order(json: question.body) } catch {
                throw DeskRefusal(
                    400,
                    code: "body_malformed",
                    message: error.why,
                    hint: "send JSON with those fields and no others"
                )
            }
        }
    }

    /// - Returns: nothing for a path that is not the desk's.
    func answer(_ question: DeskQuestion, _ caller: DeskCaller, now: WallInstant) -> ControlResponse? {
        let policy = policy()
        let asker = DeskAsker(caller, policy, now: now)
        let parts = question.path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 3, parts[0].isEmpty, parts[1] == "v1" else { return nil }
        guard let query = ControlQuery.parse(question.query) else {
            return DeskRefusal(400, code: "query_malformed", message: "the part after `?` is malformed").response
        }
        if let person = asker.person { grants.noteSeen(person.id, at: now) }
        let turn = Turn(question: question, query: query, asker: asker, policy: policy, now: now)
        do throws(DeskRefusal) {
            return try answer(turn, Array(parts.dropFirst(2)))
        } catch {
            note(error, of: turn, Array(parts.dropFirst(2)))
            return error.response
        }
    }

    /// That somebody may not do what they asked for, or that it cannot be done, is an event as if it had been done
    /// (PCI DSS 10.2.1.4).
    private func note(_ refusal: DeskRefusal, of turn: Turn, _ parts: [String]) {
        guard !refusal.isTold, turn.question.method == "POST", let (kind, object) = Self.act(parts) else { return }
        tell(event(turn, kind, .failure, object: object, [AuditEvent.Detail("refused", refusal.code)]))
    }

    /// What would be done, and to what; nothing where nothing would be.
    private static func act(_ parts: [String]) -> (AuditKind, object: String)? {
        let id = parts.count > 1 ? parts[1].prefix(32) : ""
        switch (parts[0], parts.count, parts.last) {
        case ("grants", 1, _): return (.grantRequest, "grant")
        case ("grants", 3, "approve"): return (.grantApprove, "grant \(id)")
        case ("grants", 3, "deny"): return (.grantDeny, "grant \(id)")
        case ("grants", 3, "revoke"): return (.grantRevoke, "grant \(id)")
        case ("grants", 3, "close"): return (.grantClose, "grant \(id)")
        case ("break-glass", 1, _): return (.breakGlassBegin, "break-glass")
        case ("sessions", 3, "kill"): return (.sessionKill, "session \(id)")
        case ("review", 2, "sign"): return (.reviewSign, "review")
        case ("unlock", 1, _): return (.lockoutEnd, "lock-out")
        default: return nil
        }
    }

    private func answer(_ turn: Turn, _ parts: [String]) throws(DeskRefusal) -> ControlResponse? {
        let method = turn.question.method
        switch (parts[0], parts.count) {
        case ("whoami", 1): return try one(method, "GET") { () throws(DeskRefusal) in whoami(turn) }
        case ("targets", 1): return try one(method, "GET") { () throws(DeskRefusal) in try targets(turn) }
        case ("grants", 1) where method == "POST": return try request(turn)
        case ("grants", 1): return try one(method, "GET", "POST") { () throws(DeskRefusal) in try listGrants(turn) }
        case ("grants", 3):
            return try one(method, "POST") { () throws(DeskRefusal) in try change(turn, parts[1], parts[2]) }
        case ("break-glass", 1): return try one(method, "POST") { () throws(DeskRefusal) in try breakGlass(turn) }
        case ("sessions", 1): return try one(method, "GET") { () throws(DeskRefusal) in try listSessions(turn) }
        case ("sessions", 3) where parts[2] == "kill":
            return try one(method, "POST") { () throws(DeskRefusal) in try kill(turn, parts[1]) }
        case ("review", 1): return try one(method, "GET") { () throws(DeskRefusal) in try review(turn) }
        case ("review", 2) where parts[1] == "sign":
            return try one(method, "POST") { () throws(DeskRefusal) in try sign(turn) }
        case ("unlock", 1): return try one(method, "POST") { () throws(DeskRefusal) in try unlock(turn) }
        case ("status", 1), ("metrics", 1), ("reload", 1):
            if turn.asker.isLocal { return nil }
            throw DeskRefusal(
                403,
                code: "local_only",
                message: "this is answered on the gate's host only",
                hint: "ask there"
            )
        default:
            if turn.asker.isLocal { return nil }
            throw DeskRefusal(404, code: "no_such_path", message: "there is no such path")
        }
    }

    private func one(
        _ method: String,
        _ allowed: String...,
        answer: () throws(DeskRefusal) -> ControlResponse
    ) throws(DeskRefusal) -> ControlResponse {
        if allowed.first == method { return try answer() }
        var response = DeskRefusal(405, code: "method_not_allowed", message: "this path takes \(allowed[0])").response
        response.allow = allowed.joined(separator: ", ")
        return response
    }
}

/// Why the desk does not do what it was asked.
struct DeskRefusal: Error {
    /// Snake case; stable.
    let code: String
    let response: ControlResponse
    /// The audit log has it already.
    var isTold = false

    init(_ status: Int, code: String, message: String, hint: String? = nil) {
        self.code = code
        response = .failure(status, code: code, message: message, hint: hint)
    }

    init(_ refusal: GrantRefusal) {
        let status =
            switch refusal {
            case .personUnknown, .targetNotYours, .breakGlassOnly, .breakGlassNot, .ownGrant, .rightMissing, .notYours:
                403
            case .targetsNone, .targetsMany, .targetUnknown, .portUnknown, .reasonMissing, .ticketMissing, .textLong,
                .durationOutside, .startPassed, .startFar:
                422
            case .grantUnknown: 404
            case .pendingMany: 429
            case .breakGlassOpen, .phaseWrong, .notBreakGlass, .stillOpen, .closedAlready: 409
            case .bookFull, .notStored: 503
            }
        self.init(status, code: refusal.code, message: refusal.message, hint: refusal.hint)
    }
}
