// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// Shows something again and again: in its place on a terminal, one below the other where there is none.
enum Watch {
    static func run(every: Duration, _ frame: (_ elapsed: Duration) -> String?) {
        let startedAt = Clock.monotonic()
        guard var screen = TerminalScreen() else {
            list(every: every, since: startedAt, frame)
            return
        }
        while let text = frame(Clock.monotonic() - startedAt) {
            screen.draw(text)
            if screen.waitsForEnd(every) { return }
        }
    }

    /// The shell's Ctrl-C, or a reader that goes, ends it.
    private static func list(
        every: Duration,
        since startedAt: MonotonicInstant,
        _ frame: (_ elapsed: Duration) -> String?
    ) {
        var separator = ""
        while let text = frame(Clock.monotonic() - startedAt) {
            guard StandardStream.output.writeIfRead(separator + text) else { return }
            // One document a line needs no line between.
            separator = text.dropLast().contains("\n") ? "\n" : ""
            Clock.sleep(every)
        }
    }
}
