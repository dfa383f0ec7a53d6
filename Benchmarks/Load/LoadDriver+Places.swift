// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import LinuxIO
import TLS

/// Connections come and go.
extension LoadDriver {
    /// Opens one more of the connections that are made before anything is counted.
    mutating func openNext() {
        guard nextPlace < connections.count else { return }
        let place = nextPlace
        nextPlace += 1
        open(place)
    }

    mutating func open(_ place: Int) {
        // A partner that resumes comes back as itself.
        let turn = options.mode == .handshake ? nextIdentity : place
        nextIdentity += 1
        let identity = turn % identities.count
        let sources = options.sourceAddresses
        do throws(Errno) {
            let source = sources.isEmpty ? nil : sources[turn % sources.count]
            let descriptor = try Sockets.connect(options.endpoint, from: source)
            Sockets.tune(descriptor)
            try poller.addEdge(descriptor, token: UInt64(place))
            let session = Session(
                client: identities[identity].context,
                serverName: options.serverName,
                resuming: saved[place]
            )
            let connection = LoadConnection(
                place: place,
                identity: identity,
                descriptor: descriptor,
                session: session,
                wasSaved: saved[place] != nil,
                answerBytes: options.answerBytes,
                startedAt: Clock.monotonic()
            )
            connections[place] = connection
            report.connections += 1
            if options.mode.opensPerRequest { begin(connection) }
        } catch {
            report.fail("\(LoadFault.connect(error))")
            die(place)
        }
    }

    /// A request is begun; its answer or its failure ends it.
    mutating func begin(_ connection: LoadConnection) {
        connection.isOutstanding = true
        outstandingCount += 1
        if unaskedCount != .max { unaskedCount -= 1 }
    }

    mutating func end(_ connection: LoadConnection) {
        guard connection.isOutstanding else { return }
        connection.isOutstanding = false
        outstandingCount -= 1
    }

    /// Says goodbye; the place is free when the server has said so, too.
    mutating func close(_ connection: LoadConnection) throws(LoadFault) {
        if options.mode == .resume { saved[connection.place] = connection.session.savedSession() }
        connection.session.close(into: &wire)
        try send(connection)
        if connection.socket.isSettled { connection.socket.descriptor.shutdownWrites() }
        connection.stage = .closing
    }

    mutating func closed(_ connection: LoadConnection) {
        connections[connection.place] = nil
        if case .opening = phase {
            openedCount += 1
            openNext()
        } else if phase.isAsking, unaskedCount > 0 {
            open(connection.place)
        }
    }

    /// The connection did what it must not; its place stays empty.
    mutating func fail(_ connection: LoadConnection, _ fault: LoadFault) {
        report.fail("\(fault)")
        // What the session still has to say, an alert mostly, is for the server's log.
        try? connection.socket.send(wire.bytes)
        wire.removeAll()
        end(connection)
        connections[connection.place] = nil
        die(connection.place)
    }

    private mutating func die(_ place: Int) {
        deadCount += 1
        if case .opening = phase { openNext() }
    }
}
