// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import Base
internal import Control
internal import HTTP
internal import Partners

/// A no, as each kind of client can show it.
struct GateRefusal: Hashable, Sendable {
    /// Snake case; stable.
    let code: String
    /// The HTTP status.
    let status: Int
    /// One sentence, and what to do about it.
    let message: String
    let hint: String?

    init(code: String, status: Int = 403, message: String, hint: String? = nil) {
        self.code = code
        self.status = status
        self.message = message
        self.hint = hint
    }

    static let auditTrouble = GateRefusal(
        code: "audit_unavailable",
        status: 503,
        message: "the audit log cannot be written, so nobody is admitted",
        hint: "ask who looks after the gate: eigctl status there says why"
    )

    static let tooManyConnections = GateRefusal(
        code: "connections_max",
        status: 503,
        message: "the gate has as many connections as it may have",
        hint: "try again in a moment"
    )

    static let tooManySessions = GateRefusal(
        code: "sessions_max",
        status: 429,
        message: "you have as many sessions as you may have",
        hint: "end one: eigctl jump sessions, eigctl jump kill ID"
    )

    static func noDatabase(_ target: String) -> GateRefusal {
        GateRefusal(
            code: "target_no_database",
            message: "\(target) is no database",
            hint: "ssh, curl and eigctl jump forward get there; see eigctl jump targets"
        )
    }

    static let stopping = GateRefusal(code: "stopping", status: 503, message: "the gate is ending", hint: "try again")

    static func target(_ destination: String, _ why: String) -> GateRefusal {
        GateRefusal(
            code: "target_unreachable",
            status: 502,
            message: "\(destination) does not answer: \(why)",
            hint: "the gate let you in; look at the target, or at the network between"
        )
    }

    /// As ``GateDesk`` refuses: for who asks the gate itself.
    var response: ControlResponse { .failure(status, code: code, message: message, hint: hint) }

    /// SQLSTATE (PostgreSQL, appendix A): who may not, and what cannot at the moment.
    private var sqlState: String {
        switch status {
        case 403: "28000"
        case 429: "53300"
        case 502: "08006"
        default: "57P03"
        }
    }

    func appendPostgres(to output: inout ByteBuffer) {
        PostgresRefusal.append(to: &output, sqlState: sqlState, message: "jumpd: \(message)", hint: hint)
    }

    /// The whole answer: plain text that curl, ssh's proxies and people show as it is, the mend on a line of its own.
    func appendHTTP(to output: inout ByteBuffer) {
        let text = "jumpd: \(message)\n" + (hint.map { "hint: \($0)\n" } ?? "")
        HeadWriter.statusLine(status, into: &output)
        HeadWriter.field("Content-Type", "text/plain; charset=utf-8", into: &output)
        HeadWriter.field("Content-Length", decimal: text.utf8.count, into: &output)
        HeadWriter.field("Connection", "close", into: &output)
        HeadWriter.field("X-Jump-Reason", Array(code.utf8).span, into: &output)
        output.append("\r\n" as StaticString)
        output.append(text)
    }
}

extension GateRefusal {
    init(_ denial: AccessDenial, person: String?, wanted: TargetName? = nil) {
        self.init(
            code: denial.code,
            message: denial.message(for: person, to: wanted),
            hint: denial.hint(wanted)
        )
    }

    /// What a parser did not take.
    init(_ refusal: Refusal) {
        let message = "this is no request: \(refusal.reason.rawValue)"
        self.init(code: refusal.reason.rawValue, status: refusal.status, message: message)
    }

    static func lockedOut(_ until: WallInstant, person: String?) -> GateRefusal {
        GateRefusal(.lockedOut(until: until), person: person)
    }
}

extension LockoutItem {
    init(_ entry: Lockout.Entry) {
        let kind = if case .person = entry.subject { "person" } else { "address" }
        self.init(
            kind: kind,
            name: entry.name,
            since: entry.since.rfc3339,
            until: entry.until.rfc3339,
            failures: entry.failures
        )
    }
}
