// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// The thread behind a control socket or a page server: it accepts, reads, answers and writes for at most a few callers at a time.
struct ControlLoop: ~Copyable {
    private static let listenerToken: UInt64 = 0
    private static let bellToken: UInt64 = 1

    private let door: ControlDoor
    private var poller: Poller
    private var connections: [UInt64: ControlConnection] = [:]
    private var nextToken: UInt64 = 2
    private var entrance = ListenerWatch(token: listenerToken)

    init(door: ControlDoor) {
        self.door = door
        poller = .awaited(eventCountMax: 64)
    }

    mutating func run() {
        poller.requireInput(door.bell.descriptor, token: Self.bellToken)
        entrance.set(true, door.listener, in: poller)
        while true {
            let count = poller.wait(timeout: untilNextDeadline)
            for index in 0..<count {
                let (token, _) = poller.event(index)
                switch token {
                case Self.bellToken: return
                case Self.listenerToken: accept()
                default: advance(token)
                }
            }
            expire()
            entrance.set(connections.count < door.limits.connectionsMax, door.listener, in: poller)
        }
    }

    private mutating func accept() {
        while connections.count < door.limits.connectionsMax {
            guard let arrival = acceptOne() else { return }
            let token = nextToken
            nextToken += 1
            let deadline = Clock.monotonic() + door.limits.stepMax
            let connection = ControlConnection(arrival, limits: door.limits, deadline: deadline)
            guard (try? poller.addEdge(connection.descriptor, token: token)) != nil else { continue }
            connections[token] = connection
            advance(token)
        }
    }

    /// Out of descriptors the queue stays as it is: look again in a moment, not at once.
    private func acceptOne() -> ControlArrival? {
        do {
            return try door.entrance.accept(door.listener)
        } catch {
            Clock.sleep(.milliseconds(20))
            return nil
        }
    }

    private mutating func advance(_ token: UInt64) {
        guard let connection = connections[token] else { return }
        if case .asks(let question) = connection.read() {
            connection.reply(
                door.answer(question, connection.caller),
                deadline: Clock.monotonic() + door.limits.stepMax
            )
        }
        connection.write()
        if connection.isDone { connections[token] = nil }
    }

    private var untilNextDeadline: Duration? {
        let now = Clock.monotonic()
        return connections.values.map { $0.deadline - now }.min()
    }

    private mutating func expire() {
        let now = Clock.monotonic()
        for (token, connection) in connections where connection.deadline <= now {
            connection.expire(deadline: now + .seconds(1))
            connection.write()
            if connection.isDone { connections[token] = nil }
        }
    }
}
