// SPDX-License-Identifier: Apache-2.0
import Base
import Callbacks
import TestKit
import Testing

@Suite("Duplicates")
struct RelayDuplicateTests {
    struct Case: Sendable, CustomTestStringConvertible {
        enum Want: Sendable { case accepted, duplicate, conflict }

        let name: String
        let want: Want
        let change: @Sendable (inout Submission) -> Void
        var testDescription: String { name }

        init(_ name: String, _ want: Want, _ change: @escaping @Sendable (inout Submission) -> Void) {
            self.name = name
            self.want = want
            self.change = change
        }
    }

    static let keyed: [Case] = [
        Case("the same again", .duplicate) { _ in },
        Case("another body under the same key", .conflict) { $0.body = [1] },
        Case("the same body under another key", .accepted) { $0.dedupKey = "other" },
        Case("the same key from another source", .accepted) { $0.source = "rpt" },
        Case("the same key in the other direction", .accepted) { $0.kind = .receiver },
        Case("the same with another content type and fields", .duplicate) {
            $0.contentType = "text/plain"
            $0.fields = [("traceparent", "00-1")]
        },
        Case("the same with a copy to another backend", .duplicate) { $0.destinations.append(RelayBench.rpt) },
        Case("the same key for another partner", .accepted) { $0.destinations = [RelayBench.mobicash] },
        Case("the same body without a key", .accepted) { $0.dedupKey = nil },
    ]

    @Test("with a key: same body repeats the answer, another body is a conflict", arguments: keyed)
    func withKey(_ testCase: Case) throws {
        try check(testCase, first: RelayBench.submission(1, dedup: "k"))
    }

    static let unkeyed: [Case] = [
        Case("the same again", .duplicate) { _ in },
        Case("another body", .accepted) { $0.body = [1] },
        Case("the same from another source", .accepted) { $0.source = "rpt" },
    ]

    @Test("without a key: the body identifies itself", arguments: unkeyed)
    func withoutKey(_ testCase: Case) throws {
        var first = RelayBench.submission(1)
        first.dedupKey = nil
        try check(testCase, first: first)
    }

    private func check(_ testCase: Case, first: Submission) throws {
        var bench = try RelayBench()
        let id = try #require(bench.submit(first).outcome.acceptedID)
        var second = first
        testCase.change(&second)
        let outcome = bench.submit(second).outcome
        let count = bench.items().count
        switch testCase.want {
        case .accepted:
            #expect(outcome.acceptedID != nil && outcome.acceptedID != id)
            #expect(count == 2)
        case .duplicate:
            #expect(outcome == .duplicate(id))
            #expect(count == 1)
        case .conflict:
            #expect(outcome == .conflict(id))
            #expect(count == 1)
        }
    }

    @Test("are found in the same batch, after delivery, after a restart and without room")
    func everywhere() throws {
        let folder = try TemporaryFolder()
        let submission = RelayBench.submission(1)
        var id: UniqueID?
        do {
            var bench = try RelayBench(folder: folder)
            bench.configure(RelayEndpoint(destination: RelayBench.payfast, profile: .plain))
            let step = bench.run([
                .submit(submission, hash: [1, 2]), .submit(submission, hash: [1, 2]), .submit(submission, hash: [3]),
            ])
            guard case .submitted(.accepted(let first))? = step.replies.first else {
                Issue.record("not accepted")
                return
            }
            id = first
            let outcomes = step.replies.map { reply -> SubmitOutcome? in
                if case .submitted(let outcome) = reply { outcome } else { nil }
            }
            #expect(outcomes == [.accepted(first), .duplicate(first), .conflict(first)])
        }
        var bench = try RelayBench(folder: folder, seed: 2, adjust: { $0.backlogCountMax = 1 })
        let step = bench.run([.submit(submission, hash: [1, 2])])
        guard case .submitted(let outcome)? = step.replies.first else {
            Issue.record("no reply")
            return
        }
        #expect(id != nil && outcome == id.map { .duplicate($0) })
        #expect(bench.submit(RelayBench.submission(2)).outcome == .overloaded(retryAfter: .seconds(30)))
    }
}
