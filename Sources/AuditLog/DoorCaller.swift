// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
internal import Base
internal import LinuxIO

/// One connection of the event door.
final class DoorCaller {
    /// Answers that wait for a caller that takes none; then nothing more is read from it.
    static let answersMax = 128

    let descriptor: OwnedDescriptor
    let standing: AuditReporters.Standing
    private(set) var isDone = false
    private var answers: [[UInt8]] = []
    private var input = ByteBuffer()

    init(_ descriptor: consuming OwnedDescriptor, standing: AuditReporters.Standing) {
        self.descriptor = descriptor
        self.standing = standing
    }

    /// What one message came to.
    enum Question {
        case event(AuditWriter.Submission)
        case refused(why: String)
    }

    /// The next message, or nothing when none waits or the caller should take its answers first.
    func next() -> Question? {
        guard !isDone, answers.count < Self.answersMax else { return nil }
        input.removeAll()
        do throws(Errno) {
            switch try descriptor.read(into: &input, byteCountMax: AuditEvent.bytesMax + 1) {
            case .wouldBlock: return nil
            case .endOfStream:
                isDone = true
                return nil
            case .received: break
            }
        } catch {
            isDone = true
            return nil
        }
        do throws(AuditEventMismatch) {
            switch standing.admit(try AuditEvent(json: input.array)) {
            case .success(let submission): return .event(submission)
            case .failure(let refusal): return .refused(why: refusal.why)
            }
        } catch {
            return .refused(why: error.description)
        }
    }

    /// Queues an answer behind those before it and sends what the socket takes.
    func answer(_ reply: AuditReply) {
        answers.append(reply.message)
        flush()
    }

    func flush() {
        while let first = answers.first, !isDone {
            do throws(Errno) {
                guard case .sent = try descriptor.send(first.span) else { return }
                answers.removeFirst()
            } catch {
                isDone = true
            }
        }
    }
}
