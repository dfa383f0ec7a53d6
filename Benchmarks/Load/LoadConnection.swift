// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import LinuxIO
import TLS

/// One connection of the load generator: socket, session, and the answer it waits for.
final class LoadConnection {
    enum Stage {
        case connecting
        case shaking
        /// Established, nothing asked.
        case ready
        case waiting
        /// We have said that we send nothing more, and wait for the other side to say so.
        case closing
    }

    let place: Int
    let identity: Int
    var socket: QueuedSocket
    var session: Session
    var stage = Stage.connecting
    var checker: AnswerChecker
    /// What the latency of the outstanding request counts from.
    var startedAt: MonotonicInstant
    /// There is a request that was begun on this connection and not answered.
    var isOutstanding = false
    /// It went on from an earlier connection, or tried to.
    let wasSaved: Bool
    /// The beginning of an answer whose end has not come.
    var leftover = ByteBuffer()

    init(
        place: Int,
        identity: Int,
        descriptor: consuming OwnedDescriptor,
        session: consuming Session,
        wasSaved: Bool,
        answerBytes: Int,
        startedAt: MonotonicInstant
    ) {
        self.place = place
        self.identity = identity
        socket = QueuedSocket(descriptor)
        self.session = session
        self.wasSaved = wasSaved
        checker = AnswerChecker(answerBytes: answerBytes)
        self.startedAt = startedAt
    }
}
