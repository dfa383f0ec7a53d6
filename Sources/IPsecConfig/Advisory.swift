// SPDX-License-Identifier: Apache-2.0
internal import Partners

/// A weakness of the installed Libreswan, as its advisories tell it (libreswan.org/security), and what we do about it.
package struct Advisory: Hashable, Sendable {
    /// `CVE-YEAR-NUMBER`.
    package var id: String
    /// What it does to whom, one sentence.
    package var summary: String
    /// Whether what we write keeps it from happening.
    package var isWorkedAround: Bool
    /// How, or why nothing can be done here; ends with the mend when there is none but an upgrade.
    package var how: String

    package init(id: String, summary: String, isWorkedAround: Bool, how: String) {
        self.id = id
        self.summary = summary
        self.isWorkedAround = isWorkedAround
        self.how = how
    }

    /// Everything known about a version, as far as the version number tells: what a distribution mended without a new
    /// number is listed, too.
    ///
    /// - Parameter connections: all that are written, for what depends on them.
    package static func known(for version: LibreswanVersion, connections: [Connection] = []) -> [Advisory] {
        AdvisoryRule.all.filter { $0.affects(version) }.map { rule in
            let verdict = rule.verdict(connections)
            return Advisory(
                id: rule.id,
                summary: rule.summary,
                isWorkedAround: verdict.isWorkedAround,
                how: verdict.how
            )
        }
    }
}

/// One row of the table.
struct AdvisoryRule: Sendable {
    typealias Verdict = (isWorkedAround: Bool, how: String)

    let id: String
    let summary: String
    /// The versions that have it, both ends included.
    let versions: ClosedRange<LibreswanVersion>
    /// What holds for the connections that are written.
    let verdict: @Sendable ([Connection]) -> Verdict

    func affects(_ version: LibreswanVersion) -> Bool { versions.contains(version) }
}
