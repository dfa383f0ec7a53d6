// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import ConfigurationFolder
internal import Control
internal import LinuxIO
internal import Netfilter
internal import Partners
internal import Systemd
internal import Whitelist

/// `jumpd enforce`: the kernel's allow-list kept equal to the configuration.
enum EnforceProgram {
    static func run(_ options: Program.Options) -> Program.Status {
        do throws(Stop) {
            // A lock-down first: whatever is wrong with the rest, this host does not stand open.
            _ = LockdownProgram.run(options)
            let service = try start(options)
            if options.isOnce { return .done }
            return try serve(service, options)
        } catch {
            Log.write(error.line)
            return error.status
        }
    }

    struct Stop: Error {
        var status = Program.Status.failed
        var line: String
    }

    /// The first apply: nothing is served before the kernel holds the configuration.
    private static func start(_ options: Program.Options) throws(Stop) -> EnforceService {
        var features = Set(KernelFeature.allCases)
        // An owner that ends at once is no owner.
        if options.isOnce { features.subtract([.owner, .persistentOwner]) }
        let service: EnforceService
        do throws(NetfilterFailure) {
            service = try EnforceService(folder: options.config, features: features)
        } catch {
            throw Stop(line: error.description)
        }
        do throws(EnforceService.Refusal) {
            let applied = try service.apply()
            if !applied.diagnostics.isEmpty {
                StandardStream.error.write(DiagnosticRenderer().text(applied.diagnostics))
            }
            for line in applied.report.lines { Log.write(line) }
            for omission in applied.report.omissions { Log.write("left out: \(omission)") }
            return service
        } catch {
            if case .configuration(let diagnostics) = error {
                StandardStream.error.write(DiagnosticRenderer().text(diagnostics))
                throw Stop(status: .refused, line: error.line)
            }
            throw Stop(line: error.line)
        }
    }

    private static func serve(_ service: EnforceService, _ options: Program.Options) throws(Stop) -> Program.Status {
        do {
            // Before any thread: all of them inherit the blocked set.
            let signals = try SignalDescriptor([.hangUp, .interrupt, .terminate])
            var monitor = try NetfilterMonitor()
            let monitored = OwnedDescriptor(adopting: try monitor.duplicateDescriptor())
            let path = options.control ?? controlPath(options.config)
            let server = try ControlServer(path: path) { request in service.answer(request) }
            defer { server.stop() }
            var poller = try Poller(eventCountMax: 8)
            try poller.addInput(signals.descriptor, token: 1)
            try poller.addInput(monitored, token: 2)
            try poller.addInput(service.bell.descriptor, token: 3)
            ServiceManager.notify("READY=1\nSTATUS=enforcing \(options.config)")
            Log.write("enforcing \(options.config), answering on \(path)")
            var isRunning = true
            while isRunning {
                _ = poller.wait(timeout: service.tick())
                service.bell.silence()
                if monitor.takeNotifications() { service.rulesetChanged() }
                while let signal = signals.next() {
                    if signal == .hangUp { reload(service) } else { isRunning = false }
                }
            }
            ServiceManager.notify("STOPPING=1")
            if options.removesOnExit { try service.remove() }
            return .done
        } catch {
            throw Stop(line: "\(error)")
        }
    }

    private static func reload(_ service: EnforceService) {
        ServiceManager.notify("RELOADING=1")
        do throws(EnforceService.Refusal) {
            for line in try service.apply().report.lines { Log.write(line) }
        } catch {
            if case .configuration(let diagnostics) = error {
                StandardStream.error.write(DiagnosticRenderer().text(diagnostics))
            }
            Log.write("\(error.line); what was applied before stays")
        }
        ServiceManager.notify("READY=1")
    }

    /// What `jumpd.toml` says; it was read without an error a moment ago.
    private static func controlPath(_ folder: String) -> String {
        guard case .bytes(let bytes) = FolderSource(folder).read(ConfigurationPath.host, limitBytes: 1 << 20),
            let file = HostFile.parse(String(decoding: bytes, as: UTF8.self)).file
        else { return "/run/eig/enforce.sock" }
        return file.control
    }
}
