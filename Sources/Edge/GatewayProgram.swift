// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import LinuxIO
internal import Systemd

/// `eigd`: arguments in, exit status out.
package enum GatewayProgram {
    private static let usage = """
        usage: eigd [--config FOLDER] [--check] [--pin-workers] [--version] [--help]

          --config FOLDER   read eigd.toml and partners.d from here (default /etc/eig)
          --check           read and check everything, listen on nothing, and exit
          --pin-workers     keep each worker on a processor of its own
          --version         print the version and exit
          --help            print this and exit

        Signals: SIGHUP reads the configuration again; SIGTERM and SIGINT end in order.
        Exit status: 0 ended in order, 1 not started or failed, 64 wrong arguments.

        """

    private struct Arguments {
        var folder = "/etc/eig"
        var isCheck = false
        var pinsWorkers = false
    }

    package static func main() -> Never { Environment.exit(Int(run(Array(CommandLine.arguments.dropFirst())))) }

    private static func run(_ words: [String]) -> Int32 {
        var arguments = Arguments()
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--help":
                StandardStream.output.write(usage)
                return 0
            case "--version":
                StandardStream.output.write("eigd \(productVersion)\n")
                return 0
            case "--check": arguments.isCheck = true
            case "--pin-workers": arguments.pinsWorkers = true
            case "--config":
                guard let folder = rest.popFirst() else { return misused("--config needs a folder") }
                arguments.folder = folder
            default: return misused("unknown argument \(word)")
            }
        }
        return arguments.isCheck ? check(arguments) : serve(arguments)
    }

    private static func misused(_ why: String) -> Int32 {
        StandardStream.error.write("eigd: \(why)\n\(usage)")
        return 64
    }

    private static func check(_ arguments: Arguments) -> Int32 {
        do throws(ConfigurationRefused) {
            _ = try SnapshotBuilder.build(folder: arguments.folder, generation: 1, book: CounterBook(), workerCount: 1)
            return 0
        } catch {
            StandardStream.error.write(error.text)
            return 1
        }
    }

    private static func serve(_ arguments: Arguments) -> Int32 {
        do {
            // A log nobody reads any more is no reason to stop taking payments.
            SignalDescriptor.ignoreBrokenPipes()
            // Before any thread: they inherit the blocked signals.
            let signals = try SignalDescriptor([.hangUp, .terminate, .interrupt])
            let fatal = try Mailbox<String>(countMax: 4)
            let gateway = try Gateway(
                Gateway.Settings(folder: arguments.folder, pinsWorkers: arguments.pinsWorkers)
            ) { _ = fatal.post($0) }
            let desk = ControlDesk(gateway)
            let control = try ControlServer(path: gateway.controlPath) { desk.answer($0) }
            ServiceManager.notify("READY=1\nSTATUS=serving \(gateway.partnerCount) partners")
            let status = watch(gateway, signals, fatal)
            ServiceManager.notify("STOPPING=1")
            control.stop()
            if status == 0 { gateway.drain() }
            return status
        } catch {
            StandardStream.error.write("eigd: \(error)\n")
            return 1
        }
    }

    /// Waits for signals, for a failed store, and for the watchdog's time.
    private static func watch(
        _ gateway: Gateway,
        _ signals: borrowing SignalDescriptor,
        _ fatal: Mailbox<String>
    ) -> Int32 {
        let interval = ServiceManager.watchdogInterval().map { $0 / 2 } ?? .seconds(1)
        while true {
            switch signals.wait(timeout: min(interval, .seconds(1))) {
            case .hangUp: reload(gateway)
            case .terminate, .interrupt: return 0
            case .user1, .child, nil: break
            }
            gateway.tidy()
            if gateway.isAlive { ServiceManager.notify("WATCHDOG=1") }
            if let why = fatal.drain().first {
                StandardStream.error.write("eigd: \(why)\n")
                return 1
            }
        }
    }

    private static func reload(_ gateway: Gateway) {
        ServiceManager.notify("RELOADING=1")
        do throws(ConfigurationRefused) {
            _ = try gateway.reload()
        } catch {
            StandardStream.error.write(error.text)
        }
        ServiceManager.notify("READY=1\nSTATUS=serving \(gateway.partnerCount) partners")
    }
}
