// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
internal import Base
internal import LinuxIO
internal import TLS

/// One connection to the log server, from its first byte to its end.
struct ForwardConnection: ~Copyable {
    /// Encrypted and not yet taken by the kernel.
    private static let waitingBytesMax = 256 << 10
    private static let marksMax = 1024
    /// The log had more lines than there was room for.
    private var hasMore = false

    private let forwarder: SyslogForwarder
    private var reader: ForwardReader
    /// Up to here the server has everything, as far as that can be known.
    private(set) var settled: ForwardPosition
    /// Bytes the kernel has taken, and where in them what was read so far ends: the oldest first.
    private var sentCount = 0
    private var marks: [(byteCount: Int, position: ForwardPosition)] = []
    /// What the server's kernel had acknowledged, and when that was seen; rising, a second apart.
    private var acknowledged: [(position: ForwardPosition, at: MonotonicInstant)] = []
    private var saved: ForwardPosition
    private var savesAt = Clock.monotonic()

    init(_ forwarder: SyslogForwarder, from position: ForwardPosition) {
        self.forwarder = forwarder
        settled = position
        saved = position
        reader = ForwardReader(forwarder.folder, forwarder.progress, from: position)
    }

    /// - Throws: ``ForwardFailure`` however it ends, unless we end it ourselves.
    mutating func run() throws(ForwardFailure) {
        let socket = try connect()
        var session = Session(client: forwarder.settings.context, serverName: forwarder.settings.name)
        var wire = ByteBuffer()
        var poller = try watch(socket)
        do throws(TLSFailure) { try session.start(replies: &wire) } catch { throw Self.failure(error) }
        let deadline = Clock.monotonic() + SyslogForwarder.connectTime
        while true {
            forwarder.progress.bell.silence()
            let progress = try receive(socket, &session, &wire)
            if progress == .closed { throw ForwardFailure(description: "the log server ended the connection") }
            if session.isEstablished {
                note()
                try fill(&session, &wire)
            } else if Clock.monotonic() > deadline {
                throw ForwardFailure(description: "no TLS handshake within \(SyslogForwarder.connectTime.text)")
            }
            try flush(socket, &wire)
            settle(sentCount - socket.unacknowledgedBytes())
            if forwarder.mustStop { return end(socket, &session, &wire) }
            // What was left for want of room is read at once where there is room again.
            let pause: Duration = !wire.isEmpty || !marks.isEmpty ? .milliseconds(50) : .seconds(1)
            _ = poller.wait(timeout: hasMore && wire.isEmpty ? .zero : pause)
        }
    }

    private func connect() throws(ForwardFailure) -> OwnedDescriptor {
        do throws(Errno) {
            let socket = try Sockets.connect(forwarder.settings.to)
            try socket.wait(for: .writable, timeout: SyslogForwarder.connectTime)
            if let error = Sockets.connectError(socket) { throw error }
            Sockets.tune(socket)
            return socket
        } catch {
            throw ForwardFailure(description: "\(forwarder.settings.to): \(error)")
        }
    }

    /// Woken by the server, by new lines and by the end.
    private func watch(_ socket: borrowing OwnedDescriptor) throws(ForwardFailure) -> Poller {
        do throws(Errno) {
            let poller = try Poller(eventCountMax: 8)
            try poller.addEdge(socket, token: 1)
            try poller.addInput(forwarder.bell.descriptor, token: 2)
            try poller.addInput(forwarder.progress.bell.descriptor, token: 3)
            return poller
        } catch {
            throw ForwardFailure(description: "\(error)")
        }
    }

    private func note() {
        guard !forwarder.current.isConnected else { return }
        forwarder.set { snapshot in
            snapshot.isConnected = true
            snapshot.connectionCount += 1
            snapshot.trouble = nil
        }
    }

    /// Takes in what the server says: nothing but TLS, and the end.
    private mutating func receive(
        _ socket: borrowing OwnedDescriptor,
        _ session: inout Session,
        _ wire: inout ByteBuffer
    ) throws(ForwardFailure) -> SessionProgress {
        var input = ByteBuffer()
        var ignored = ByteBuffer()
        while true {
            let outcome: ReadOutcome
            do throws(Errno) {
                outcome = try socket.read(into: &input, byteCountMax: 16 << 10)
            } catch { throw ForwardFailure(description: "\(error)") }
            switch outcome {
            case .wouldBlock: return session.isEstablished ? .established : .handshaking
            case .endOfStream: return .closed
            case .received: break
            }
            do throws(TLSFailure) {
                let progress = try session.receive(input.bytes, into: &ignored, replies: &wire)
                if progress == .closed { return .closed }
            } catch {
                // The server is told why.
                try? flush(socket, &wire)
                throw Self.failure(error)
            }
            input.removeAll()
            ignored.removeAll()
        }
    }

    private static func failure(_ error: TLSFailure) -> ForwardFailure {
        ForwardFailure(description: "TLS: \(error.verifyError ?? error.reasons.joined(separator: "; "))")
    }

    /// Encrypts lines while there are some and room for them.
    private mutating func fill(_ session: inout Session, _ wire: inout ByteBuffer) throws(ForwardFailure) {
        var messages = ByteBuffer()
        var lineCount = 0
        do throws(Errno) {
            while wire.count + messages.count < Self.waitingBytesMax, let (bytes, line) = try reader.next() {
                SyslogMessage.append(bytes, line, host: forwarder.host, to: &messages)
                lineCount += 1
            }
        } catch { throw ForwardFailure(description: "reading the log: \(error)") }
        hasMore = wire.count + messages.count >= Self.waitingBytesMax
        guard lineCount > 0 else { return }
        do throws(TLSFailure) {
            try session.send(messages.bytes, into: &wire)
        } catch { throw Self.failure(error) }
        if marks.count == Self.marksMax { marks.removeLast() }
        marks.append((sentCount + wire.count, reader.position))
        let count = lineCount
        forwarder.set { $0.lineCount += count }
    }

    private mutating func flush(_ socket: borrowing OwnedDescriptor, _ wire: inout ByteBuffer) throws(ForwardFailure) {
        do throws(Errno) {
            while !wire.isEmpty, case .sent(let byteCount) = try socket.send(wire.bytes) {
                wire.consume(byteCount)
                sentCount += byteCount
            }
        } catch { throw ForwardFailure(description: "\(error)") }
    }

    /// - Parameter byteCount: so many of the bytes sent the server's kernel has acknowledged.
    private mutating func settle(_ byteCount: Int) {
        let now = Clock.monotonic()
        while let first = marks.first, first.byteCount <= byteCount {
            marks.removeFirst()
            let position = first.position
            forwarder.set { $0.seq = position.seq }
            // One a second is enough to know what is ten seconds old.
            if let last = acknowledged.last, now - last.at < .seconds(1) {
                acknowledged[acknowledged.count - 1] = (position, last.at)
            } else {
                acknowledged.append((position, now))
            }
        }
        while let first = acknowledged.first, now - first.at >= SyslogForwarder.settleTime {
            settled = first.position
            acknowledged.removeFirst()
        }
        guard settled != saved, now >= savesAt else { return }
        savesAt = now + .seconds(1)
        save()
    }

    private mutating func save() {
        do throws(Errno) {
            try settled.save(in: forwarder.folder)
            saved = settled
            let seq = saved.seq
            forwarder.progress.set { $0.copiedThrough = seq }
            forwarder.set { if $0.isConnected { $0.trouble = nil } }
        } catch {
            // What is not remembered is sent again.
            let text = "\(forwarder.folder.position): \(error)"
            forwarder.set { $0.trouble = text }
        }
    }

    /// Says goodbye: what the server has when it answers that, it has for good.
    private mutating func end(_ socket: borrowing OwnedDescriptor, _ session: inout Session, _ wire: inout ByteBuffer) {
        defer { if settled != saved { save() } }
        guard session.isEstablished else { return }
        let deadline = Clock.monotonic() + .seconds(3)
        do throws(ForwardFailure) {
            // The last words were written just before.
            try fill(&session, &wire)
            session.close(into: &wire)
            try flush(socket, &wire)
            while Clock.monotonic() < deadline {
                try flush(socket, &wire)
                let isSent = wire.isEmpty && socket.unacknowledgedBytes() == 0
                if isSent, try receive(socket, &session, &wire) == .closed {
                    settled = reader.position
                    let seq = settled.seq
                    forwarder.set { $0.seq = seq }
                    return
                }
                Clock.sleep(.milliseconds(20))
            }
        } catch {
            let text = error.description
            forwarder.set { $0.trouble = text }
        }
    }
}
