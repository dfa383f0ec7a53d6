// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import LinuxIO
import TLS
import Testing
import eigctl

@Suite("eigctl review")
struct ReviewTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    private func run(_ words: String...) -> Ran {
        bench.run(
            [
                "--control-jump=\(bench.path)/jump.sock", "--control-enforce=\(bench.path)/enforce.sock",
                "--config=\(bench.path)/etc", "--timeout=10s",
            ] + words
        )
    }

    static let document: ReviewDocument = {
        var review = ReviewDocument(
            from: "2026-07-05T00:00:00.000Z",
            until: "2027-01-01T00:00:00.000Z",
            days: 180
        )
        var anna = ReviewDocument.Person(
            id: "anna",
            name: "Anna Bauer",
            isEnabled: true,
            roles: ["network"],
            rights: ["approve"],
            mayBreakGlass: true
        )
        anna.lastSeenAt = "2026-12-30T10:00:00.000Z"
        let ben = ReviewDocument.Person(
            id: "ben",
            name: "Ben Okoro",
            isEnabled: true,
            roles: ["database"],
            rights: [],
            mayBreakGlass: false,
            until: "2027-06-30T00:00:00.000Z",
            lastSeenAt: "2026-09-01T10:00:00.000Z"
        )
        let carl = ReviewDocument.Person(
            id: "carl",
            name: "Carl Ito",
            isEnabled: true,
            roles: ["database"],
            rights: [],
            mayBreakGlass: false
        )
        review.people = [anna, ben, carl]
        var reach = ReviewDocument.Reach(who: "anna", target: "eig-01:22", roles: ["network"])
        reach.grantCount = 2
        reach.sessionCount = 7
        reach.bytesIn = 4096
        reach.lastAt = "2026-12-30T10:00:00.000Z"
        review.reach = [reach, .init(who: "ben", target: "txn-db", roles: ["database"])]
        var glass = GrantTests.grant(state: "expired")
        glass.isBreakGlass = true
        glass.isReviewOpen = true
        review.grants = [glass]
        review.refusals = [CountedReason(reason: "no_grant", count: 12)]
        review.signatures = [
            ReviewSignature(
                at: "2026-07-05T09:00:00.000Z",
                who: "ben",
                note: "nothing to change",
                days: 180,
                sha256: String(repeating: "ab", count: 32)
            )
        ]
        return review
    }()

    private func servers(_ signed: @escaping @Sendable (ReviewSignOrder) -> Void = { _ in }) throws -> [ControlServer] {
        try bench.writeGoodFolder()
        let enforce = StatusTests.enforce()
        return [
            try bench.program("enforce") { _ in ControlResponse(enforce) },
            try bench.program("jump") { request in
                guard request.path == "/v1/review/sign" else { return ControlResponse(Self.document) }
                guard let order = try? ReviewSignOrder(json: request.body) else {
                    return .failure(400, code: "bad", message: "bad")
                }
                signed(order)
                let signature = ReviewSignature(
                    at: "2027-01-01T00:00:00.000Z",
                    who: "anna",
                    note: order.note,
                    days: order.days,
                    sha256: order.sha256
                )
                return ControlResponse(ReviewSignatureDocument(signature: signature))
            },
        ]
    }

    @Test("says who could, who did, who allowed it, and what of the allow-list nobody used")
    func text() throws {
        let servers = try servers()
        defer { for server in servers { server.stop() } }
        let ran = run("review")
        #expect(ran.status == .ok, "\(ran.error)")
        try expectGolden(ran.output, "review.txt")
        let report = try run("review", "--json").document(ReviewReport.self)
        #expect(report.gate == Self.document && report.allowList?.count == 1)
    }

    @Test("signs the very document that it writes")
    func sign() throws {
        let asked = Asked()
        let servers = try servers { order in
            asked.note(
                ControlRequest(
                    method: order.sha256,
                    path: order.note,
                    peer: PeerCredentials(processID: 1, userID: 0, groupID: 0)
                )
            )
        }
        defer { for server in servers { server.stop() } }
        #expect(run("review", "--sign").status == .usage)
        let path = "\(bench.path)/review.json"
        let ran = run("review", "--sign", "--note", "read", "--json", "--output", path)
        #expect(ran.status == .ok, "\(ran.error)")
        let digest = Hex.encode(Digest.sha256(Array(ran.output.utf8)))
        #expect(asked.all == ["\(digest) read"])
        #expect(try FileStore.read(path) == Array(ran.output.utf8))
        #expect(try FileStore.status(path).mode == 0o600)
        #expect(ran.error == "signed by anna on 2027-01-01 00:00:00: sha256 \(digest)\n")
    }

    @Test("does not sign what it could not read whole")
    func partial() throws {
        let servers = try servers { _ in Issue.record("signed") }
        defer { for server in servers { server.stop() } }
        servers[0].stop()
        let ran = run("review", "--sign", "--note", "read")
        #expect(ran.status == .error && ran.error.contains("jumpd enforce"))
        let shown = run("review")
        #expect(shown.status == .error && shown.output.contains("! not in here: jumpd enforce"))
    }

    struct Due: Sendable {
        let at: String
        let isSigned: Bool
        let status: ExitCode
        let says: String
    }

    static let due = [
        Due(at: "2026-12-01T00:00:00.000Z", isSigned: true, status: .ok, says: ""),
        Due(at: "2026-08-04T12:00:00.000Z", isSigned: true, status: .ok, says: ""),
        Due(
            at: "2026-08-04T00:00:00.000Z",
            isSigned: true,
            status: .pending,
            says:
                "the last review of access was signed by ben 150 days ago, on 2026-08-04: the next is due by day 180\n"
        ),
        Due(
            at: "2026-07-05T00:00:00.000Z",
            isSigned: false,
            status: .error,
            says: "no review of access was signed since 2026-07-05, 180 days: it is late\n"
        ),
    ]

    @Test("reminds from day 150, and is late from day 180", arguments: due)
    func remind(_ due: Due) throws {
        var status = GateStatusDocument(
            program: ProgramStatus(name: "jumpd gate", version: "1", pid: 7, startedAt: "a", uptimeSeconds: 3),
            configuration: ConfigurationStatus(generation: 1)
        )
        if due.isSigned {
            status.review = ReviewSignature(at: due.at, who: "ben", note: "n", days: 180, sha256: "00")
        } else {
            status.reviewableSince = due.at
        }
        let answer = status
        let server = try bench.program("jump") { _ in ControlResponse(answer) }
        defer { server.stop() }
        let ran = run("review", "--remind")
        #expect(ran.status == due.status)
        #expect(ran.output == due.says)
        #expect(ran.journal.count == (due.says.isEmpty ? 0 : 1))
    }
}
