// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// Why a program could not be asked.
package enum ControlClientError: Error, Hashable, Sendable {
    /// There is no socket: the program has not been started on this host.
    case noSocket(path: String)
    /// There is a socket and nobody behind it: the program has died.
    case nobodyListens(path: String)
    case denied(path: String)
    case timedOut(path: String, after: Duration)
    /// The connection failed, or ended before a whole answer.
    case lost(path: String, why: String)
    /// What came back is not an answer of ours.
    case malformed(path: String, why: String)

    init(_ errno: Errno, path: String, timeout: Duration) {
        switch errno {
        case .noEntry: self = .noSocket(path: path)
        case .connectionRefused: self = .nobodyListens(path: path)
        case .accessDenied: self = .denied(path: path)
        case .timedOut: self = .timedOut(path: path, after: timeout)
        default: self = .lost(path: path, why: "\(errno)")
        }
    }

    /// Stable, for `--json`.
    package var code: String {
        switch self {
        case .noSocket: "no_socket"
        case .nobodyListens: "nobody_listens"
        case .denied: "denied"
        case .timedOut: "timed_out"
        case .lost: "connection_lost"
        case .malformed: "malformed_answer"
        }
    }

    package var message: String {
        switch self {
        case .noSocket(let path): "\(path): there is no such socket"
        case .nobodyListens(let path): "\(path): nobody answers on this socket"
        case .denied(let path): "\(path): permission denied"
        case .timedOut(let path, let after): "\(path): no answer within \(after.text)"
        case .lost(let path, let why): "\(path): \(why)"
        case .malformed(let path, let why): "\(path): not an answer of ours: \(why)"
        }
    }

    /// What the caller does after it.
    package var hint: String? {
        switch self {
        case .noSocket, .nobodyListens: "is the program running? ask systemctl status"
        case .denied: "ask as root, or as the user the program runs as"
        case .timedOut: "the program may still be at it; look at its journal before asking again"
        case .lost, .malformed: nil
        }
    }
}
