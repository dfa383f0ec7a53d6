// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CNetfilter

/// One netlink socket to nf_tables.
///
/// The tables it creates as owner are its own: no other socket can change them, and they go, or become
/// anyone's, when it closes.
// SAFETY: everything that touches the socket is mutating, so one thread at a time does.
package struct NetfilterSocket: ~Copyable, PacketFilter, @unchecked Sendable {
    let socket: NetlinkSocket
    private var sequence: UInt32 = 1
    /// Tries of a dump that other programs keep interrupting.
    private static let dumpTriesMax = 16

    package init() throws(NetfilterFailure) { socket = try NetlinkSocket(bus: NETLINK_NETFILTER) }

    /// Takes over a socket that another process of ours bound, with every table it owns.
    ///
    /// - Throws: when it is no such socket; it is closed then.
    package init(adopting descriptor: Int32) throws(NetfilterFailure) {
        socket = try NetlinkSocket(adopting: descriptor, bus: NETLINK_NETFILTER)
    }

    /// The socket's number, for handing a duplicate on; it stays ours.
    package var descriptor: Int32 { socket.descriptor }

    mutating func nextSequence() -> UInt32 {
        sequence &+= 1
        return sequence
    }

    package mutating func generation() throws(NetfilterFailure) -> UInt32 {
        var found: UInt32?
        unsafe try ask(NFT_MSG_GETGEN.rawValue, flags: 0, subject: "read the ruleset's generation") { _ in
        } take: { header in
            guard let generation = unsafe nftnl_gen_alloc() else { fatalError("out of memory") }
            defer { unsafe nftnl_gen_free(generation) }
            guard unsafe nftnl_gen_nlmsg_parse(header, generation) == 0 else { return false }
            found = unsafe nftnl_gen_get_u32(generation, UInt16(NFTNL_GEN_ID))
            return true
        }
        guard let found else { throw NetfilterFailure(.malformed, subject: "read the ruleset's generation") }
        return found
    }

    package mutating func commit(_ changes: [Change], generation: UInt32?) throws(NetfilterFailure) {
        guard !changes.isEmpty else { return }
        var writer = MessageWriter()
        let first = nextSequence()
        writer.begin(sequence: first, generation: generation)
        for (index, change) in changes.enumerated() {
            let flags = index == changes.count - 1 ? NLM_F_ACK : 0
            writer.append(change, flags: flags, sequence: nextSequence())
        }
        let last = sequence
        writer.end(sequence: nextSequence())
        socket.drain()
        try socket.send(writer.bytes, subject: "send a batch of \(changes.count) changes")
        try awaitAnswer(to: changes, first: first, last: last)
    }

    /// Reads answers up to that of the last change; the lowest refused change is the one to blame.
    private func awaitAnswer(to changes: [Change], first: UInt32, last: UInt32) throws(NetfilterFailure) {
        var failure: NetfilterFailure?
        var isDone = false
        while !isDone {
            isDone = try socket.receive(subject: "commit a batch") { message throws(NetfilterFailure) in
                guard case .status(let code, let sequence) = message else { return false }
                // Unsigned distance: an answer to an earlier batch is far away.
                let distance = Int(sequence &- first)
                guard distance <= changes.count else { return false }
                if code != 0 {
                    let fresh = Self.failure(code, changes: changes, distance: distance)
                    if failure.map({ ($0.changeIndex ?? -1) > (fresh.changeIndex ?? -1) }) ?? true { failure = fresh }
                }
                return sequence == last || (sequence == first && code != 0)
            }
        }
        if let failure { throw failure }
    }

    private static func failure(_ code: Int32, changes: [Change], distance: Int) -> NetfilterFailure {
        guard distance > 0 else {
            // ERESTART, which user space has no name for: the batch was of another generation.
            return NetfilterFailure(code == 85 ? .stale : .system(code), subject: "commit a batch")
        }
        return NetfilterFailure(.system(code), subject: changes[distance - 1].subject, changeIndex: distance - 1)
    }

    /// Sends one request and hands every message of the answer to `take`, until it returns true or the
    /// answer ends.
    ///
    /// - Parameter take: returns true when it wants no more.
    mutating func ask(
        _ type: UInt32,
        flags: Int32,
        subject: String,
        fill: (UnsafeMutablePointer<nlmsghdr>) -> Void,
        take: (UnsafePointer<nlmsghdr>) throws(NetfilterFailure) -> Bool
    ) throws(NetfilterFailure) {
        var writer = MessageWriter()
        let wanted = nextSequence()
        unsafe writer.append(type, flags: flags, sequence: wanted, fill)
        socket.drain()
        try socket.send(writer.bytes, subject: subject)
        var isDone = false
        while !isDone {
            isDone = try socket.receive(subject: subject) { message throws(NetfilterFailure) in
                switch message {
                case .done: return true
                case .status(let code, let sequence):
                    guard sequence == wanted else { return false }
                    guard code == 0 else { throw NetfilterFailure(.system(code), subject: subject) }
                    return true
                case .content(_, let header):
                    guard unsafe header.pointee.nlmsg_seq == wanted else { return false }
                    return unsafe try take(header)
                }
            }
        }
    }

    /// Dumps, and begins again when another program changed the ruleset meanwhile.
    mutating func dump<Value>(
        _ type: UInt32,
        subject: String,
        startingWith empty: Value,
        fill: (UnsafeMutablePointer<nlmsghdr>) -> Void,
        take: (UnsafePointer<nlmsghdr>, inout Value) throws(NetfilterFailure) -> Void
    ) throws(NetfilterFailure) -> Value {
        for _ in 0..<Self.dumpTriesMax {
            var value = empty
            do throws(NetfilterFailure) {
                try unsafe ask(type, flags: NLM_F_DUMP, subject: subject, fill: fill) {
                    header throws(NetfilterFailure) in
                    try unsafe take(header, &value)
                    return false
                }
                return value
            } catch {
                guard error.reason == .unsteady || error.reason == .system(EINTR) else { throw error }
            }
        }
        throw NetfilterFailure(.unsteady, subject: subject)
    }
}
