// SPDX-License-Identifier: Apache-2.0
internal import Control
internal import LinuxIO

/// `jumpd reload`: has the running enforcer, or the running `jumpd tunnels`, take on the files, and says what came of it.
enum ReloadProgram {
    static func run(_ options: Program.Options) -> Program.Status {
        let place = options.isForTunnels ? ControlPlace.tunnels : .enforcer
        switch ReloadCall(path: place.path(options), target: "/v1/apply").run() {
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
