// SPDX-License-Identifier: Apache-2.0
internal import Control
internal import LinuxIO

/// `jumpd reload`: has a running mode take on the files, and says what came of it.
enum ReloadProgram {
    /// Which of the modes.
    enum Service: Hashable {
        case enforcer
        case tunnels
        case gate
        case audit

        var place: ControlPlace {
            switch self {
            case .enforcer: .enforcer
            case .tunnels: .tunnels
            case .gate: .gate
            case .audit: .audit
            }
        }

        /// The first two change what others hold, the last two themselves.
        var target: String {
            switch self {
            case .enforcer, .tunnels: "/v1/apply"
            case .gate, .audit: "/v1/reload"
            }
        }
    }

    static func run(_ options: Program.Options) -> Program.Status {
        switch ReloadCall(path: options.reloaded.place.path(options), target: options.reloaded.target).run() {
        case .taken(let text):
            StandardStream.error.write(text)
            return .done
        case .refused(let text):
            StandardStream.error.write(text)
            return .refused
        case .failed(let text):
            StandardStream.error.write("jumpd: \(text)")
            return .failed
        }
    }
}
