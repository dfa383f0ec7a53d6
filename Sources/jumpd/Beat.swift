// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import Systemd

/// What the service manager hears from time to time: that nothing is stuck, and the line for `systemctl status`.
struct Beat {
    /// How often that line is written anew, at least.
    private static let statusEvery = Duration.seconds(10)

    private let every = min(ServiceManager.beatInterval() ?? statusEvery, statusEvery)
    private var dueAt = Clock.monotonic()

    /// Tells it when it is time.
    ///
    /// - Parameter due: until the program itself has something to do.
    /// - Returns: how long to wait for either.
    mutating func tell(_ summary: @autoclosure () -> String, due: Duration) -> Duration {
        let now = Clock.monotonic()
        if now >= dueAt {
            dueAt = now + every
            ServiceManager.notify(.watchdog, .status(summary()))
        }
        return min(due, dueAt - now)
    }
}
