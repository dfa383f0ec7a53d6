// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import Synchronization

/// Carries each connection that comes in here to one target behind the gate, a thread and a session of its own for each.
final class Forwarder: Sendable {
    /// More callers at once are told so by being closed.
    static let connectionsMax = 64

    private let client: GateClient
    private let target: String
    private let complain: @Sendable (Failure) -> Void
    private let live = Atomic<Int>(0)

    /// - Parameter complain: told why a connection did not come about, or was cut; on any thread.
    init(_ client: GateClient, target: String, complain: @escaping @Sendable (Failure) -> Void) {
        self.client = client
        self.target = target
        self.complain = complain
    }

    /// Takes callers until `stop` has something to read; connections that stand go on as long as the process does.
    func run(_ door: borrowing LocalDoor, until stop: borrowing OwnedDescriptor) throws(Failure) {
        do throws(Errno) {
            while true {
                var waits = PollSet()
                let caller = door.listener.enlist(in: &waits, for: .reading)
                let end = stop.enlist(in: &waits, for: .reading)
                try waits.wait()
                if waits.isReadable(end) { return }
                guard waits.isReadable(caller) else { continue }
                while let caller = try door.accept() { try take(caller) }
            }
        } catch {
            throw Failure(code: "no_door", message: "\(door.name.printable): \(error)")
        }
    }

    private func take(_ caller: LocalCaller) throws(Errno) {
        guard live.add(1, ordering: .relaxed).newValue <= Self.connectionsMax else {
            live.subtract(1, ordering: .relaxed)
            complain(
                Failure(
                    code: "too_many",
                    message: "\(Self.connectionsMax) connections are forwarded; one more was closed"
                )
            )
            return
        }
        let forwarder = self
        _ = try OwnedThread(name: "forward") { @Sendable in
            forwarder.serve(caller)
            forwarder.live.subtract(1, ordering: .relaxed)
        }
    }

    private func serve(_ caller: LocalCaller) {
        do throws(Failure) {
            let channel = try client.open(target)
            let streams: StreamPair
            do throws(Errno) {
                streams = try caller.streams()
            } catch {
                throw Failure(code: "no_streams", message: "a connection from here: \(error)")
            }
            var conduit = Conduit(channel, streams, isSocket: true)
            if try conduit.run() == .cut { throw GateFailure.ended(client.gate.address, target) }
        } catch {
            complain(error)
        }
    }
}
