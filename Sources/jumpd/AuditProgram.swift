// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import Base
internal import Control
internal import LinuxIO
internal import Partners
internal import Systemd

/// `jumpd audit`: keeps the audit log, and is the only one who writes it.
///
/// It holds no capability. It hears our own programs over a Unix socket, answers operators over another one, and speaks
/// to nobody else but the log server, where there is one.
enum AuditProgram {
    /// The event door's thread may wait this long for nothing before it counts as stuck.
    private static let stuckAfter = Duration.seconds(10)

    static func run(_ options: Program.Options) -> Program.Status {
        do {
            // Clears the environment: before any thread.
            let inherited = ServiceManager.inheritedDescriptors()
            // Before any thread: all of them inherit the blocked set.
            let signals = try SignalDescriptor([.hangUp, .interrupt, .terminate])
            SignalDescriptor.ignoreBrokenPipes()
            let service = try AuditService(AuditLoad(options), options, inherited)
            defer { service.stop() }
            service.awaitOpen()
            let server = try ControlPlace.audit.open(options, inherited) { service.answer($0) }
            defer { server.stop() }
            ServiceManager.notify(.ready, .status(service.summary))
            Log.write("audit log in \(service.folder), events on \(service.events), answering on \(server.path)")
            service.logTrouble()
            try serve(service, signals)
            ServiceManager.notify(.stopping)
            return .done
        } catch {
            Log.write("\(error)", priority: .error)
            ServiceManager.notify(.status("not serving: \(error)"))
            return .failed
        }
    }

    private static func serve(_ service: AuditService, _ signals: borrowing SignalDescriptor) throws {
        var poller = try Poller(eventCountMax: 8)
        try poller.addInput(signals.descriptor, token: 1)
        var beat = Beat()
        while true {
            service.logTrouble()
            // A door that is stuck keeps this loop from telling that all is well.
            if service.hasTurned(within: stuckAfter) {
                _ = poller.wait(timeout: beat.tell(service.summary, due: .seconds(1)))
            } else {
                _ = poller.wait(timeout: .seconds(1))
            }
            while let signal = signals.next() {
                guard signal == .hangUp else { return }
                ServiceManager.notify(.reloading(at: Clock.monotonic()))
                service.reloadBySignal()
                ServiceManager.notify(.ready, .status(service.summary))
            }
        }
    }
}
