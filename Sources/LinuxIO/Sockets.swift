// SPDX-License-Identifier: Apache-2.0
package import Base
internal import CLinux
internal import Glibc

/// A connection just taken from a listening socket.
package struct AcceptedConnection: ~Copyable {
    package let descriptor: OwnedDescriptor
    package let peer: IPEndpoint

    /// The connection alone.
    package consuming func takeDescriptor() -> OwnedDescriptor { descriptor }
}

/// TCP over IPv4 and IPv6: every socket is non-blocking and close-on-exec.
package enum Sockets {
    /// A bound, listening socket with SO_REUSEADDR; IPv6 sockets take IPv6 only.
    ///
    /// - Throws: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES` and the like; name the address to the user.
    package static func listen(_ endpoint: IPEndpoint, backlog: Int = 4096) throws(Errno) -> OwnedDescriptor {
        let socket = try open(endpoint.address)
        try set(socket, CInt(CLINUX_REUSEADDR), 1)
        if !endpoint.address.isV4 { try set(socket, CInt(CLINUX_V6ONLY), 1) }
        var ip = clinux_ip(endpoint)
        guard unsafe clinux_bind(socket.rawValue, &ip) == 0 else { throw Errno.current.orTrap("bind") }
        guard clinux_listen(socket.rawValue, CInt(clamping: backlog)) == 0 else { throw Errno.current.orTrap("listen") }
        return socket
    }

    /// One waiting connection with its peer, or nothing when none waits.
    ///
    /// - Throws: `EMFILE`, `ENFILE`, `ENOMEM`: stop accepting for a moment. A connection that died in
    ///   the queue is skipped.
    package static func accept(_ listener: borrowing OwnedDescriptor) throws(Errno) -> AcceptedConnection? {
        while true {
            var ip = CLinux.clinux_ip()
            let fd = unsafe clinux_accept(listener.rawValue, &ip)
            if fd >= 0 {
                guard let peer = ip.endpoint else {
                    _ = Glibc.close(fd)
                    continue
                }
                return AcceptedConnection(descriptor: OwnedDescriptor(adopting: fd), peer: peer)
            }
            let error = Errno.current
            switch error.rawValue {
            case EAGAIN: return nil
            // accept(2): pending network errors of the new socket are to be treated like EAGAIN.
            case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENONET, ENOPROTOOPT:
                continue
            default: throw error.orTrap("accept4")
            }
        }
    }

    /// Starts connecting; writable readiness says that it ended, ``connectError(_:)`` how.
    ///
    /// - Parameter source: the address of ours to come from, of the same family; nothing lets the kernel choose.
    package static func connect(_ endpoint: IPEndpoint, from source: IPAddress? = nil) throws(Errno) -> OwnedDescriptor
    {
        let socket = try open(endpoint.address)
        if let source {
            // The port is chosen when the other end is known: one port serves many destinations.
            try set(socket, CInt(CLINUX_BIND_NO_PORT), 1)
            var ip = clinux_ip(IPEndpoint(address: source, port: 0))
            guard unsafe clinux_bind(socket.rawValue, &ip) == 0 else { throw Errno.current.orTrap("bind") }
        }
        var ip = clinux_ip(endpoint)
        if unsafe clinux_connect(socket.rawValue, &ip) == 0 { return socket }
        let error = Errno.current
        guard error.rawValue == EINPROGRESS else { throw error.orTrap("connect") }
        return socket
    }

    /// Why a connection attempt failed, or nothing when it stands (SO_ERROR).
    package static func connectError(_ socket: borrowing OwnedDescriptor) -> Errno? {
        let value = clinux_socket_error(socket.rawValue)
        return value == 0 ? nil : Errno(rawValue: value)
    }

    /// The address a socket is bound to; nothing for a Unix socket.
    package static func localEndpoint(_ socket: borrowing OwnedDescriptor) -> IPEndpoint? {
        var ip = CLinux.clinux_ip()
        guard unsafe clinux_local(socket.rawValue, &ip) == 0 else { return nil }
        return ip.endpoint
    }

    /// What a connection of ours has set: no Nagle delay; a dead peer is noticed in 60 s
    /// (keep-alive 30 s + 3 × 10 s, unacknowledged bytes 60 s).
    ///
    /// On a listening socket it counts for every connection accepted from it (tcp(7)), without a call for each.
    package static func tune(_ socket: borrowing OwnedDescriptor) {
        for (option, value) in [
            (CLINUX_NODELAY, 1), (CLINUX_KEEPALIVE, 1), (CLINUX_KEEPIDLE, 30), (CLINUX_KEEPINTVL, 10),
            (CLINUX_KEEPCNT, 3), (CLINUX_USER_TIMEOUT_MS, 60_000),
        ] {
            _ = clinux_tcp_option(socket.rawValue, CInt(option), CInt(value))
        }
    }

    /// Sends a pending acknowledgement at once (TCP_QUICKACK): a peer with Nagle's algorithm waits for it.
    package static func acknowledgeNow(_ socket: borrowing OwnedDescriptor) {
        _ = clinux_tcp_option(socket.rawValue, CInt(CLINUX_QUICKACK), 1)
    }

    /// Whether an inherited descriptor is a listening socket.
    package static func isListening(_ socket: borrowing OwnedDescriptor) -> Bool {
        clinux_is_listening(socket.rawValue) != 0
    }

    /// Whether an IPv6 socket takes IPv4 connections, too (ipv6(7), IPV6_V6ONLY).
    package static func takesBothFamilies(_ socket: borrowing OwnedDescriptor) -> Bool {
        clinux_is_dual_stack(socket.rawValue) != 0
    }

    private static func open(_ address: IPAddress) throws(Errno) -> OwnedDescriptor {
        let fd = clinux_tcp_socket(CInt(address.bytes.count))
        guard fd >= 0 else { throw Errno.current }
        return OwnedDescriptor(adopting: fd)
    }

    private static func set(_ socket: borrowing OwnedDescriptor, _ option: CInt, _ value: CInt) throws(Errno) {
        guard clinux_tcp_option(socket.rawValue, option, value) == 0 else {
            throw Errno.current.orTrap("setsockopt")
        }
    }
}
