// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// Host names to addresses, on a thread of its own: the system's resolver blocks.
final class ResolverThread: Sendable {
    typealias Reply = @Sendable (String, Result<[IPAddress], ResolveFailure>) -> Void

    private struct Question: Sendable {
        let host: String
        let reply: Reply
    }

    private let inbox: Mailbox<Question>

    init() throws(Errno) {
        let inbox = try Mailbox<Question>(countMax: 4096)
        self.inbox = inbox
        _ = try OwnedThread(name: "resolver") {
            while true {
                for question in inbox.drain(timeout: nil) {
                    do throws(ResolveFailure) {
                        question.reply(question.host, .success(try Resolver.addresses(of: question.host)))
                    } catch {
                        question.reply(question.host, .failure(error))
                    }
                }
            }
        }
    }

    /// Asks; `reply` is called on the resolver's thread. False when too many questions wait.
    func ask(_ host: String, reply: @escaping Reply) -> Bool { inbox.post(Question(host: host, reply: reply)) }
}
