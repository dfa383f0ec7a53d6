// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CLinux
internal import Glibc

/// The terminal behind standard output while one thing is shown on it, over and over (ECMA-48).
///
/// Keys are read unseen meanwhile. However it ends, by key or by signal, the terminal is as it was before.
package struct TerminalScreen: ~Copyable {
    private let signals: SignalDescriptor
    private let hasKeys: Bool

    /// Nothing where standard output is no terminal.
    package init?() {
        guard isatty(STDOUT_FILENO) == 1, let signals = try? SignalDescriptor([.interrupt, .terminate, .hangUp]) else {
            return nil
        }
        self.signals = signals
        hasKeys = clinux_terminal_begin(STDIN_FILENO) == 0
        // No cursor, no line that wraps, an empty screen.
        StandardStream.output.write("\u{1b}[?25l\u{1b}[?7l\u{1b}[H\u{1b}[2J")
    }

    deinit {
        StandardStream.output.write("\u{1b}[?7h\u{1b}[?25h\n")
        if hasKeys { clinux_terminal_end(STDIN_FILENO) }
    }

    /// Writes over what was shown before, line by line: nothing is blanked first, so that nothing flickers.
    ///
    /// Lines past the terminal's height are counted in the last one.
    package mutating func draw(_ text: String) {
        var rows: CInt = 0
        var columns: CInt = 0
        _ = unsafe clinux_terminal_size(STDOUT_FILENO, &rows, &columns)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        let room = rows > 1 ? Int(rows) : 24
        if lines.count > room {
            let left = lines.count - room + 1
            lines = lines.prefix(room - 1) + ["… \(left) more lines"]
        }
        let drawn = lines.map { "\($0)\u{1b}[K" }.joined(separator: "\r\n")
        StandardStream.output.write("\u{1b}[H\(drawn)\u{1b}[J")
    }

    /// Waits for `time` to pass.
    ///
    /// - Returns: true as soon as somebody ends it: q, Ctrl-C, Ctrl-D, a signal, or the end of the terminal.
    package mutating func waitsForEnd(_ time: Duration) -> Bool {
        let deadline = Clock.monotonic() + time
        while true {
            let left = deadline - Clock.monotonic()
            guard left > .zero else { return false }
            var entries = [
                pollfd(fd: signals.descriptor.rawValue, events: Int16(POLLIN), revents: 0),
                pollfd(fd: hasKeys ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
            ]
            let milliseconds = CInt(clamping: left.milliseconds + 1)
            _ = unsafe entries.withUnsafeMutableBufferPointer { unsafe Glibc.poll($0.baseAddress, 2, milliseconds) }
            if entries[0].revents != 0 { return true }
            if entries[1].revents != 0, isEndKey() { return true }
        }
    }

    private func isEndKey() -> Bool {
        var key: UInt8 = 0
        guard unsafe Glibc.read(STDIN_FILENO, &key, 1) == 1 else { return true }
        // Ctrl-C and Ctrl-D arrive as bytes.
        return [UInt8(ascii: "q"), UInt8(ascii: "Q"), 3, 4].contains(key)
    }
}
