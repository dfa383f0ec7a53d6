// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Libreswan
internal import LinuxIO

/// What the command line asks for.
enum Program {
    static let usage = """
        usage: jumpd enforce  [--config FOLDER] [--control SOCKET] [--once] [--remove-on-exit] [--ipsec-folder DIR]
               jumpd tunnels  [--config FOLDER] [--control SOCKET] [--ipsec-conf FILE] [--ipsec-folder DIR]
                              [--rundir DIR] [--nss DIR] [--state DIR] [--pluto-log FILE]
               jumpd gate     [--config FOLDER] [--control SOCKET] [--state DIR]
               jumpd audit    [--config FOLDER] [--control SOCKET] [--events SOCKET] [--state DIR]
               jumpd reload   [--config FOLDER] [--control SOCKET] [--tunnels | --gate | --audit]
               jumpd lockdown [--config FOLDER]
               jumpd --help | --version

          enforce   keeps the kernel's allow-list equal to the configuration, and answers operators on a Unix socket
          tunnels   keeps Libreswan's connections equal to the configuration, and answers operators on a Unix socket
          gate      lets administrators in, each with a certificate and a grant, and answers operators on a Unix socket
          audit     keeps the audit log: takes events on one Unix socket, answers operators on another
          reload    has the running enforcer, or another mode, check the configuration and take it on, and ends
          lockdown  closes this host to everyone but administrators, and ends

          --config FOLDER    where jumpd.toml, eigd.toml and partners.d are (default /etc/eig)
          --control SOCKET   instead of the socket jumpd.toml names
          --tunnels, --gate, --audit
                             have the running `jumpd tunnels`, `jumpd gate` or `jumpd audit` do so instead
          --once             apply, leave the tables behind without an owner, and end
          --remove-on-exit   take both tables away at the end: the host is open then
          --ipsec-conf FILE  what pluto reads when it starts (default /etc/ipsec.conf)
          --ipsec-folder DIR where the files of partners' tunnels are written (default /etc/ipsec.d)
          --rundir DIR       where pluto's control socket is (default /run/pluto)
          --nss DIR          pluto's certificates and keys (default /var/lib/ipsec/nss)
          --state DIR        what tunnels, or the gate, keeps for itself (default /var/lib/eig-tunnels, /var/lib/eig-jump),
                             or where the audit log is, instead of what jumpd.toml names
          --events SOCKET    where events are reported, instead of what jumpd.toml names
          --pluto-log FILE   the file pluto logs to (default the journal of ipsec.service)

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
        var reloaded = ReloadProgram.Service.enforcer
        var libreswan = LibreswanPaths()
        var plutoLog: String?
        var gateState = "/var/lib/eig-jump"
        /// Of the audit log.
        var events: String?
        var state: String?
    }

    enum Verb: Hashable {
        case audit(Options)
        case enforce(Options)
        case lockdown(Options)
        case reload(Options)
        case tunnels(Options)
        case gate(Options)
        case help
        case version
    }

    struct UsageError: Error, Hashable {
        let message: String
    }

    static func run(_ arguments: ArraySlice<String>) -> Int {
        do throws(UsageError) {
            switch try parse(arguments) {
            case .audit(let options): return AuditProgram.run(options).rawValue
            case .enforce(let options): return EnforceProgram.run(options).rawValue
            case .lockdown(let options): return LockdownProgram.run(options).rawValue
            case .reload(let options): return ReloadProgram.run(options).rawValue
            case .tunnels(let options): return TunnelsProgram.run(options).rawValue
            case .gate(let options): return GateProgram.run(options).rawValue
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
        case "audit", "enforce", "gate", "lockdown", "reload", "tunnels": break
        default: throw UsageError(message: "no verb \(verb)")
        }
        var options = Options()
        while let word = rest.popFirst() {
            switch (verb, word) {
            case (_, "--help"), (_, "-h"): return .help
            case (_, "--config"): options.config = try value(of: word, &rest)
            case ("audit", "--control"), ("enforce", "--control"), ("reload", "--control"), ("tunnels", "--control"),
                ("gate", "--control"):
                options.control = try value(of: word, &rest)
            case ("audit", "--events"): options.events = try value(of: word, &rest)
            case ("audit", "--state"): options.state = try value(of: word, &rest)
            case ("enforce", "--once"): options.isOnce = true
            case ("enforce", "--remove-on-exit"): options.removesOnExit = true
            case ("reload", "--tunnels"): options.reloaded = .tunnels
            case ("reload", "--gate"): options.reloaded = .gate
            case ("reload", "--audit"): options.reloaded = .audit
            case ("tunnels", "--ipsec-conf"): options.libreswan.configuration = try value(of: word, &rest)
            case ("tunnels", "--ipsec-folder"), ("enforce", "--ipsec-folder"):
                options.libreswan.folder = try value(of: word, &rest)
            case ("tunnels", "--rundir"): options.libreswan.runtime = try value(of: word, &rest)
            case ("tunnels", "--nss"): options.libreswan.nss = try value(of: word, &rest)
            case ("tunnels", "--state"): options.libreswan.state = try value(of: word, &rest)
            case ("gate", "--state"): options.gateState = try value(of: word, &rest)
            case ("tunnels", "--pluto-log"): options.plutoLog = try value(of: word, &rest)
            default: throw UsageError(message: "no option \(word) for \(verb)")
            }
        }
        guard !(options.isOnce && options.removesOnExit) else {
            throw UsageError(message: "--once and --remove-on-exit make no sense together")
        }
        switch verb {
        case "audit": return .audit(options)
        case "enforce": return .enforce(options)
        case "reload": return .reload(options)
        case "tunnels": return .tunnels(options)
        case "gate": return .gate(options)
        default: return .lockdown(options)
        }
    }

    private static func value(of option: String, _ rest: inout ArraySlice<String>) throws(UsageError) -> String {
        guard let value = rest.popFirst() else { throw UsageError(message: "\(option) needs a value") }
        return value
    }
}
