// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import Partners

/// What became of the configurations that were to be applied: for the status, its line and the numbers.
struct ApplyRecord {
    private(set) var status = ConfigurationStatus(generation: 0)
    /// When something was last applied, or refused; and when what is in force was.
    private(set) var attemptedAt: WallInstant?
    private(set) var appliedAt: WallInstant?

    mutating func noteApplied(at now: WallInstant) {
        attemptedAt = now
        appliedAt = now
        status = ConfigurationStatus(
            generation: status.generation + 1,
            loadedAt: now.rfc3339,
            lastAttempt: ConfigurationStatus.Attempt(at: now.rfc3339, ok: true)
        )
    }

    mutating func noteRefused(_ why: String, at now: WallInstant) {
        attemptedAt = now
        status.lastAttempt = ConfigurationStatus.Attempt(at: now.rfc3339, ok: false, message: why)
    }

    /// What is wrong, when the last change was refused.
    var refusal: String? {
        guard let attempt = status.lastAttempt, !attempt.ok else { return nil }
        return "the change of \(attempt.at) was refused: \(attempt.message ?? "")"
    }

    /// - Parameter prefix: of the names, such as `eig_enforce`.
    func metrics(_ page: inout MetricsPage, _ prefix: String) {
        page.gauge("\(prefix)_config_generation", "Configurations applied since start.", Double(status.generation))
        page.gauge(
            "\(prefix)_last_apply_successful",
            "Whether the last apply was done.",
            status.lastAttempt?.ok ?? false
        )
        page.gauge(
            "\(prefix)_last_apply_timestamp_seconds",
            "When something was last to be applied, since 1970; 0: never.",
            Double(attemptedAt?.seconds ?? 0)
        )
        page.gauge(
            "\(prefix)_last_apply_success_timestamp_seconds",
            "When what is in force was applied, since 1970; 0: never.",
            Double(appliedAt?.seconds ?? 0)
        )
    }
}

extension [Diagnostic] {
    /// Why a configuration was refused, in one line.
    var refusal: String {
        let errors = filter { $0.severity == .error }
        let first = errors.first.map { ": \($0.file):\($0.line): \($0.message)" } ?? ""
        return "the configuration has \(errors.count) errors\(first)"
    }
}
