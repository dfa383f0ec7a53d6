// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// What the command line asks for.
enum Program {
    static let usage = """
        usage: jumpd enforce  [--config FOLDER] [--control SOCKET] [--once] [--remove-on-exit]
               jumpd reload   [--config FOLDER] [--control SOCKET]
               jumpd lockdown [--config FOLDER]
               jumpd --help | --version

          enforce   keeps the kernel's allow-list equal to the configuration, and answers operators on a Unix socket
          reload    has the running enforcer check the configuration and take it on, and ends
          lockdown  closes this host to everyone but administrators, and ends

          --config FOLDER    where jumpd.toml, eigd.toml and partners.d are (default /etc/eig)
          --control SOCKET   instead of the socket jumpd.toml names
          --once             apply, leave the tables behind without an owner, and end
          --remove-on-exit   take both tables away at the end: the host is open then

        """

    /// Exit statuses (sysexits.h where they have a name there).
    enum Status: Int {
        case done = 0
        case failed = 1
        case refused = 3
        case usage = 64
    }

    struct Options: Hashable {
        var config = "/etc/eig"
        var control: String?
        var isOnce = false
        var removesOnExit = false
    }

    enum Verb: Hashable {
        case enforce(Options)
        case lockdown(Options)
        case reload(Options)
        case help
        case version
    }

    struct UsageError: Error, Hashable {
        let message: String
    }

    static func run(_ arguments: ArraySlice<String>) -> Int {
        do throws(UsageError) {
            switch try parse(arguments) {
            case .enforce(let options): return EnforceProgram.run(options).rawValue
            case .lockdown(let options): return LockdownProgram.run(options).rawValue
            case .reload(let options): return ReloadProgram.run(options).rawValue
            case .help: StandardStream.output.write(usage)
            case .version: StandardStream.output.write("jumpd \(productVersion)\n")
            }
            return Status.done.rawValue
        } catch {
            StandardStream.error.write("jumpd: \(error.message)\n\(usage)")
            return Status.usage.rawValue
        }
    }

    static func parse(_ arguments: ArraySlice<String>) throws(UsageError) -> Verb {
        var rest = arguments
        guard let verb = rest.popFirst() else { throw UsageError(message: "no verb") }
        switch verb {
        case "--help", "-h", "help": return .help
        case "--version": return .version
        case "enforce", "lockdown", "reload": break
        default: throw UsageError(message: "no verb \(verb)")
        }
        var options = Options()
        while let word = rest.popFirst() {
            switch (verb, word) {
            case (_, "--help"), (_, "-h"): return .help
            case (_, "--config"): options.config = try value(of: word, &rest)
            case ("enforce", "--control"), ("reload", "--control"): options.control = try value(of: word, &rest)
            case ("enforce", "--once"): options.isOnce = true
            case ("enforce", "--remove-on-exit"): options.removesOnExit = true
            default: throw UsageError(message: "no option \(word) for \(verb)")
            }
        }
        guard !(options.isOnce && options.removesOnExit) else {
            throw UsageError(message: "--once and --remove-on-exit make no sense together")
        }
        switch verb {
        case "enforce": return .enforce(options)
        case "reload": return .reload(options)
        default: return .lockdown(options)
        }
    }

    private static func value(of option: String, _ rest: inout ArraySlice<String>) throws(UsageError) -> String {
        guard let value = rest.popFirst() else { throw UsageError(message: "\(option) needs a value") }
        return value
    }
}
