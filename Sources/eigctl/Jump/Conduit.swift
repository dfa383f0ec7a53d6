// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import TLS

/// Carries bytes both ways between somebody here and a target behind the gate, each direction to its own end.
///
/// One thread's, and it waits. The end of one direction is passed on and leaves the other open, as TCP does it; a
/// direction that nobody takes from is read no further than ``heldBytesMax``.
struct Conduit: ~Copyable {
    /// What it came to.
    enum End: Hashable, Sendable {
        /// Both directions ended properly.
        case finished
        /// Who read here has gone.
        case unread
        /// The gate's connection ended without its word: the session was cut.
        case cut
    }

    /// What is held for a side that does not take it.
    static let heldBytesMax = 256 << 10
    /// How long standard input may say nothing once the target has ended: a terminal would never end by itself.
    static let restTime = Duration.seconds(1)
    /// What a pipe that says it has room takes without waiting (pipe(7), PIPE_BUF).
    private static let pieceBytes = 4096

    private var channel: GateChannel
    /// Nothing once it has ended.
    private var input: OwnedDescriptor?
    /// Nothing once the target's end was passed on, or nobody reads there.
    private var output: OwnedDescriptor?
    /// Whether the input is a socket like the output: then its end does not depend on the output's.
    private let isSocket: Bool
    private var hasLeft = false
    private var hasSaidEnd = false
    /// Whether the gate's connection ended without its word.
    private var isCut = false
    private var waits = PollSet()

    /// - Parameter isSocket: both ends here are one socket.
    init(_ channel: consuming GateChannel, _ streams: consuming StreamPair, isSocket: Bool) {
        self.channel = channel
        self.isSocket = isSocket
        input = .some(streams.input)
        output = .some(streams.output)
    }

    /// - Throws: for a fault in TLS; a connection that was torn down is ``End/cut``.
    mutating func run() throws(Failure) -> End {
        var from = ByteBuffer()
        while true {
            if hasLeft { channel.received.removeAll() }
            sayEnd()
            if let end = ending() { return end }
            let places = try wait()
            if isAfterEnd, !waits.isReadable(places.input), !waits.isWritable(places.gate) { input = nil }
            if waits.isWritable(places.gate), !channel.wire.isEmpty { send() }
            if waits.isReadable(places.gate), hears { try hear() }
            if waits.isReadable(places.input), channel.wire.count < Self.heldBytesMax { try read(into: &from) }
            if waits.isWritable(places.output) { write() }
            if waits.isGone(places.output), channel.received.isEmpty { leave() }
        }
    }

    /// Nothing more can come out, and who feeds us need not notice.
    private var isAfterEnd: Bool { channel.hasEnded && channel.received.isEmpty && !isSocket }

    private var hears: Bool {
        !channel.hasEnded && !isCut && channel.received.count < Self.heldBytesMax
    }

    /// How each is called in the wait that is over; nothing for one that was not watched.
    private struct Places {
        var gate: Int?
        var input: Int?
        var output: Int?
    }

    private mutating func wait() throws(Failure) -> Places {
        waits.removeAll()
        var places = Places()
        let speaks = !channel.wire.isEmpty
        if hears || speaks {
            places.gate = channel.socket.enlist(in: &waits, for: hears ? speaks ? .both : .reading : .writing)
        }
        if channel.wire.count < Self.heldBytesMax { places.input = input?.enlist(in: &waits, for: .reading) }
        // A pipe without a reader says so whatever is asked of it; of a socket the input does.
        if !channel.received.isEmpty || !isSocket {
            places.output = output?.enlist(in: &waits, for: channel.received.isEmpty ? .end : .writing)
        }
        do throws(Errno) {
            try waits.wait(timeout: isAfterEnd ? Self.restTime : nil)
        } catch {
            throw Failure(code: "wait", message: "cannot wait: \(error)")
        }
        return places
    }

    /// Passes on the ends that are due, once what came before them is out.
    private mutating func sayEnd() {
        if isCut {
            input = nil
            channel.wire.removeAll()
            hasSaidEnd = true
        }
        if input == nil, !hasSaidEnd {
            hasSaidEnd = true
            channel.session.close(into: &channel.wire)
        }
        if channel.hasEnded, channel.received.isEmpty, output != nil {
            output?.shutdownWrites()
            output = nil
        }
    }

    private func ending() -> End? {
        // What came before the cut is still somebody's.
        if isCut { return channel.received.isEmpty || output == nil ? .cut : nil }
        if hasLeft, !isSocket { return .unread }
        guard input == nil, channel.wire.isEmpty else { return nil }
        if channel.hasEnded, output == nil { return .finished }
        return hasLeft ? .unread : nil
    }

    private mutating func hear() throws(Failure) {
        do throws(Failure) {
            if try channel.take() == .endOfStream, !channel.hasEnded { isCut = true }
        } catch {
            guard error.code == "connection_lost" else { throw error }
            isCut = true
        }
    }

    private mutating func send() {
        do throws(Errno) {
            while !channel.wire.isEmpty, case .sent(let byteCount) = try channel.socket.send(channel.wire.bytes) {
                channel.wire.consume(byteCount)
            }
        } catch {
            // Behind the target's end nobody listens there any more; before it this is a cut, and so is what is read.
            input = nil
            hasSaidEnd = true
            channel.wire.removeAll()
        }
    }

    private mutating func read(into from: inout ByteBuffer) throws(Failure) {
        let outcome: ReadOutcome?
        do throws(Errno) {
            outcome = try input?.read(into: &from, byteCountMax: 64 << 10)
        } catch {
            // A caller that was killed: what it sent is sent on, and then its end.
            outcome = .endOfStream
        }
        if outcome == .endOfStream { input = nil }
        guard !from.isEmpty else { return }
        do throws(TLSFailure) {
            try channel.session.send(from.bytes, into: &channel.wire)
        } catch {
            throw GateFailure.session(error, channel.gate)
        }
        from.removeAll()
        send()
    }

    private mutating func write() {
        while output != nil, !channel.received.isEmpty {
            let count = min(channel.received.count, isSocket ? channel.received.count : Self.pieceBytes)
            do throws(Errno) {
                guard case .sent(let byteCount)? = try put(count) else { return }
                channel.received.consume(byteCount)
            } catch {
                leave()
            }
            // One piece for each wait: only a socket says by itself that it is full.
            if !isSocket { return }
        }
    }

    private func put(_ byteCount: Int) throws(Errno) -> WriteOutcome? {
        let piece = channel.received.bytes.extracting(0..<byteCount)
        return isSocket ? try output?.send(piece) : try output?.write(piece)
    }

    /// Nobody reads here any more: what the target still says is dropped.
    private mutating func leave() {
        output = nil
        hasLeft = true
        channel.received.removeAll()
    }
}
