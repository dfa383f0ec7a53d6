// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import AuditTrail
internal import Base
internal import Control
internal import Libreswan
internal import LinuxIO
internal import Netfilter
internal import Partners
internal import Systemd
internal import Whitelist

/// `jumpd enforce`: the kernel's allow-list kept equal to the configuration.
enum EnforceProgram {
    static func run(_ options: Program.Options) -> Program.Status {
        do throws(Stop) {
            // Clears the environment: before any thread.
            let inherited = ServiceManager.inheritedDescriptors()
            // A lock-down first: whatever is wrong with the rest, this host does not stand open.
            _ = LockdownProgram.run(options)
            let service = try start(options, inherited)
            if options.isOnce { return .done }
            return try serve(service, options, inherited)
        } catch {
            Log.write(error.line, priority: .error)
            ServiceManager.notify(.status("not enforcing: \(error.line)"))
            return error.status
        }
    }

    struct Stop: Error {
        var status = Program.Status.failed
        var line: String
    }

    /// The first apply: nothing is served before the kernel holds the configuration.
    ///
    /// A table that an earlier process made and the service manager kept admits partners meanwhile, and when this
    /// apply is refused.
    private static func start(
        _ options: Program.Options,
        _ inherited: [InheritedDescriptor]
    ) throws(Stop) -> EnforceService {
        var features = Set(KernelFeature.allCases)
        // An owner that ends at once is no owner.
        if options.isOnce { features.subtract([.owner, .persistentOwner]) }
        let service: EnforceService
        let (isAdopted, isKept): (Bool, Bool)
        do throws(NetfilterFailure) {
            let kept = try KeptSocket(inherited)
            (isAdopted, isKept) = (kept.isAdopted, kept.isKept)
            service = try EnforceService(
                folder: options.config,
                ipsecFolder: options.libreswan.folder,
                filter: kept.takeSocket(),
                features: features
            )
        } catch {
            throw Stop(line: error.description)
        }
        do throws(EnforceService.Refusal) {
            let applied = try service.apply()
            if !applied.diagnostics.isEmpty {
                StandardStream.error.write(DiagnosticRenderer().text(applied.diagnostics))
            }
            if isAdopted { Log.write("took over the table of the process before, as it stood") }
            for line in applied.report.lines { Log.write(line) }
            for omission in applied.report.omissions { Log.write("left out: \(omission)", priority: .warning) }
            if !options.isOnce, !isKept { service.keepSocket() }
            return service
        } catch {
            if case .configuration(let diagnostics) = error {
                StandardStream.error.write(DiagnosticRenderer().text(diagnostics))
                throw Stop(status: .refused, line: error.line)
            }
            throw Stop(line: error.line)
        }
    }

    private static func serve(
        _ service: EnforceService,
        _ options: Program.Options,
        _ inherited: [InheritedDescriptor]
    ) throws(Stop) -> Program.Status {
        do {
            // Before any thread: all of them inherit the blocked set.
            let signals = try SignalDescriptor([.hangUp, .interrupt, .terminate])
            var monitor = try NetfilterMonitor()
            let monitored = OwnedDescriptor(adopting: try monitor.duplicateDescriptor())
            let server = try ControlPlace.enforcer.open(options, inherited) { service.answer($0) }
            defer { server.stop() }
            var poller = try Poller(eventCountMax: 8)
            try poller.addInput(signals.descriptor, token: 1)
            try poller.addInput(monitored, token: 2)
            try poller.addInput(service.bell.descriptor, token: 3)
            ServiceManager.notify(.ready, .status(service.summary))
            Log.write("enforcing \(options.config), answering on \(server.path)")
            var beat = Beat()
            var isRunning = true
            while isRunning {
                // It takes the lock that every change takes: who is stuck in one keeps this loop from beating.
                let due = service.tick()
                _ = poller.wait(timeout: beat.tell(service.summary, due: due))
                service.bell.silence()
                if monitor.takeNotifications() { service.rulesetChanged() }
                while let signal = signals.next() {
                    if signal == .hangUp { reload(service) } else { isRunning = false }
                }
            }
            ServiceManager.notify(.stopping)
            if options.removesOnExit {
                ServiceManager.removeStored(name: KeptSocket.name)
                try service.remove()
            }
            return .done
        } catch {
            throw Stop(line: "\(error)")
        }
    }

    private static func reload(_ service: EnforceService) {
        ServiceManager.notify(.reloading(at: Clock.monotonic()))
        do throws(EnforceService.Refusal) {
            for line in try service.apply().report.lines { Log.write(line) }
            service.operators.noteSignal(.configApply, .success, object: "allow-list")
        } catch {
            if case .configuration(let diagnostics) = error {
                StandardStream.error.write(DiagnosticRenderer().text(diagnostics))
            }
            Log.write("\(error.line); what was applied before stays", priority: .error)
            service.operators.noteSignal(.configApply, .failure, object: "allow-list")
        }
        ServiceManager.notify(.ready, .status(service.summary))
    }
}
