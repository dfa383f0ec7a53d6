// SPDX-License-Identifier: Apache-2.0
import Base
import Partners
import Testing

@Suite("The configuration as a whole")
struct ConfigurationTests {
    /// One change of the example folder, and what the lint must say about it.
    struct Case: Sendable, CustomTestStringConvertible {
        let sentence: String
        /// Of the form `file:line:column CODE`, in order.
        let want: [String]
        let change: @Sendable (inout MemorySource) -> Void
        var testDescription: String { sentence }

        init(_ sentence: String, _ want: [String], _ change: @escaping @Sendable (inout MemorySource) -> Void) {
            self.sentence = sentence
            self.want = want
            self.change = change
        }
    }

    @Test("is refused, or warned about, as one", arguments: cases)
    func judged(_ testCase: Case) throws {
        var source = try Examples.source()
        testCase.change(&source)
        let outcome = Configuration.load(from: source, now: Examples.now, requiring: [.gateway, .host])
        let shown = outcome.diagnostics.map { "\($0.file):\($0.line):\($0.column) \($0.code.rawValue)" }
        #expect(shown == testCase.want, "\(DiagnosticRenderer().text(outcome.diagnostics))")
        #expect((outcome.configuration == nil) == outcome.diagnostics.hasErrors)
    }

    @Test("lets optional files be missing")
    func optional() throws {
        var source = try Examples.source()
        source.files["jumpd.toml"] = nil
        let outcome = Configuration.load(from: source, now: Examples.now, requiring: [.gateway])
        #expect(outcome.diagnostics == [])
        #expect(outcome.configuration?.host == nil && outcome.configuration?.gateway != nil)
    }

    struct Reading: Sendable, CustomTestStringConvertible {
        let path: String
        let requiring: Set<Configuration.Requirement>
        let want: [String]
        var testDescription: String { "\(path) for \(requiring)" }

        init(_ path: String, _ requiring: Set<Configuration.Requirement>, _ want: [String]) {
            self.path = path
            self.requiring = requiring
            self.want = want
        }
    }

    static let readings: [Reading] = [
        Reading("credentials/payfast.credential", [.gateway], ["E-FILE-UNREADABLE"]),
        Reading("credentials/payfast.credential", [.host], []),
        Reading("credentials/payfast.credential", [], ["W-FILE-UNCHECKED"]),
        Reading("identities/edge.key", [.gateway], ["E-FILE-UNREADABLE"]),
        Reading("identities/edge.key", [.host], []),
        Reading("secrets/payfast-t1.psk", [.gateway], []),
        Reading("secrets/payfast-t1.psk", [.host], ["W-FILE-UNCHECKED"]),
        Reading("jumpd.toml", [.gateway], ["W-FILE-UNCHECKED"]),
        Reading("jumpd.toml", [.host], ["E-FILE-UNREADABLE"]),
        Reading("jumpd.toml", [], ["E-FILE-UNREADABLE"]),
        Reading("partners.d/payfast.toml", [.gateway], ["E-FILE-UNREADABLE"]),
    ]

    @Test("must be readable by whoever works with it", arguments: readings)
    func reading(_ testCase: Reading) throws {
        var source = try Examples.source()
        source.files[testCase.path]?.isForbidden = true
        let outcome = Configuration.load(from: source, now: Examples.now, requiring: testCase.requiring)
        #expect(outcome.diagnostics.map(\.code.rawValue) == testCase.want)
    }

    @Test("asks the inspector once about each certificate, and tells what it found wherever it is named")
    func inspector() throws {
        var asked: [String] = []
        let outcome = try Configuration.load(from: Examples.source(), now: Examples.now) { path, _ in
            asked.append(path)
            guard path == "ca/mobicash-ca.pem" else { return [] }
            return [
                CertificateFinding(severity: .error, message: "expired", hint: "ask for a new one"),
                CertificateFinding(severity: .warning, message: "weak", hint: "ask for a better one"),
            ]
        }
        #expect(asked.sorted() == Array(Set(asked)).sorted())
        #expect(
            asked.sorted() == [
                "ca/mobicash-ca.pem", "ca/payfast-ca.pem", "identities/edge.pem", "identities/mobicash-out.pem",
                "identities/payfast-out.pem",
            ]
        )
        #expect(
            outcome.diagnostics.map(\.code) == [
                .certificate, .certificateDoubtful, .certificate, .certificateDoubtful,
            ]
        )
        #expect(outcome.diagnostics.map(\.line) == [14, 14, 35, 35])
        #expect(outcome.diagnostics.first?.message == "ca/mobicash-ca.pem: expired")
    }

    @Test("refuses a folder that cannot be listed rather than read it as empty")
    func unlistable() throws {
        struct Locked: ConfigurationSource {
            let inner: MemorySource
            func names(in folder: String) -> FolderListing { .failed("EACCES") }
            func read(_ path: String, limitBytes: Int) -> FileReading { inner.read(path, limitBytes: limitBytes) }
            func standing(of path: String) -> FileStanding { inner.standing(of: path) }
        }
        let outcome = try Configuration.load(from: Locked(inner: Examples.source()), now: Examples.now)
        #expect(outcome.configuration == nil)
        #expect(outcome.diagnostics.map(\.code) == [.fileUnreadable])
    }

    @Test("finds the one overlap among 500 partners with 100 networks each", .timeLimit(.minutes(1)))
    func many() throws {
        var source = try Examples.source()
        for number in 0..<500 {
            let from = (0..<100).map { "\"10.\(100 + number / 250).\(number % 250).\($0)\"" }.joined(separator: ", ")
            source.edited(mobicash: "p\(number)", from: from)
        }
        source.edited(mobicash: "q", from: "\"10.101.100.96/28\"")
        let outcome = Configuration.load(from: source, now: Examples.now)
        #expect(outcome.diagnostics.map(\.code) == [.allowOverlap, .allowOverlap, .allowOverlap, .allowOverlap])
        #expect(outcome.diagnostics.allSatisfy { $0.file == "partners.d/q.toml" })
        source.files["partners.d/q.toml"] = nil
        #expect(Configuration.load(from: source, now: Examples.now).configuration?.partners.count == 502)
    }

    @Test("proves every code by at least one mistake of these tests")
    func complete() {
        var seen = Set(
            (PartnerMistakes.all + GatewayFileTests.mistakes + HostFileTests.mistakes + AccessRulesTests.mistakes)
                .map(\.code.rawValue)
        )
        for testCase in Self.cases + AccessRulesTests.cases {
            for want in testCase.want { seen.formUnion(want.split(separator: " ").map(String.init)) }
        }
        seen.formUnion(["E-CERTIFICATE", "W-CERTIFICATE"])
        // In the tests of secrets that systemd hands over.
        seen.insert(DiagnosticCode.credentialMissing.rawValue)
        // For programs that go on.
        seen.insert(DiagnosticCode.waiverLapsed.rawValue)
        #expect(DiagnosticCode.allCases.map(\.rawValue).filter { !seen.contains($0) } == [])
    }
}
