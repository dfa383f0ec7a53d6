// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import Base
internal import Engine
internal import LinuxIO
internal import Partners
internal import TLS

/// The gate's connection to a target, for one session.
final class TargetConnection: RelayEnd {
    private enum Phase {
        case connecting
        /// PostgreSQL's request for TLS is on its way; one letter answers it.
        case requestingTLS
        case handshaking
        case relaying
    }

    private weak var admin: AdminConnection?
    private let leg: ClientContext?
    private let legName: String
    private var phase = Phase.connecting

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
        self.admin = admin
        leg = admin.worker.snapshot.configuration.legs[passage.target.id]
        legName = passage.target.tls?.name ?? ""
        super.init(worker: admin.worker, isAccepted: false, channel: channel)
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

    // MARK: the session

    override var other: RelayEnd? { phase == .relaying ? admin : nil }
    override func relayed(_ byteCount: Int) { admin?.admission?.session.count(out: byteCount, at: worker.now) }
    override func broke() { admin?.finish(.targetLost) }
    override func endIfBothHave() { admin?.endIfBothHave() }
}
