// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import ConfigurationFolder
internal import Control
internal import Gate
internal import LinuxIO
internal import Systemd
internal import TLS

/// `jumpd gate`: the one way in for administrators.
///
/// It holds no capability; what it may reach and who may reach it is the kernel's allow-list, which is another process's.
enum GateProgram {
    static func run(_ options: Program.Options) -> Program.Status {
        TLSLibrary.keepRecordBlocks()
        do {
            // Clears the environment: before any thread.
            let inherited = ServiceManager.inheritedDescriptors()
            // A log nobody reads any more is no reason to lock administrators out.
            SignalDescriptor.ignoreBrokenPipes()
            // Before any thread: all of them inherit the blocked set.
            let signals = try SignalDescriptor([.hangUp, .interrupt, .terminate])
            let service = try GateService(
                GateService.Settings(folder: options.config, state: options.gateState, sockets: inherited)
            )
            let server = try ControlPlace.gate.open(options, inherited) { service.answer($0) }
            ServiceManager.notify(.ready, .status(service.summary))
            Log.write("administrators' gate by \(options.config), operators at \(server.path)")
            serve(service, signals)
            ServiceManager.notify(.stopping)
            server.stop()
            service.stop()
            return .done
        } catch {
            let status: Program.Status
            if case .configuration(let refused)? = error as? GateStartError {
                StandardStream.error.write(refused.text)
                Log.write("refused: \(refused)", priority: .error)
                status = .refused
            } else {
                Log.write("\(error)", priority: .error)
                status = .failed
            }
            ServiceManager.notify(.status("not serving: \(error)"))
            return status
        }
    }

    /// Until somebody asks for the end.
    private static func serve(_ service: GateService, _ signals: borrowing SignalDescriptor) {
        var beat = Beat()
        while true {
            service.tick()
            let due = service.stalled == nil ? beat.tell(service.summary, due: .seconds(1)) : .seconds(1)
            switch signals.wait(timeout: due) {
            case .hangUp:
                ServiceManager.notify(.reloading(at: Clock.monotonic()))
                do throws(ConfigurationRefused) {
                    try service.reloadBySignal()
                } catch {
                    StandardStream.error.write(error.text)
                    Log.write("\(error); what was in force before stays", priority: .error)
                }
                ServiceManager.notify(.ready, .status(service.summary))
            case .interrupt, .terminate: return
            case .user1, .child, nil: break
            }
        }
    }
}
