// SPDX-License-Identifier: Apache-2.0
package import AuditTrail
internal import Base
package import LinuxIO

/// A connection to the audit log that never waits: for a worker, whose poller drives it.
///
/// Events are answered in the order they were sent. A throw ends it: what was not answered counts as not written, and
/// the owner makes a new one. The log, or the manager that keeps its socket, takes connections while the log itself is
/// started again; so an owner also gives an answer its time, two seconds, and then counts it as refused.
package struct AuditLine: ~Copyable {
    /// For the poller: readable when there are answers, writable when there is room again.
    package let descriptor: OwnedDescriptor
    /// Sent and not answered.
    package private(set) var pendingCount = 0
    private var input = ByteBuffer()

    /// - Throws: `ENOENT` where this host has no audit log, `ECONNREFUSED` when nobody listens, `EAGAIN` when its queue of
    ///   connections is full.
    package init(path: String) throws(Errno) {
        descriptor = try UnixSockets.connectForMessages(path)
    }

    /// - Returns: false when the log is behind and takes nothing now: try again when the descriptor is writable.
    package mutating func send(_ event: AuditEvent) throws(Errno) -> Bool {
        guard case .sent = try descriptor.send(event.json.span) else { return false }
        pendingCount += 1
        return true
    }

    /// The next answer, or nothing when none has come.
    ///
    /// - Throws: `EPIPE` when the log has ended the connection, or answers in another language.
    package mutating func receive() throws(Errno) -> AuditReply? {
        input.removeAll()
        switch try descriptor.read(into: &input, byteCountMax: AuditReply.textBytesMax + 1) {
        case .wouldBlock: return nil
        case .endOfStream: throw .brokenPipe
        case .received:
            guard pendingCount > 0, let reply = AuditReply(input.bytes) else { throw .brokenPipe }
            pendingCount -= 1
            return reply
        }
    }
}
