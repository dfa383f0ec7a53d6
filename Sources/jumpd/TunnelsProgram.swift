// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import AuditTrail
internal import Base
internal import Control
internal import LinuxIO
internal import Systemd
internal import TunnelHistory

/// `jumpd tunnels`: Libreswan's connections kept equal to the configuration.
///
/// It holds no capability and speaks to nobody but pluto's own programs and the callers of its control socket.
enum TunnelsProgram {
    static func run(_ options: Program.Options) -> Program.Status {
        do {
            // Clears the environment: before any thread.
            let inherited = ServiceManager.inheritedDescriptors()
            // Before any thread: all of them inherit the blocked set.
            let signals = try SignalDescriptor([.hangUp, .interrupt, .terminate])
            let service = try TunnelsService(
                folder: options.config,
                paths: options.libreswan,
                log: options.plutoLog.map(PlutoLogSource.file) ?? .journal
            )
            // What cannot be taken on changes nothing: what pluto has stays, and operators are told why.
            service.applyAtStart(isAsked: isAsked(inherited))
            let server = try ControlPlace.tunnels.open(options, inherited) { service.answer($0) }
            defer { server.stop() }
            ServiceManager.notify(.ready, .status(service.summary))
            Log.write("tunnels by \(options.config), answering on \(server.path)")
            defer { service.writeHistory() }
            try serve(service, signals)
            ServiceManager.notify(.stopping)
            return .done
        } catch {
            Log.write("\(error)", priority: .error)
            ServiceManager.notify(.status("not serving: \(error)"))
            return .failed
        }
    }

    /// Whether somebody waits at the socket that was handed over: then it is what started this program.
    private static func isAsked(_ inherited: [InheritedDescriptor]) -> Bool {
        guard let handed = inherited.first(where: { $0.name == "control" }) else { return false }
        let listener = OwnedDescriptor(adopting: handed.number)
        let isAsked = hasCaller(listener)
        _ = listener.release()
        return isAsked
    }

    private static func hasCaller(_ listener: borrowing OwnedDescriptor) -> Bool {
        do throws(Errno) {
            var poller = try Poller(eventCountMax: 1)
            try poller.addInput(listener, token: 1)
            defer { poller.remove(listener) }
            return poller.wait(timeout: .zero) > 0
        } catch {
            return false
        }
    }

    private static func serve(_ service: TunnelsService, _ signals: borrowing SignalDescriptor) throws {
        var poller = try Poller(eventCountMax: 8)
        try poller.addInput(signals.descriptor, token: 1)
        try poller.addInput(service.bell.descriptor, token: 2)
        var beat = Beat()
        while true {
            // It takes the lock that every change takes: who is stuck in one keeps this loop from beating.
            let due = service.tick()
            _ = poller.wait(timeout: beat.tell(service.summary, due: due))
            service.bell.silence()
            while let signal = signals.next() {
                guard signal == .hangUp else { return }
                ServiceManager.notify(.reloading(at: Clock.monotonic()))
                let isDone = service.applyBySignal()
                service.operators.noteSignal(.configApply, isDone ? .success : .failure, object: "tunnels")
                ServiceManager.notify(.ready, .status(service.summary))
            }
        }
    }
}
