// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import LinuxIO
import TLS

/// What a connection's readiness leads to.
extension LoadDriver {
    mutating func step(_ connection: LoadConnection, _ readiness: Readiness) {
        do throws(LoadFault) {
            if case .connecting = connection.stage {
                guard readiness.isWritable else { return }
                if let error = Sockets.connectError(connection.socket.descriptor) { throw .connect(error) }
                do { try connection.session.start(replies: &wire) } catch { throw .tls(error) }
                connection.stage = .shaking
                try send(connection)
            }
            if readiness.isWritable, !connection.socket.isSettled {
                do { try connection.socket.flush() } catch { throw .socket(error) }
            }
            if readiness.isReadable {
                try receive(connection, isEnding: readiness.isPeerClosing)
            }
        } catch { fail(connection, error) }
    }

    /// Sends what `wire` holds, and leaves it empty.
    mutating func send(_ connection: LoadConnection) throws(LoadFault) {
        guard !wire.isEmpty else { return }
        do { try connection.socket.send(wire.bytes) } catch { throw .socket(error) }
        wire.removeAll()
    }

    /// Reads until the socket is empty.
    private mutating func receive(_ connection: LoadConnection, isEnding: Bool) throws(LoadFault) {
        while true {
            received.removeAll()
            let outcome: ReadOutcome
            do {
                outcome = try connection.socket.descriptor.read(into: &received, byteCountMax: Self.readBytesMax)
            } catch {
                if case .closing = connection.stage { return closed(connection) }
                throw .socket(error)
            }
            switch outcome {
            case .wouldBlock: return
            case .endOfStream:
                guard case .closing = connection.stage else { throw .lost(connection.stage) }
                return closed(connection)
            case .received(let byteCount):
                if connection.stage != .closing { try take(connection) }
                // Less than what was asked for: there was no more, and what comes next is a new event.
                if byteCount < Self.readBytesMax, !isEnding { return }
            }
        }
    }

    /// Decrypts what came, and goes on with what it says.
    private mutating func take(_ connection: LoadConnection) throws(LoadFault) {
        plaintext.removeAll()
        if !connection.leftover.isEmpty {
            plaintext.append(connection.leftover.bytes)
            connection.leftover.removeAll()
        }
        let progress: SessionProgress
        do {
            progress = try Self.decrypt(connection, received, into: &plaintext, replies: &wire)
        } catch { throw .tls(error) }
        if connection.stage == .shaking, progress == .established { try established(connection) }
        if !plaintext.isEmpty { try check(connection) }
        try send(connection)
        if progress == .closed, connection.stage != .closing { throw .lost(connection.stage) }
    }

    private static func decrypt(
        _ connection: LoadConnection,
        _ received: borrowing ByteBuffer,
        into plaintext: inout ByteBuffer,
        replies wire: inout ByteBuffer
    ) throws(TLSFailure) -> SessionProgress {
        try connection.session.receive(received.bytes, into: &plaintext, replies: &wire)
    }

    private mutating func check(_ connection: LoadConnection) throws(LoadFault) {
        let consumed: Int
        let isComplete: Bool
        do { (consumed, isComplete) = try connection.checker.take(plaintext.bytes) } catch { throw .answer(error) }
        guard isComplete else {
            if consumed < plaintext.count { connection.leftover.append(plaintext.bytes.extracting(consumed...)) }
            return
        }
        try answered(connection)
    }
}
