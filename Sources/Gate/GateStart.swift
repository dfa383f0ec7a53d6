// SPDX-License-Identifier: Apache-2.0
internal import AccessStore
internal import AuditLog
internal import Base
package import ConfigurationFolder
internal import Engine
package import LinuxIO
internal import Partners
internal import Systemd

/// Why the gate did not start.
package enum GateStartError: Error, Sendable, CustomStringConvertible {
    case configuration(ConfigurationRefused)
    case listen(String, Errno)
    case state(String)
    case system(String, Errno)
    case handedOver(String, mend: String)

    package var description: String {
        switch self {
        case .configuration(let refused): refused.text
        case .listen(let address, let errno):
            "cannot listen on \(address): \(errno); check [gate] listen in jumpd.toml and who else uses the port"
        case .state(let why): why
        case .system(let what, let errno): "\(what): \(errno)"
        case .handedOver(let what, let mend): "the service manager handed over \(what): \(mend)"
        }
    }
}

/// What is opened once, before the first worker runs.
enum GateStart {
    /// Descriptors kept back from administrators: the store, logs, control sockets.
    private static let reservedDescriptors = 64

    static func grants(
        _ settings: GateService.Settings,
        _ configuration: GateConfiguration
    ) throws(GateStartError) -> GrantDesk {
        let path = "\(settings.state)/access.db"
        do throws(GrantDeskError) {
            return try GrantDesk(path: path, rules: configuration.rules, now: Clock.wall())
        } catch {
            let mend = "one that is damaged comes from a backup or is moved away: then everybody asks for access anew"
            throw .state("\(path): \(error); look at its owner and its room; \(mend)")
        }
    }

    static func environment(
        _ settings: GateService.Settings,
        _ configuration: GateConfiguration,
        _ grants: GrantDesk
    ) throws(GateStartError) -> GateEnvironment {
        let rules = configuration.rules
        let count = rules.gate.workerCount == 0 ? Limits.processorCount : rules.gate.workerCount
        let listeners = try listeners(rules.gate, settings.sockets)
        do throws(Errno) {
            var inboxes: [Mailbox<GateWorker.Order>] = []
            for _ in 0..<count { inboxes.append(try Mailbox(countMax: 65_536)) }
            return GateEnvironment(
                listeners: listeners,
                inboxes: inboxes,
                board: SessionBoard(),
                grants: grants,
                audit: try AuditThread(AuditReporter(path: rules.audit.events)),
                desk: try DeskThread(),
                ledger: try SessionLedger(path: "\(settings.state)/sessions"),
                lockouts: LockoutTable(rules.lockout, entries: grants.lockouts),
                handshakes: HandshakeLimiter(rules.gate),
                log: try LogWriter(try OwnedDescriptor.standardOutput(), journal: .ofProcess(named: "jumpd")),
                connectionsMax: max(32, (Limits.raiseDescriptorsMax() - reservedDescriptors) / 2)
            )
        } catch {
            throw .system("starting", error)
        }
    }

    /// Sockets from the service manager where it has opened them, else our own.
    private static func listeners(
        _ rule: GateRule,
        _ sockets: [InheritedDescriptor]
    ) throws(GateStartError) -> [Listener] {
        let given = sockets.filter { $0.name == "gate" }
        if let stranger = sockets.first(where: { $0.name != "gate" && $0.name != "control" }) {
            throw .handedOver(
                "a socket named \(stranger.name)",
                mend: "its unit needs FileDescriptorName=gate or control"
            )
        }
        guard given.isEmpty else {
            var listeners: [Listener] = []
            for socket in given { listeners.append(try adopt(socket)) }
            return listeners
        }
        var listeners: [Listener] = []
        for endpoint in rule.listen {
            do throws(Errno) {
                listeners.append(Listener(use: 0, endpoint: endpoint, descriptor: try Sockets.listen(endpoint)))
            } catch {
                throw .listen(endpoint.description, error)
            }
        }
        return listeners
    }

    private static func adopt(_ socket: InheritedDescriptor) throws(GateStartError) -> Listener {
        let descriptor = OwnedDescriptor(adopting: socket.number)
        do throws(Errno) { try descriptor.setNonBlocking() } catch {
            throw .system("socket \(socket.name) from the service manager", error)
        }
        guard Sockets.isListening(descriptor), let endpoint = Sockets.localEndpoint(descriptor) else {
            throw .handedOver(
                "a socket named \(socket.name) that is no listening TCP socket",
                mend: "its unit needs ListenStream= with an address and a port, and Accept=no"
            )
        }
        return Listener(use: 0, endpoint: endpoint, descriptor: descriptor)
    }
}
