// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// How callers come in, and which of them are obeyed.
enum ControlEntrance: Sendable {
    /// A Unix socket's, by what the kernel says of them.
    case local(ControlPolicy)
    /// A TCP socket's, by where they come from.
    case network(from: [IPPrefix])

    /// The next one that waits, obeyed or not; nothing when none does.
    ///
    /// - Throws: `EMFILE`, `ENFILE`, `ENOMEM`: try again in a moment.
    func accept(_ listener: borrowing OwnedDescriptor) throws(Errno) -> ControlArrival? {
        switch self {
        case .local(let policy):
            while true {
                guard let accepted = try UnixSockets.accept(listener) else { return nil }
                guard let peer = try? UnixSockets.peer(of: accepted) else { continue }
                let isAllowed = policy.allows(peer, groups: UnixSockets.peerGroups(of: accepted))
                return ControlArrival(accepted, caller: isAllowed ? .local(peer) : .unwantedUser)
            }
        case .network(let networks):
            guard let accepted = try Sockets.accept(listener) else { return nil }
            let isAllowed = networks.contains { $0.contains(accepted.peer.address) }
            return ControlArrival(accepted.takeDescriptor(), caller: isAllowed ? .reader : .unwantedAddress)
        }
    }
}

/// Who is at the other end.
enum ControlCaller: Hashable, Sendable {
    case local(PeerCredentials)
    case reader
    case unwantedUser
    case unwantedAddress

    /// What one who is not obeyed is told; nothing for the others.
    var refusal: ControlResponse? {
        switch self {
        case .local, .reader: nil
        case .unwantedUser: .notAllowed
        case .unwantedAddress:
            .failure(403, code: "not_allowed", message: "this address may not read here", hint: "list it in `from`")
        }
    }
}

/// A connection just taken, and whose it is.
struct ControlArrival: ~Copyable {
    private let descriptor: OwnedDescriptor
    let caller: ControlCaller

    init(_ descriptor: consuming OwnedDescriptor, caller: ControlCaller) {
        self.descriptor = descriptor
        self.caller = caller
    }

    consuming func takeDescriptor() -> OwnedDescriptor { descriptor }
}

extension ControlResponse {
    /// The answer to a user nobody obeys.
    static var notAllowed: ControlResponse {
        let hint = "ask as root, or as the user the program runs as"
        return .failure(403, code: "not_allowed", message: "this socket is not for you", hint: hint)
    }
}
