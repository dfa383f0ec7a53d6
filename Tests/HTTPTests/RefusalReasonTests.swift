// SPDX-License-Identifier: Apache-2.0
import HTTP
import Testing

@Suite("The reasons for a refusal")
struct RefusalReasonTests {
    static let cases = RequestRefusalTests.all + ResponseHeadTests.refusals + BodyDecoderTests.refusals

    /// Shown where no table of inputs reaches: at the end of input, at limits, behind many interim answers.
    static let elsewhere: Set<RefusalReason> = [
        .headTruncated, .bodyTruncated, .headTooLarge, .tooManyInterimResponses,
    ]

    @Test("each have an input that shows them")
    func allShown() {
        let shown = Set(Self.cases.map(\.reason)).union(Self.elsewhere)
        #expect(Set(RefusalReason.allCases).subtracting(shown).isEmpty)
    }

    @Test("have codes that logs can keep: lower case, digits and underscores", arguments: RefusalReason.allCases)
    func codes(_ reason: RefusalReason) {
        #expect(reason.rawValue.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "_") })
        #expect([400, 405, 413, 414, 417, 431, 501, 505].contains(reason.status))
        #expect(ReasonPhrase.of(reason.status).utf8CodeUnitCount > 0)
    }
}
