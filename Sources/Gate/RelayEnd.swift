// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine

/// One end of a session, the person's or the target's: what it receives is queued for the other and sent at once.
class RelayEnd: Connection {
    let worker: GateWorker
    /// Nothing more comes from this end.
    final var hasInputEnded = false
    /// Our direction to this end was ended.
    final var hasOutputEnded = false

    /// More than this waiting for one end: the other is not read.
    static let queuedBytesMax = 256 << 10
    /// What one direction may relay before others have their turn.
    static let shareBytes = 512 << 10

    init(worker: GateWorker, isAccepted: Bool, channel: consuming Channel) {
        self.worker = worker
        super.init(loop: worker, isAccepted: isAccepted, channel: channel)
    }

    /// Where its bytes go; nothing before the session and after it.
    var other: RelayEnd? { fatalError("an end that does not say where its bytes go") }

    /// Bytes from here were queued for the other end.
    func relayed(_ byteCount: Int) { fatalError("an end that does not say what it counts") }

    /// The connection broke within the session.
    func broke() { fatalError("an end that does not say what breaks with it") }

    /// Something may have ended: when nobody has anything to say any more, the session is over.
    func endIfBothHave() { fatalError("an end that does not say whose session it is") }

    /// The other end should wait with what it sends.
    final var isFull: Bool { channel.queuedBytes > Self.queuedBytesMax }

    /// From here to the other end, as far as there is something and the other takes it.
    final func relay() {
        guard let other else { return }
        var share = Self.shareBytes
        while !isClosed, !hasInputEnded, channel.isReadable || channel.hasEnded, !other.isFull {
            other.lendOutgoing()
            let before = other.channel.outgoing.count
            let filled: Channel.Filled
            do throws(ChannelFailure) {
                filled = try channel.fill(&other.channel.outgoing, scratch: &worker.wireIn, replies: &worker.wireOut)
            } catch {
                return broke()
            }
            let byteCount = other.channel.outgoing.count - before
            if byteCount > 0 { relayed(byteCount) }
            share -= byteCount
            if filled == .ended { hasInputEnded = true }
            other.send()
            if isClosed || filled == .wouldBlock { return }
            if share <= 0 { return worker.againSoon(self) }
        }
    }

    /// Sends what is queued for this end; then ends our direction where the other has ended its own.
    final func send() {
        guard !isClosed, let other else { return }
        let wasFull = isFull
        do throws(ChannelFailure) {
            try channel.flush(scratch: &worker.wireOut)
            takeBackOutgoing()
            if other.hasInputEnded { try endOutput() }
        } catch {
            return broke()
        }
        endIfBothHave()
        if !isClosed, wasFull, !isFull { other.relay() }
    }

    /// Ends our direction once everything is sent.
    final func endOutput() throws(ChannelFailure) {
        guard !hasOutputEnded, channel.queuedBytes == 0 else { return }
        hasOutputEnded = true
        channel.queueClose()
        try channel.flush(scratch: &worker.wireOut)
        channel.shutdownWrites()
    }
}
