// SPDX-License-Identifier: Apache-2.0
package import LinuxIO

/// Why one of Libreswan's or NSS's own programs did not do what it was asked.
package enum ToolFailure: Error, Hashable, Sendable {
    /// There is no such program: Libreswan is not installed, or not where it was looked for.
    case missing(program: String)
    /// It could not be started.
    case notStarted(program: String, Errno)
    /// It was killed because it took too long.
    case timedOut(program: String)
    /// Nobody answers on pluto's control socket.
    case plutoSilent(socket: String)
    /// It said no, or something else than what stands in the documentation.
    ///
    /// - Parameter said: what it wrote, at most ``saidMax`` characters.
    case refused(program: String, status: ExitStatus, said: String)

    static let saidMax = 600
}

extension ToolFailure: CustomStringConvertible {
    /// One line, with the mend where there is one.
    package var description: String {
        switch self {
        case .missing(let program):
            "\(program) is not there: Libreswan is not installed (apt install libreswan)"
        case .notStarted(let program, let errno): "\(program) could not be started: \(errno)"
        case .timedOut(let program): "\(program) took too long and was ended"
        case .plutoSilent(let socket):
            "pluto does not run: nobody answers on \(socket) (systemctl enable --now ipsec)"
        case .refused(let program, let status, let said):
            "\(program) refused (\(status.words))" + (said.isEmpty ? "" : ": \(said)")
        }
    }
}

extension ExitStatus {
    var words: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .killed(let signal): "signal \(signal)"
        }
    }
}
