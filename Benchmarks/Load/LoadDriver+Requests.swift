// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import LinuxIO
import TLS

/// Requests go out and answers are counted.
extension LoadDriver {
    mutating func established(_ connection: LoadConnection) throws(LoadFault) {
        connection.stage = .ready
        switch options.mode {
        case .handshake, .resume: try ask(connection)
        case .idle:
            begin(connection)
            try ask(connection)
        case .keepAlive, .rate:
            openedCount += 1
            openNext()
        }
    }

    /// Writes the next request behind what `wire` holds.
    private mutating func ask(_ connection: LoadConnection) throws(LoadFault) {
        let token = RequestToken(nextToken)
        nextToken += 1
        request.removeAll()
        identities[connection.identity].template.write(token, into: &request)
        do { try Self.encrypt(connection, request, into: &wire) } catch { throw .tls(error) }
        connection.checker.expect(token)
        connection.stage = .waiting
    }

    private static func encrypt(
        _ connection: LoadConnection,
        _ request: borrowing ByteBuffer,
        into wire: inout ByteBuffer
    ) throws(TLSFailure) {
        try connection.session.send(request.bytes, into: &wire)
    }

    /// Asks on a connection that stays.
    ///
    /// - Parameter startedAt: what the latency counts from.
    private mutating func askAgain(_ connection: LoadConnection, startedAt: MonotonicInstant) throws(LoadFault) {
        begin(connection)
        connection.startedAt = startedAt
        try ask(connection)
    }

    mutating func answered(_ connection: LoadConnection) throws(LoadFault) {
        let instant = Clock.monotonic()
        connection.stage = .ready
        end(connection)
        report.answers += 1
        if isCounted(connection) {
            report.requests += 1
            report.latency.record(nanoseconds: instant.nanoseconds - connection.startedAt.nanoseconds)
            if connection.wasSaved, connection.session.isResumed { report.resumed += 1 }
        }
        switch options.mode {
        case .keepAlive:
            if phase.isAsking, unaskedCount > 0 { try askAgain(connection, startedAt: instant) }
        case .handshake, .resume: try close(connection)
        case .rate:
            if let due = takeDue() { try askAgain(connection, startedAt: due) } else { ready.append(connection.place) }
        case .idle:
            openedCount += 1
            openNext()
        }
    }

    /// An open loop counts what was due in the window, a closed one what was answered in it.
    private func isCounted(_ connection: LoadConnection) -> Bool {
        switch options.mode {
        case .rate: connection.startedAt >= windowStart && connection.startedAt < windowEnd
        case .keepAlive, .handshake, .resume, .idle: now >= windowStart && now < windowEnd
        }
    }

    /// Asks first on every connection there is, once they are all made.
    mutating func askFirst() {
        if options.mode == .rate { schedule = OpenLoopSchedule(rate: options.rate, startAt: now) }
        for place in connections.indices {
            if options.mode.opensPerRequest {
                if unaskedCount > 0, connections[place] == nil { open(place) }
                continue
            }
            guard let connection = connections[place] else { continue }
            if options.mode == .rate {
                ready.append(place)
            } else if unaskedCount > 0 {
                askAlone(connection, startedAt: Clock.monotonic())
            }
        }
    }

    /// Asks outside of any event.
    private mutating func askAlone(_ connection: LoadConnection, startedAt: MonotonicInstant) {
        do throws(LoadFault) {
            try askAgain(connection, startedAt: startedAt)
            try send(connection)
        } catch { fail(connection, error) }
    }

    /// Sends what the schedule says, as far as connections are free.
    mutating func askDue() {
        while !ready.isEmpty, let due = takeDue() {
            guard let place = ready.popFirst(), let connection = connections[place] else {
                // That connection failed while it waited: the request goes to the next.
                askedOfSchedule -= 1
                continue
            }
            askAlone(connection, startedAt: due)
        }
    }

    /// When the next request was due, if it was.
    private mutating func takeDue() -> MonotonicInstant? {
        guard unaskedCount > 0, askedOfSchedule < dueCount, let schedule else { return nil }
        askedOfSchedule += 1
        return schedule.instant(of: askedOfSchedule - 1)
    }

    /// How many requests the schedule wants sent by now; those past the window are not.
    var dueCount: Int { schedule?.dueCount(at: phase.isAsking ? Clock.monotonic() : windowEnd) ?? 0 }
}
