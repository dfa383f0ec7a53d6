// SPDX-License-Identifier: Apache-2.0
import BenchmarkKit
import LinuxIO
import TLS

/// Why a connection of the load generator is a failure.
enum LoadFault: Error, CustomStringConvertible {
    case answer(AnswerFault)
    case connect(Errno)
    case socket(Errno)
    case tls(TLSFailure)
    /// The server closed while an answer was due, or a connection that was to stay.
    case lost(LoadConnection.Stage)

    var description: String {
        switch self {
        case .answer(let fault): "\(fault)"
        case .connect(let error): "connecting: \(error)"
        case .socket(let error): "connection lost: \(error)"
        case .tls(let failure):
            "TLS: \((failure.reasons + [failure.verifyError].compactMap { $0 }).joined(separator: "; "))"
        case .lost(let stage): "the server closed a connection that was \(stage)"
        }
    }
}
