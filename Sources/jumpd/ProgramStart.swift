// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import LinuxIO

/// When this process began its work.
struct ProgramStart {
    let at = Clock.wall()
    private let monotonic = Clock.monotonic()

    func status(of name: String) -> ProgramStatus {
        ProgramStatus(
            name: name,
            version: productVersion,
            pid: Int(Limits.processID),
            startedAt: at.rfc3339,
            uptimeSeconds: Int((Clock.monotonic() - monotonic).components.seconds)
        )
    }
}
