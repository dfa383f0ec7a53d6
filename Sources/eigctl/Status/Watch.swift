// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

extension OptionRule {
    static let watch = OptionRule(
        "--watch",
        value: "SECONDS",
        isValueOptional: true,
        "show it again every so often, 1 to 3600 s, until q or Ctrl-C [2]"
    )
}

/// What one look came to: for people, for programs, and as an exit status.
struct Look {
    let text: String
    let json: String
    let exitCode: ExitCode
}

extension Watch {
    /// Looks once, or with `--watch` again and again.
    static func run(
        _ invocation: Invocation,
        _ look: (_ now: WallInstant) throws(Failure) -> Look
    ) throws(Failure) -> ExitCode {
        guard let text = invocation.value(.watch) else {
            let seen = try look(invocation.now)
            let shown = invocation.isJSON ? seen.json : seen.text
            if !shown.isEmpty { invocation.console.output(shown) }
            return seen.exitCode
        }
        guard let seconds = text.isEmpty ? 2 : Int(text), (1...3600).contains(seconds) else {
            throw .usage("`--watch` is `\(text.printable)`", hint: "write a number of seconds from 1 to 3600")
        }
        var result: Result<ExitCode, Failure> = .success(.ok)
        invocation.console.repeatedly(.seconds(seconds)) { elapsed in
            do throws(Failure) {
                let seen = try look(invocation.now + elapsed)
                result = .success(seen.exitCode)
                return invocation.isJSON ? seen.json : seen.text
            } catch {
                result = .failure(error)
                return nil
            }
        }
        return try result.get()
    }
}

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
