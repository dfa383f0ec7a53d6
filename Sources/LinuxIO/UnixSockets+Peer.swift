// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

extension UnixSockets {
    /// The supplementary groups of whoever is at the other end (SO_PEERGROUPS), none when there are over 1024.
    package static func peerGroups(of socket: borrowing OwnedDescriptor) -> [UInt32] {
        var groups = [gid_t](repeating: 0, count: 1024)
        let count = unsafe clinux_peer_groups(socket.rawValue, &groups, CInt(groups.count))
        return count > 0 ? Array(groups.prefix(Int(count))) : []
    }

    /// The path a Unix socket is bound to; nothing for any other socket.
    package static func localPath(of socket: borrowing OwnedDescriptor) -> String? {
        var path = [CChar](repeating: 0, count: 128)
        guard unsafe clinux_unix_local(socket.rawValue, &path, path.count) == 0 else { return nil }
        return String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether `path` itself is a socket; a symbolic link to one is not.
    package static func isSocket(_ path: String) -> Bool { unsafe clinux_is_socket(path) != 0 }
}

extension Errno {
    /// Nothing to be had without waiting; from connecting, that the listener's queue is full.
    package static let wouldBlock = Errno(rawValue: EAGAIN)
    /// The reader of what we write has gone.
    package static let brokenPipe = Errno(rawValue: EPIPE)
}
