// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CNetfilter
internal import Glibc

/// The owner of one netlink socket and its receive buffer.
@safe struct NetlinkSocket: ~Copyable {
    private let socket: OpaquePointer
    private let buffer: UnsafeMutableRawPointer
    /// The kernel never sends a longer message than it was given room for.
    private static let bufferByteCount = 1 << 18
    /// A batch of 100,000 elements is about 15 MB and must go in one call.
    private static let sendByteCount: Int32 = 64 << 20
    private static let receiveByteCount: Int32 = 16 << 20

    /// What a message of the kernel is.
    @safe enum Message {
        case done
        /// 0 is an acknowledgement.
        case status(errno: Int32, sequence: UInt32)
        case content(type: UInt16, header: UnsafePointer<nlmsghdr>)
    }

    /// - Parameter bus: `NETLINK_NETFILTER`, `NETLINK_SOCK_DIAG`.
    init(bus: Int32, groups: UInt32 = 0) throws(NetfilterFailure) {
        guard let socket = unsafe mnl_socket_open2(bus, Int32(SOCK_CLOEXEC.rawValue)) else {
            throw Self.failure("open a netlink socket")
        }
        guard unsafe mnl_socket_bind(socket, groups, 0) == 0 else {
            let failure = Self.failure("bind a netlink socket")
            unsafe mnl_socket_close(socket)
            throw failure
        }
        unsafe self.init(bound: socket)
    }

    /// Takes over a socket that another process bound; it is closed when it cannot be used.
    ///
    /// - Throws: `EPROTOTYPE` when it is no netlink socket of `bus`, `EDESTADDRREQ` when it is not bound.
    init(adopting descriptor: Int32, bus: Int32) throws(NetfilterFailure) {
        let subject = "take over netlink socket \(descriptor)"
        guard option(descriptor, SO_DOMAIN) == AF_NETLINK, option(descriptor, SO_PROTOCOL) == bus else {
            _ = Glibc.close(descriptor)
            throw NetfilterFailure(.system(EPROTOTYPE), subject: subject)
        }
        guard let socket = unsafe mnl_socket_fdopen(descriptor) else {
            let failure = Self.failure(subject)
            _ = Glibc.close(descriptor)
            throw failure
        }
        guard unsafe mnl_socket_get_portid(socket) != 0 else {
            unsafe mnl_socket_close(socket)
            throw NetfilterFailure(.system(EDESTADDRREQ), subject: subject)
        }
        unsafe self.init(bound: socket)
        // A dump its former owner did not read to its end: the next one waits for that (netlink(7)).
        drain()
    }

    private init(bound socket: OpaquePointer) {
        unsafe self.socket = socket
        unsafe buffer = .allocate(byteCount: Self.bufferByteCount, alignment: 16)
        let descriptor = unsafe mnl_socket_get_fd(socket)
        // FORCE needs CAP_NET_ADMIN, which the caller has or will soon be told it lacks.
        setOption(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, Self.sendByteCount)
        setOption(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, Self.receiveByteCount)
        // Errors carry their sequence number only, not the message they answer.
        setOption(descriptor, SOL_NETLINK, NETLINK_CAP_ACK, 1)
        // The kernel answers within the call that asks; a bound keeps a bug from becoming a hang.
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        _ = unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &patience,
            socklen_t(MemoryLayout<timeval>.size)
        )
    }

    deinit {
        unsafe mnl_socket_close(socket)
        unsafe buffer.deallocate()
    }

    /// The number the kernel knows this socket by: the owner of the tables it creates.
    var portID: UInt32 { unsafe mnl_socket_get_portid(socket) }

    /// The descriptor, for waiting on; it stays ours.
    var descriptor: Int32 { unsafe mnl_socket_get_fd(socket) }

    func send(_ bytes: [UInt8], subject: @autoclosure () -> String) throws(NetfilterFailure) {
        let status = unsafe bytes.withUnsafeBytes { bytes in
            while true {
                let status = unsafe mnl_socket_sendto(socket, bytes.baseAddress, bytes.count)
                if status >= 0 || errno != EINTR { return status }
            }
        }
        guard status == bytes.count else { throw Self.failure(subject()) }
    }

    /// Receives one datagram and hands each message in it to `take`, until `take` says it has what it wants.
    ///
    /// - Returns: true when `take` was satisfied; false when the datagram was used up.
    /// - Throws: `.unsteady` when a dump was interrupted by a change.
    func receive(
        subject: String,
        _ take: (Message) throws(NetfilterFailure) -> Bool
    ) throws(NetfilterFailure) -> Bool {
        var byteCount = 0
        repeat {
            byteCount = unsafe mnl_socket_recvfrom(socket, buffer, Self.bufferByteCount)
        } while byteCount < 0 && errno == EINTR
        guard byteCount >= 0 else { throw Self.failure(subject) }
        var remaining = Int32(byteCount)
        // SAFETY: libmnl checks each header against `remaining` before it is read.
        var header = unsafe UnsafePointer(buffer.assumingMemoryBound(to: nlmsghdr.self))
        while unsafe mnl_nlmsg_ok(header, remaining) {
            let flags = unsafe header.pointee.nlmsg_flags
            guard flags & UInt16(NLM_F_DUMP_INTR) == 0 else { throw NetfilterFailure(.unsteady, subject: subject) }
            if try take(unsafe Self.message(header)) { return true }
            unsafe header = UnsafePointer(mnl_nlmsg_next(header, &remaining))
        }
        return false
    }

    private static func message(_ header: UnsafePointer<nlmsghdr>) -> Message {
        let type = unsafe header.pointee.nlmsg_type
        switch Int32(type) {
        case NLMSG_DONE: return .done
        case NLMSG_ERROR:
            let payload = unsafe mnl_nlmsg_get_payload(header)
            // SAFETY: an error message carries at least its errno (netlink(7)).
            let code = unsafe payload?.load(as: Int32.self) ?? 0
            return unsafe .status(errno: -code, sequence: header.pointee.nlmsg_seq)
        default: return unsafe .content(type: type, header: header)
        }
    }

    /// Throws away whatever is queued.
    func drain() {
        while unsafe recv(descriptor, buffer, Self.bufferByteCount, Int32(MSG_DONTWAIT)) > 0 {}
    }

    /// Whether something is queued; it is thrown away.
    ///
    /// A queue that ran over counts: something happened that we did not see.
    func takeNotifications() -> Bool {
        var sawAny = false
        while true {
            let byteCount = unsafe recv(descriptor, buffer, Self.bufferByteCount, Int32(MSG_DONTWAIT))
            if byteCount > 0 || (byteCount < 0 && errno == ENOBUFS) {
                sawAny = true
                continue
            }
            if byteCount < 0, errno == EINTR { continue }
            return sawAny
        }
    }

    private static func failure(_ subject: String) -> NetfilterFailure {
        NetfilterFailure(.system(errno), subject: subject)
    }
}

/// An option of SOL_SOCKET; nothing when it cannot be read.
private func option(_ descriptor: Int32, _ option: Int32) -> Int32? {
    var value: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return unsafe getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 ? value : nil
}

private func setOption(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    _ = unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
}
