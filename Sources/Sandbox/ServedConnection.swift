// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP

/// The requests of one connection to a simulator, one after another.
struct ServedConnection: ~Copyable {
    private static let bodyBytesMax: UInt64 = 8 << 20

    private var channel: Channel
    private let peer: IPAddress?
    private var parser = RequestParser()
    private var head = RequestHead()

    init(_ channel: consuming Channel, _ peer: IPAddress?) {
        self.channel = channel
        self.peer = peer
    }

    /// Whether the last request allows another one.
    var isPersistent: Bool { head.isPersistent }

    /// The next whole request; nothing when the other end is done.
    mutating func next(deadline: MonotonicInstant) throws(CallFailure) -> ReceivedRequest? {
        channel.deadline = deadline
        var request: ReceivedRequest
        do throws(MessageFailure) {
            guard let received = try channel.request(&parser, &head) else { return nil }
            request = received
            if head.expectsContinue { try channel.sendContinue() }
            request.body = try channel.body(head.framing, limitBytes: Self.bodyBytesMax, side: .request)
        } catch {
            switch error {
            case .channel(let failure): throw failure
            case .malformed(let refusal):
                try channel.send(Self.head(of: Answer(status: refusal.status), isPersistent: false).bytes)
                channel.finish()
                throw .malformed(refusal.reason.rawValue)
            }
        }
        request.peer = peer
        request.certificate = channel.certificate
        return request
    }

    mutating func send(_ answer: Answer) throws(CallFailure) {
        var output = Self.head(of: answer, isPersistent: head.isPersistent)
        if head.method != .head { output.append(answer.body) }
        try channel.send(output.bytes)
    }

    /// Half of the body the head announces.
    mutating func sendHalf(of answer: Answer) throws(CallFailure) {
        var output = Self.head(of: answer, isPersistent: true)
        output.append(Array(answer.body.prefix(answer.body.count / 2)))
        try channel.send(output.bytes)
    }

    mutating func finish() { channel.finish() }

    private static func head(of answer: Answer, isPersistent: Bool) -> ByteBuffer {
        var output = ByteBuffer()
        HeadWriter.statusLine(answer.status, into: &output)
        for field in answer.fields { HeadWriter.field(field.name, field.value, into: &output) }
        if answer.status != 204 { HeadWriter.framing(.length(UInt64(answer.body.count)), into: &output) }
        if !isPersistent { HeadWriter.field("Connection", "close" as StaticString, into: &output) }
        HeadWriter.end(into: &output)
        return output
    }
}
