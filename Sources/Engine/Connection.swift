// SPDX-License-Identifier: Apache-2.0
package import Base
internal import LinuxIO

/// What every connection of a loop has: a channel, a place in the loop's table and one deadline.
///
/// It lives and dies on its loop. ``close()`` is the only way out: it is called once, whatever
/// happened, and nothing touches the channel afterwards.
open class Connection {
    final let loop: EventLoop
    /// Whether somebody opened it to us.
    final let isAccepted: Bool
    package final var channel: Channel
    /// Received and not yet used; empty between ``beginReading()`` and ``endReading(_:)``.
    final private var input = ByteBuffer()
    /// Input is being used: more of it now would come out of order.
    package final private(set) var isReading = false
    /// Its place in the loop's table; set by the loop.
    package final internal(set) var token: UInt64 = 0
    package final private(set) var isClosed = false
    package final private(set) var deadline = MonotonicInstant.distantFuture
    final private var armedTick: UInt64 = 0
    final private var armedUntil = MonotonicInstant.distantFuture

    package init(loop: EventLoop, isAccepted: Bool, channel: consuming Channel) {
        self.loop = loop
        self.isAccepted = isAccepted
        self.channel = channel
    }

    /// The descriptor became ready, or there is reason to look again.
    open func readinessChanged() { fatalError("a connection that does not say what it does") }

    /// The deadline passed.
    open func deadlinePassed() { fatalError("a connection that does not say what it does") }

    /// Lets go of everything but the channel; called by ``close()``, once.
    open func didClose() {}

    /// Sets the one deadline; a later one than before costs nothing.
    package final func setDeadline(_ instant: MonotonicInstant) {
        deadline = instant
        guard !isClosed, instant != .distantFuture, instant < armedUntil else { return }
        armedTick = loop.arm(token, at: instant)
        armedUntil = instant
    }

    package final func setDeadline(after timeout: Timeout) { setDeadline(loop.now + timeout) }

    /// The loop's wheel fired for this connection.
    final func wheelFired(tick: UInt64) {
        guard tick == armedTick, !isClosed else { return }
        armedUntil = .distantFuture
        if loop.now >= deadline {
            deadline = .distantFuture
            deadlinePassed()
        } else if deadline != .distantFuture {
            armedTick = loop.arm(token, at: deadline)
            armedUntil = deadline
        }
    }

    final func readinessChanged(_ readiness: Readiness) {
        if readiness.isReadable { channel.isReadable = true }
        if readiness.isPeerClosing { channel.isPeerClosing = true }
        if readiness.isBroken { channel.isBroken = true }
        if readiness.isWritable { channel.isWritable = true }
        readinessChanged()
    }

    /// What was received and not yet used, out of everybody else's reach until ``endReading(_:)``: whatever
    /// is called meanwhile, the bytes stay where they are.
    ///
    /// When there is none, it is the loop's buffer, so that only an unfinished message holds one of its own.
    package final func beginReading() -> ByteBuffer {
        invariant(!isReading, "reading within reading")
        isReading = true
        var bytes = ByteBuffer()
        if input.isEmpty { loop.lendInputBuffer(&bytes) } else { swap(&bytes, &input) }
        return bytes
    }

    package final var hasInput: Bool { !input.isEmpty }

    /// Keeps what was not used.
    package final func endReading(_ bytes: consuming ByteBuffer) {
        isReading = false
        if bytes.isEmpty || isClosed { loop.takeBackInputBuffer(bytes) } else { input = bytes }
    }

    /// To be called before anything is queued: what is sent is queued in a block of the loop's.
    package final func lendOutgoing() { loop.buffers.lend(&channel.outgoing) }

    /// To be called after a flush.
    package final func takeBackOutgoing() {
        if channel.outgoing.isEmpty { loop.buffers.takeBack(&channel.outgoing) }
    }

    package final func close() {
        guard !isClosed else { return }
        isClosed = true
        didClose()
        loop.remove(self)
    }
}
