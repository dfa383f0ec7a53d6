// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
package import ConfigurationFolder
package import Engine
package import LinuxIO
internal import Partners

/// Why the gateway did not start.
package enum GatewayStartError: Error, Sendable, CustomStringConvertible {
    case configuration(ConfigurationRefused)
    case listen(ListenFailure)
    case store(String)
    case system(String, Errno)

    package var description: String {
        switch self {
        case .configuration(let refused): refused.text
        case .listen(let failure): failure.text(key: "[listen] in eigd.toml")
        case .store(let why): "\(why); check [store] in eigd.toml"
        case .system(let what, let errno): "\(what): \(errno)"
        }
    }
}

/// What is opened once, before the first worker runs.
enum GatewayStart {
    /// Descriptors kept back from partners: backends, the store, logs, the control socket.
    private static let reservedDescriptors = 256

    /// The number of workers the file asks for; 0 in the file is one for each processor.
    static func workerCount(of gateway: GatewayFile) -> Int {
        gateway.workerCount == 0 ? Limits.processorCount : gateway.workerCount
    }

    static func environment(
        _ snapshot: Snapshot,
        _ sockets: HandedSockets,
        onFatal: @escaping @Sendable (String) -> Void
    ) throws(GatewayStartError) -> WorkerEnvironment {
        let count = workerCount(of: snapshot.gateway)
        var inboxes: [Mailbox<Worker.Order>] = []
        let resolver: ResolverThread
        let log: LogWriter
        do throws(Errno) {
            for _ in 0..<count { inboxes.append(try Mailbox(countMax: 65_536)) }
            resolver = try ResolverThread()
            log = try LogWriter(try OwnedDescriptor.standardOutput(), journal: .ofProcess(named: "eigd"))
        } catch {
            throw .system("starting", error)
        }
        let relay = try relay(snapshot, inboxes, onFatal)
        return WorkerEnvironment(
            listeners: try listeners(snapshot.gateway.listen, sockets),
            inboxes: inboxes,
            counters: (0..<count).map { _ in WorkerCounters() },
            relay: relay,
            resolver: resolver,
            log: log,
            connectionsMax: max(64, Limits.raiseDescriptorsMax() - reservedDescriptors)
        )
    }

    private static func relay(
        _ snapshot: Snapshot,
        _ inboxes: [Mailbox<Worker.Order>],
        _ onFatal: @escaping @Sendable (String) -> Void
    ) throws(GatewayStartError) -> RelayService {
        let settings = RelaySettings(store: snapshot.gateway.store, relay: snapshot.gateway.relay)
        do throws(RelayStartError) {
            let onFatal: @Sendable (RelayFatal) -> Void = { onFatal($0.description) }
            let dispatch: @Sendable (DeliveryOrder) -> Bool = { order in
                // One endpoint's deliveries go to one worker, whose pool of connections they share.
                let name = order.destination.description.utf8
                let hash = name.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
                return inboxes[Int(hash % UInt32(inboxes.count))].post(.deliver(order))
            }
            return try RelayService(settings: settings, onFatal: onFatal, dispatch: dispatch)
        } catch {
            throw .store(error.description)
        }
    }

    private static func listeners(
        _ rule: ListenRule,
        _ sockets: HandedSockets
    ) throws(GatewayStartError) -> [Listener] {
        do throws(ListenFailure) {
            return try sockets.listeners(.partners, orAt: rule.partners)
                + sockets.listeners(.inside, orAt: rule.internal)
        } catch {
            throw .listen(error)
        }
    }
}
