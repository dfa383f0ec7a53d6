// SPDX-License-Identifier: Apache-2.0
package import Base
internal import Control
internal import LinuxIO

/// The program: arguments in, words and an exit status out.
package enum Eigctl {
    static func main() -> Never {
        let arguments = Array(CommandLine.arguments.dropFirst())
        Environment.exit(run(arguments, console: .standard(), now: Clock.wall()).rawValue)
    }

    package static func run(_ arguments: [String], console: Console, now: WallInstant) -> ExitCode {
        do throws(Failure) {
            return try dispatch(try CommandLineParser.parse(arguments), console: console, now: now)
        } catch {
            // A command line that could not be read may still have asked for JSON.
            let isJSON = arguments.prefix { $0 != "--" }.contains(OptionRule.json.name)
            if isJSON {
                console.output(String(decoding: error.document.json, as: UTF8.self))
            } else {
                console.error(FailureText(usesColour: console.usesColourInErrors).text(error))
            }
            return error.status
        }
    }

    private static func dispatch(
        _ command: ParsedCommand,
        console: Console,
        now: WallInstant
    ) throws(Failure) -> ExitCode {
        if command.flags.contains(OptionRule.version.name) {
            console.output(Help.version)
            return .ok
        }
        if command.flags.contains(OptionRule.help.name) {
            console.output(command.verb.map(Help.text) ?? Help.overview(command.words))
            return .ok
        }
        guard let verb = command.verb else {
            let what = command.words.isEmpty ? "say what to do" : "say what to do with \(command.words[0])"
            throw .usage(what, hint: Help.pointer(command.words))
        }
        guard command.operands.count >= verb.operandCount.lowerBound else {
            throw .usage("`\(verb.name)` needs \(verb.operands)", hint: Help.pointer(verb.words))
        }
        return try verb.run(try Invocation(command, console: console, now: now))
    }
}
