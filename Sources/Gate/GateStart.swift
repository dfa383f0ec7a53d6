// SPDX-License-Identifier: Apache-2.0
internal import AccessStore
internal import AuditLog
internal import Base
package import ConfigurationFolder
package import Engine
package import LinuxIO
internal import Partners
internal import Systemd

/// Why the gate did not start.
package enum GateStartError: Error, Sendable, CustomStringConvertible {
    case configuration(ConfigurationRefused)
    case listen(ListenFailure)
    case state(String)
    case system(String, Errno)

    package var description: String {
        switch self {
        case .configuration(let refused): refused.text
        case .listen(let failure): failure.text(key: "[gate] listen in jumpd.toml")
        case .state(let why): why
        case .system(let what, let errno): "\(what): \(errno)"
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

    private static func listeners(
        _ rule: GateRule,
        _ sockets: [InheritedDescriptor]
    ) throws(GateStartError) -> [Listener] {
        do throws(ListenFailure) {
            return try HandedSockets(sockets, names: ["gate"]).listeners("gate", orAt: rule.listen, use: 0)
        } catch {
            throw .listen(error)
        }
    }
}
