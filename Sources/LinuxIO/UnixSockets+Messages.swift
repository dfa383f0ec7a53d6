// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CLinux

/// Unix sockets that keep messages apart (unix(7), SOCK_SEQPACKET): one `send` is one message, one `read` takes one.
extension UnixSockets {
    /// A listening socket at `path` with the given mode.
    ///
    /// - Throws: `EADDRINUSE` when the path exists: probe it with ``connectForMessages(_:)`` before removing it.
    package static func listenForMessages(
        _ path: String,
        mode: UInt32,
        backlog: Int = 512
    ) throws(Errno) -> OwnedDescriptor {
        try listen(try openForMessages(), path, mode, backlog)
    }

    /// - Throws: as ``connect(_:)``; `EPROTOTYPE` when the socket there is of another kind.
    package static func connectForMessages(_ path: String) throws(Errno) -> OwnedDescriptor {
        try connect(try openForMessages(), path)
    }

    private static func openForMessages() throws(Errno) -> OwnedDescriptor {
        let fd = clinux_unix_message_socket()
        guard fd >= 0 else { throw Errno.current }
        return OwnedDescriptor(adopting: fd)
    }
}
