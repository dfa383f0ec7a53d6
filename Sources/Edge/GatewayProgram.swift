// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import ConfigurationFolder
internal import Control
internal import LinuxIO
internal import Partners
internal import Systemd
internal import TLS

/// `eigd`: arguments in, exit status out.
package enum GatewayProgram {
    private static let usage = """
        usage: eigd [--config FOLDER] [--check | --reload] [--pin-workers] [--version] [--help]

          --config FOLDER   read eigd.toml and partners.d from here (default /etc/eig)
          --check           read and check everything, listen on nothing, and exit
          --reload          have the running eigd check everything and take it on, and exit
          --pin-workers     keep each worker on a processor of its own
          --version         print the version and exit
          --help            print this and exit

        Signals: SIGHUP reads the configuration again; SIGTERM and SIGINT end in order.
        Exit status: 0 ended in order, 1 not started, failed or refused, 64 wrong arguments.

        """

    private struct Arguments {
        var folder = "/etc/eig"
        var isCheck = false
        var isReload = false
        var pinsWorkers = false
    }

    package static func main() -> Never { Environment.exit(Int(run(Array(CommandLine.arguments.dropFirst())))) }

    private static func run(_ words: [String]) -> Int32 {
        TLSLibrary.keepRecordBlocks()
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
            case "--reload": arguments.isReload = true
            case "--pin-workers": arguments.pinsWorkers = true
            case "--config":
                guard let folder = rest.popFirst() else { return misused("--config needs a folder") }
                arguments.folder = folder
            default: return misused("unknown argument \(word)")
            }
        }
        switch (arguments.isCheck, arguments.isReload) {
        case (true, true): return misused("--check looks without changing, --reload changes: give one")
        case (true, false): return check(arguments)
        case (false, true): return reload(arguments)
        case (false, false): return serve(arguments)
        }
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

    /// Asks the running program, which validates with its own sockets and credentials.
    private static func reload(_ arguments: Arguments) -> Int32 {
        let path = controlPath(arguments.folder)
        switch ReloadCall(path: path, target: "/v1/reload").run() {
        case .taken(let text):
            StandardStream.error.write(text)
            return 0
        case .refused(let text):
            StandardStream.error.write("\(text)eigd: nothing was changed\n")
            return 1
        case .failed(let text):
            StandardStream.error.write("eigd: \(text)")
            return 1
        }
    }

    /// Where the running program answers: what the file says, or the default when it cannot be read: the program
    /// itself says what is wrong with it.
    private static func controlPath(_ folder: String) -> String {
        guard case .bytes(let bytes) = FolderSource(folder).read(ConfigurationPath.gateway, limitBytes: 4 << 20),
            let file = GatewayFile.parse(String(decoding: bytes, as: UTF8.self)).file
        else { return ListenRule.controlDefault }
        return file.listen.control
    }

    private static func serve(_ arguments: Arguments) -> Int32 {
        do {
            // Clears the environment: before any thread.
            let sockets = ServiceManager.inheritedDescriptors()
            // A log nobody reads any more is no reason to stop taking payments.
            SignalDescriptor.ignoreBrokenPipes()
            // Before any thread: they inherit the blocked signals.
            let signals = try SignalDescriptor([.hangUp, .terminate, .interrupt])
            let fatal = try Mailbox<String>(countMax: 4)
            let gateway = try Gateway(
                Gateway.Settings(folder: arguments.folder, pinsWorkers: arguments.pinsWorkers, sockets: sockets)
            ) { _ = fatal.post($0) }
            let control = try gateway.serveControl()
            // Every worker listens and the store is open, or there would be no gateway.
            ServiceManager.notify(.ready, .status(gateway.summary))
            var watch = GatewayWatch(gateway, fatal)
            let status = watch.run(signals)
            ServiceManager.notify(.stopping)
            control.stop()
            if status == 0 { GatewayWatch.drain(gateway) }
            return status
        } catch {
            Complaint.write("eigd: \(error)\n")
            ServiceManager.notify(.status("not started: \(error)"))
            return 1
        }
    }
}
