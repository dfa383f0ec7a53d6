// SPDX-License-Identifier: Apache-2.0

/// One thing the demonstration set out to show, and what was seen of it.
package struct Finding: Hashable, Sendable {
    /// Such as `1` for a step or `c` for a refusal.
    package let label: String
    /// Who spoke to whom.
    package let route: String
    package let what: String
    /// The status that was answered, or the word for how it ended without one.
    package var outcome = "-"
    package var milliseconds: Int?
    /// The transfer's or the callback's identifier.
    package var id: String?
    /// What each receiving end wrote down, in its own words.
    package var evidence: [String] = []
    /// What should have been seen and was not; empty when all was.
    package var missing: [String] = []

    package var isObserved: Bool { missing.isEmpty && !evidence.isEmpty }

    package init(_ label: String, _ route: String, _ what: String) {
        self.label = label
        self.route = route
        self.what = what
    }

    /// Adds evidence, or says that there is none.
    package mutating func require(_ seen: String?, else missing: String) {
        if let seen { evidence.append(seen) } else { self.missing.append(missing) }
    }

    package mutating func require(_ isTrue: Bool, _ seen: String, else missing: String) {
        require(isTrue ? seen : nil, else: missing)
    }

    /// Takes over how a call ended.
    mutating func note(_ report: CallReport) {
        outcome = report.status.map(String.init) ?? "none"
        milliseconds = report.milliseconds
    }

    mutating func note(_ event: Event) {
        outcome = event.status.map(String.init) ?? "none"
        milliseconds = event.milliseconds
    }
}
