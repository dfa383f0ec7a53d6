// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import LinuxIO
import TLS

/// A client, and the place of the backend connection that is its own while it lasts.
final class FloorClient {
    var socket: QueuedSocket
    var session: Session
    var backendPlace: Int?

    init(_ descriptor: consuming OwnedDescriptor, _ session: consuming Session) {
        socket = QueuedSocket(descriptor)
        self.session = session
    }
}

/// A connection to the backend, and the place of the client it belongs to for now.
final class FloorBackend {
    var socket: QueuedSocket
    var clientPlace: Int?
    /// The last that went over it was an answer: another client may have it.
    var isAnswered = true

    init(_ descriptor: consuming OwnedDescriptor) { socket = QueuedSocket(descriptor) }
}

/// Connections by number, numbers used again.
struct Places<Connection: AnyObject> {
    private var connections: [Connection?] = []
    private var free: [Int] = []

    subscript(place: Int) -> Connection? { connections[place] }

    mutating func add(_ connection: Connection) -> Int {
        guard let place = free.popLast() else {
            connections.append(connection)
            return connections.count - 1
        }
        connections[place] = connection
        return place
    }

    mutating func remove(_ place: Int) {
        connections[place] = nil
        free.append(place)
    }
}
