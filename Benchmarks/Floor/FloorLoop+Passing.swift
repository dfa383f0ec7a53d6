// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import LinuxIO
import TLS

/// Bytes pass from the one side to the other.
extension FloorLoop {
    mutating func serveClient(_ place: Int, _ readiness: Readiness) {
        guard let client = clients[place] else { return }
        do {
            if readiness.isWritable, !client.socket.isSettled { try client.socket.flush() }
            guard readiness.isReadable else { return }
            let isEnding = readiness.isPeerClosing
            while true {
                received.removeAll()
                let outcome = try client.socket.descriptor.read(into: &received, byteCountMax: Self.readBytesMax)
                guard case .received(let byteCount) = outcome else {
                    if outcome == .endOfStream { drop(client, place) }
                    return
                }
                plaintext.removeAll()
                wire.removeAll()
                let progress = try Self.decrypt(client, received, into: &plaintext, replies: &wire)
                if !plaintext.isEmpty { try pass(client, place) }
                if progress == .closed { client.session.close(into: &wire) }
                if !wire.isEmpty { try client.socket.send(wire.bytes) }
                if progress == .closed { return drop(client, place) }
                // Less than what was asked for: there was no more, and what comes next is a new event.
                if byteCount < Self.readBytesMax, !isEnding { return }
            }
        } catch {
            // An alert, where there is one; the client says what it thinks of it.
            try? client.socket.send(wire.bytes)
            drop(client, place)
        }
    }

    mutating func serveBackend(_ place: Int, _ readiness: Readiness) {
        guard let backend = backends[place] else { return }
        do {
            if readiness.isWritable, !backend.socket.isSettled { try backend.socket.flush() }
            guard readiness.isReadable else { return }
            let isEnding = readiness.isPeerClosing
            while true {
                received.removeAll()
                let outcome = try backend.socket.descriptor.read(into: &received, byteCountMax: Self.readBytesMax)
                guard case .received(let byteCount) = outcome else {
                    if outcome == .endOfStream { drop(backend, place) }
                    return
                }
                backend.isAnswered = true
                guard let client = backend.clientPlace.flatMap({ clients[$0] }) else { return drop(backend, place) }
                wire.removeAll()
                try Self.encrypt(client, received, into: &wire)
                try client.socket.send(wire.bytes)
                if byteCount < Self.readBytesMax, !isEnding { return }
            }
        } catch { drop(backend, place) }
    }

    private static func decrypt(
        _ client: FloorClient,
        _ received: borrowing ByteBuffer,
        into plaintext: inout ByteBuffer,
        replies wire: inout ByteBuffer
    ) throws(TLSFailure) -> SessionProgress {
        try client.session.receive(received.bytes, into: &plaintext, replies: &wire)
    }

    private static func encrypt(
        _ client: FloorClient,
        _ received: borrowing ByteBuffer,
        into wire: inout ByteBuffer
    ) throws(TLSFailure) {
        try client.session.send(received.bytes, into: &wire)
    }

    /// Sends what a client said to the backend: on its own connection, one that is spare, or a new one.
    private mutating func pass(_ client: FloorClient, _ place: Int) throws(Errno) {
        let backend: FloorBackend
        if let own = client.backendPlace.flatMap({ backends[$0] }) {
            backend = own
        } else {
            let backendPlace: Int
            if let spare = spareBackends.popLast(), let connection = backends[spare] {
                backend = connection
                backendPlace = spare
            } else {
                backend = FloorBackend(try Sockets.connect(backendEndpoint))
                Sockets.tune(backend.socket.descriptor)
                backendPlace = backends.add(backend)
                try watch(backend, backendPlace)
            }
            backend.clientPlace = place
            client.backendPlace = backendPlace
        }
        backend.isAnswered = false
        try backend.socket.send(plaintext.bytes)
    }

    private mutating func drop(_ client: FloorClient, _ place: Int) {
        clients.remove(place)
        guard let backendPlace = client.backendPlace, let backend = backends[backendPlace] else { return }
        backend.clientPlace = nil
        if backend.isAnswered { spareBackends.append(backendPlace) } else { backends.remove(backendPlace) }
    }

    private mutating func drop(_ backend: FloorBackend, _ place: Int) {
        backends.remove(place)
        spareBackends.removeAll { $0 == place }
        guard let clientPlace = backend.clientPlace, let client = clients[clientPlace] else { return }
        client.backendPlace = nil
        drop(client, clientPlace)
    }
}
