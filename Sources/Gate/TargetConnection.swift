// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import Base
internal import Engine
internal import LinuxIO
internal import Partners
internal import TLS

/// The gate's connection to a target, for one session.
final class TargetConnection: Connection {
    private enum Phase {
        case connecting
        /// PostgreSQL's request for TLS is on its way; one letter answers it.
        case requestingTLS
        case handshaking
        case relaying
    }

    private let worker: GateWorker
    private weak var admin: AdminConnection?
    private let leg: ClientContext?
    private let legName: String
    private var phase = Phase.connecting
    /// Nothing more comes from the target.
    private(set) var hasInputEnded = false
    private var hasOutputEnded = false

    /// The person should wait with what it sends.
    var isFull: Bool { channel.queuedBytes > AdminConnection.queuedBytesMax }

    /// - Throws: what the kernel says at once: `ENETUNREACH`, `EMFILE`.
    static func dial(_ passage: Passage, for admin: AdminConnection) throws(Errno) -> TargetConnection {
        let descriptor = try Sockets.connect(passage.endpoint)
        Sockets.tune(descriptor)
        var channel = Channel(descriptor, session: nil)
        channel.isWritable = false
        let target = TargetConnection(passage, admin, channel)
        try admin.worker.add(target)
        return target
    }

    private init(_ passage: Passage, _ admin: AdminConnection, _ channel: consuming Channel) {
        worker = admin.worker
        self.admin = admin
        leg = admin.worker.snapshot.configuration.legs[passage.target.id]
        legName = passage.target.tls?.name ?? ""
        super.init(loop: admin.worker, isAccepted: false, channel: channel)
    }

    /// The session is over, or was never begun.
    func abandon() {
        admin = nil
        close()
    }

    override func readinessChanged() {
        switch phase {
        case .connecting: connected()
        case .requestingTLS: readLetter()
        case .handshaking: handshake()
        case .relaying:
            send()
            relay()
        }
    }

    private func connected() {
        guard channel.isWritable || channel.isReadable || channel.isPeerClosing else { return }
        if let error = channel.withDescriptor({ Sockets.connectError($0) }) { return fail(error.description) }
        guard channel.isWritable else { return }
        guard leg != nil else { return ready() }
        phase = .requestingTLS
        channel.outgoing.append([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])
        do throws(ChannelFailure) { try channel.flush(scratch: &worker.wireOut) } catch { return fail("\(error.code)") }
        guard channel.queuedBytes == 0 else { return fail("it takes nothing") }
        channel.outgoing.release()
        readLetter()
    }

    private func readLetter() {
        guard channel.isReadable else { return }
        var bytes = ByteBuffer()
        do throws(ChannelFailure) {
            switch try channel.fill(&bytes, scratch: &worker.wireIn, replies: &worker.wireOut) {
            case .received: break
            case .wouldBlock: return
            case .ended: return fail("it closed the connection")
            }
        } catch {
            return fail("\(error.code)")
        }
        guard bytes.count == 1, bytes.bytes[0] == UInt8(ascii: "S"), let leg else {
            return fail("it does not speak TLS, and its [target.tls] says it does")
        }
        phase = .handshaking
        channel.secure(Session(client: leg, serverName: legName))
        do throws(ChannelFailure) {
            try channel.start()
            try channel.flush(scratch: &worker.wireOut)
        } catch {
            return fail("\(error.code)")
        }
        handshake()
    }

    private func handshake() {
        while !isClosed, !channel.isEstablished, channel.isReadable {
            var bytes = ByteBuffer()
            do throws(ChannelFailure) {
                let filled = try channel.fill(&bytes, scratch: &worker.wireIn, replies: &worker.wireOut)
                try channel.flush(scratch: &worker.wireOut)
                switch filled {
                case .received: break
                case .wouldBlock: return
                case .ended: return fail("it closed the connection in the handshake")
                }
            } catch {
                try? channel.flush(scratch: &worker.wireOut)
                if case .tls(let failure) = error {
                    return fail("TLS: \(failure.verifyError ?? failure.reasons.joined(separator: "; "))")
                }
                return fail("\(error.code)")
            }
            // A server of PostgreSQL waits for the start-up message.
            guard bytes.isEmpty else { return fail("it speaks first") }
        }
        if channel.isEstablished { ready() } else { try? channel.flush(scratch: &worker.wireOut) }
    }

    private func ready() {
        phase = .relaying
        admin?.dialed()
        // What it has said at once came with the same event.
        if !isClosed { relay() }
    }

    private func fail(_ why: String) {
        guard !isClosed else { return }
        let admin = self.admin
        self.admin = nil
        close()
        admin?.dialFailed(why)
    }

    /// From the target to the person, as far as there is something and the person takes it.
    func relay() {
        guard let admin, let session = admin.admission?.session, phase == .relaying else { return }
        var share = AdminConnection.shareBytes
        while !isClosed, !hasInputEnded, channel.isReadable || channel.hasEnded, !admin.isFull {
            admin.lendOutgoing()
            let before = admin.channel.outgoing.count
            let filled: Channel.Filled
            do throws(ChannelFailure) {
                filled = try channel.fill(&admin.channel.outgoing, scratch: &worker.wireIn, replies: &worker.wireOut)
            } catch {
                return admin.finish(.targetLost)
            }
            let byteCount = admin.channel.outgoing.count - before
            if byteCount > 0 { session.count(out: byteCount, at: worker.now) }
            share -= byteCount
            if filled == .ended { hasInputEnded = true }
            admin.send()
            if isClosed || filled == .wouldBlock { return }
            if share <= 0 { return worker.againSoon(self) }
        }
    }

    /// Sends what is queued for the target; then ends our direction where the person has ended theirs.
    func send() {
        guard !isClosed, let admin else { return }
        let wasFull = isFull
        do throws(ChannelFailure) {
            try channel.flush(scratch: &worker.wireOut)
            takeBackOutgoing()
            if admin.hasInputEnded, channel.queuedBytes == 0, !hasOutputEnded {
                hasOutputEnded = true
                channel.queueClose()
                try channel.flush(scratch: &worker.wireOut)
                channel.shutdownWrites()
            }
        } catch {
            return admin.finish(.targetLost)
        }
        admin.endIfBothHave()
        if !isClosed, wasFull, !isFull { admin.relay() }
    }
}
