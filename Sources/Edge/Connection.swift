// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import TLS

/// What every connection of a worker has: a channel, a place in the worker's table and one deadline.
///
/// It lives and dies on its worker. ``close()`` is the only way out: it is called once, whatever
/// happened, and nothing touches the channel afterwards.
class Connection {
    final let worker: Worker
    final var channel: Channel
    /// Received and not yet used; empty between ``beginReading()`` and ``endReading(_:)``.
    final private var input = ByteBuffer()
    /// Input is being used: more of it now would come out of order.
    final private(set) var isReading = false
    /// Its place in the worker's table; set by the worker.
    final var token: UInt64 = 0
    final private(set) var isClosed = false
    final private(set) var deadline = MonotonicInstant.distantFuture
    final private var armedTick: UInt64 = 0
    final private var armedUntil = MonotonicInstant.distantFuture

    init(worker: Worker, channel: consuming Channel) {
        self.worker = worker
        self.channel = channel
    }

    /// The descriptor became ready, or there is reason to look again.
    func readinessChanged() { fatalError("a connection that does not say what it does") }

    /// The deadline passed.
    func deadlinePassed() { fatalError("a connection that does not say what it does") }

    /// Lets go of everything but the channel; called by ``close()``, once.
    func didClose() {}

    /// Sets the one deadline; a later one than before costs nothing.
    final func setDeadline(_ instant: MonotonicInstant) {
        deadline = instant
        guard !isClosed, instant != .distantFuture, instant < armedUntil else { return }
        armedTick = worker.arm(token, at: instant)
        armedUntil = instant
    }

    final func setDeadline(after timeout: Timeout) { setDeadline(worker.now + timeout) }

    /// The worker's wheel fired for this connection.
    final func wheelFired(tick: UInt64) {
        guard tick == armedTick, !isClosed else { return }
        armedUntil = .distantFuture
        if worker.now >= deadline {
            deadline = .distantFuture
            deadlinePassed()
        } else if deadline != .distantFuture {
            armedTick = worker.arm(token, at: deadline)
            armedUntil = deadline
        }
    }

    final func readinessChanged(_ readiness: Readiness) {
        if readiness.isReadable { channel.isReadable = true }
        if readiness.isPeerClosing { channel.isPeerClosing = true }
        if readiness.isWritable { channel.isWritable = true }
        readinessChanged()
    }

    /// What was received and not yet used, out of everybody else's reach until ``endReading(_:)``: whatever
    /// is called meanwhile, the bytes stay where they are.
    ///
    /// When there is none, it is the worker's buffer, so that only an unfinished message holds one of its own.
    final func beginReading() -> ByteBuffer {
        invariant(!isReading, "reading within reading")
        isReading = true
        var bytes = ByteBuffer()
        if input.isEmpty { worker.lendInputBuffer(&bytes) } else { swap(&bytes, &input) }
        return bytes
    }

    final var hasInput: Bool { !input.isEmpty }

    /// Keeps what was not used.
    final func endReading(_ bytes: consuming ByteBuffer) {
        isReading = false
        if bytes.isEmpty || isClosed { worker.takeBackInputBuffer(bytes) } else { input = bytes }
    }

    /// To be called before anything is queued: what is sent is queued in a block of the worker's.
    final func lendOutgoing() { worker.buffers.lend(&channel.outgoing) }

    /// To be called after a flush.
    final func takeBackOutgoing() {
        if channel.outgoing.isEmpty { worker.buffers.takeBack(&channel.outgoing) }
    }

    final func close() {
        guard !isClosed else { return }
        isClosed = true
        didClose()
        worker.remove(self)
    }
}
