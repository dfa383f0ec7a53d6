// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CLinux
internal import Glibc

/// Who is at the other end of a Unix socket (unix(7), SO_PEERCRED).
package struct PeerCredentials: Hashable, Sendable {
    package let processID: Int32
    package let userID: UInt32
    package let groupID: UInt32

    package init(processID: Int32, userID: UInt32, groupID: UInt32) {
        self.processID = processID
        self.userID = userID
        self.groupID = groupID
    }
}

/// Stream sockets in the file system, non-blocking and close-on-exec.
package enum UnixSockets {
    /// A listening socket at `path` with the given mode.
    ///
    /// - Throws: `EADDRINUSE` when the path exists: probe it with ``connect(_:)`` before removing it.
    package static func listen(_ path: String, mode: UInt32, backlog: Int = 64) throws(Errno) -> OwnedDescriptor {
        try listen(try open(), path, mode, backlog)
    }

    static func listen(
        _ socket: consuming OwnedDescriptor,
        _ path: String,
        _ mode: UInt32,
        _ backlog: Int
    ) throws(Errno) -> OwnedDescriptor {
        guard unsafe clinux_unix_bind(socket.rawValue, path) == 0 else { throw Errno.current.orTrap("bind") }
        guard unsafe chmod(path, mode) == 0 else { throw Errno.current }
        guard clinux_listen(socket.rawValue, CInt(clamping: backlog)) == 0 else { throw Errno.current.orTrap("listen") }
        return socket
    }

    /// - Throws: `ECONNREFUSED` when nobody listens, `ENOENT` when there is no such socket.
    package static func connect(_ path: String) throws(Errno) -> OwnedDescriptor { try connect(try open(), path) }

    static func connect(_ socket: consuming OwnedDescriptor, _ path: String) throws(Errno) -> OwnedDescriptor {
        guard unsafe clinux_unix_connect(socket.rawValue, path) == 0 else { throw Errno.current.orTrap("connect") }
        return socket
    }

    package static func accept(_ listener: borrowing OwnedDescriptor) throws(Errno) -> OwnedDescriptor? {
        while true {
            let fd = clinux_accept_any(listener.rawValue)
            if fd >= 0 { return OwnedDescriptor(adopting: fd) }
            let error = Errno.current
            switch error.rawValue {
            case EAGAIN: return nil
            case EINTR, ECONNABORTED: continue
            default: throw error.orTrap("accept4")
            }
        }
    }

    package static func peer(of socket: borrowing OwnedDescriptor) throws(Errno) -> PeerCredentials {
        var processID: pid_t = 0
        var userID: uid_t = 0
        var groupID: gid_t = 0
        guard unsafe clinux_peer_credentials(socket.rawValue, &processID, &userID, &groupID) == 0 else {
            throw Errno.current.orTrap("getsockopt")
        }
        return PeerCredentials(processID: processID, userID: userID, groupID: groupID)
    }

    /// Sends one datagram to the socket at `path`, waiting while its queue is full.
    ///
    /// - Throws: `ENOENT` and `ECONNREFUSED` when nobody takes it, `EMSGSIZE` past what the system allows (about 200 KB).
    package static func sendDatagram(_ bytes: Span<UInt8>, to path: String) throws(Errno) {
        let fd = clinux_unix_datagram_socket()
        guard fd >= 0 else { throw Errno.current }
        let socket = OwnedDescriptor(adopting: fd)
        guard unsafe clinux_unix_connect(socket.rawValue, path) == 0 else { throw Errno.current }
        guard case .sent = try socket.send(bytes) else { throw .wouldBlock }
    }

    private static func open() throws(Errno) -> OwnedDescriptor {
        let fd = clinux_unix_socket()
        guard fd >= 0 else { throw Errno.current }
        return OwnedDescriptor(adopting: fd)
    }
}
