// SPDX-License-Identifier: Apache-2.0
package import Base

/// One thing a service tells its manager (sd_notify(3)).
package enum ServiceWord: Hashable, Sendable {
    /// It serves, or serves again after a reload.
    case ready
    /// It reads its configuration again, since `at`; ``ready`` must follow.
    case reloading(at: MonotonicInstant)
    case stopping
    /// It is not stuck.
    case watchdog
    /// One line for people, as `systemctl status` shows it.
    case status(String)
    /// What goes on now, starting or stopping, may take this long from now.
    case extendTimeout(Duration)

    /// Longer ones are cut, as the manager would drop the whole message (4096 bytes).
    static let statusBytesMax = 1024

    /// As it goes over the wire, without a newline.
    package var line: String {
        switch self {
        case .ready: "READY=1"
        case .reloading(let instant): "RELOADING=1\nMONOTONIC_USEC=\(instant.nanoseconds / 1000)"
        case .stopping: "STOPPING=1"
        case .watchdog: "WATCHDOG=1"
        case .status(let text): "STATUS=\(Self.oneLine(text))"
        case .extendTimeout(let time): "EXTEND_TIMEOUT_USEC=\(max(0, time.nanosecondsClamped) / 1000)"
        }
    }

    /// Control characters become spaces: a newline would begin another word.
    private static func oneLine(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }
        let clean = String(String.UnicodeScalarView(scalars))
        guard clean.utf8.count > statusBytesMax else { return clean }
        var cut = ""
        for character in clean {
            guard cut.utf8.count + character.utf8.count <= statusBytesMax - 3 else { break }
            cut.append(character)
        }
        return cut + "…"
    }
}
