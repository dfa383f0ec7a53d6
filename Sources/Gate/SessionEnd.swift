// SPDX-License-Identifier: Apache-2.0

/// Why a session ended; the codes are in the log, in the audit log and in the metrics.
enum SessionEnd: Hashable, Sendable {
    /// The person, or the target, ended it in order.
    case closed
    case personLost
    case targetLost
    case idle
    /// It was as long as a session may be.
    case longest
    /// Its grant is over, was revoked, or the configuration gives it no more: the words of the refusal.
    case accessLost(String)
    case killed(by: String)
    /// The gate ends.
    case shutdown

    var code: String {
        switch self {
        case .closed: "closed"
        case .personLost: "person_lost"
        case .targetLost: "target_lost"
        case .idle: "idle"
        case .longest: "longest"
        case .accessLost: "access_lost"
        case .killed: "killed"
        case .shutdown: "shutdown"
        }
    }

    var detail: String? {
        switch self {
        case .accessLost(let why): why
        case .killed(let who): "by \(who)"
        default: nil
        }
    }
}
