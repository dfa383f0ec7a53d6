// SPDX-License-Identifier: Apache-2.0
package import Base
package import LinuxIO

/// Why a program has not the sockets it is to listen on.
package enum ListenFailure: Error, Sendable {
    /// One of our own could not be opened.
    case own(IPEndpoint, Errno)
    /// What the service manager handed over is not what the program can use.
    case handedOver(String, mend: String)
    case system(String, Errno)

    /// - Parameter key: where the addresses of our own stand, such as `[listen] in eigd.toml`.
    package func text(key: String) -> String {
        switch self {
        case .own(let endpoint, let errno):
            "cannot listen on \(endpoint): \(errno); check \(key) and who else uses the port"
        case .handedOver(let what, let mend): "the service manager handed over \(what): \(mend)"
        case .system(let what, let errno): "\(what): \(errno)"
        }
    }
}
