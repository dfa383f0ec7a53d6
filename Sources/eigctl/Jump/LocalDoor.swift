// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// Where programs of this machine come in to be forwarded: a Unix socket of its owner, or a port of 127.0.0.1.
struct LocalDoor: ~Copyable {
    let listener: OwnedDescriptor
    /// For people and `--json`: the socket's path, or the address and port.
    let name: String
    /// The socket's path; nothing for a port, which every user of this machine can reach.
    let path: String?

    /// A door for `port` of 127.0.0.1; 0 takes a free one.
    static func port(_ port: UInt16) throws(Failure) -> LocalDoor {
        let endpoint = IPEndpoint(address: .v4(0x7f00_0001), port: port)
        do throws(Errno) {
            let listener = try Sockets.listen(endpoint, backlog: 64)
            let bound = Sockets.localEndpoint(listener) ?? endpoint
            return LocalDoor(listener: listener, name: "\(bound)", path: nil)
        } catch {
            throw Failure(code: "no_door", message: "\(endpoint): \(error)", hint: "take another port, or `:0`")
        }
    }

    /// A socket at `path`; one that a program which is gone has left there is replaced.
    static func socket(_ path: String) throws(Failure) -> LocalDoor {
        do throws(Errno) {
            return LocalDoor(listener: try listen(path), name: path, path: path)
        } catch {
            let isTaken = error == .addressInUse
            throw Failure(
                code: "no_door",
                message: "\(path.printable): \(isTaken ? "somebody listens there, or it is no socket" : "\(error)")",
                hint: isTaken ? "is the same target forwarded already? name another with `--socket PATH`" : nil
            )
        }
    }

    private static func listen(_ path: String) throws(Errno) -> OwnedDescriptor {
        do throws(Errno) {
            return try UnixSockets.listen(path, mode: 0o600)
        } catch {
            guard error == .addressInUse, UnixSockets.isSocket(path), isDeserted(path) else { throw error }
            try FileStore.remove(path)
            return try UnixSockets.listen(path, mode: 0o600)
        }
    }

    private static func isDeserted(_ path: String) -> Bool {
        do throws(Errno) {
            _ = try UnixSockets.connect(path)
            return false
        } catch {
            return error == .connectionRefused
        }
    }

    /// The next caller, or nothing when none waits.
    ///
    /// Through a socket only its owner and root come in, whatever its mode was for a moment.
    borrowing func accept() throws(Errno) -> LocalCaller? {
        guard path != nil else {
            guard let accepted = try Sockets.accept(listener) else { return nil }
            let socket = accepted.takeDescriptor()
            Sockets.tune(socket)
            return LocalCaller(socket)
        }
        while let socket = try UnixSockets.accept(listener) {
            let user = try UnixSockets.peer(of: socket).userID
            if user == 0 || user == Limits.userID { return LocalCaller(socket) }
        }
        return nil
    }

    /// Takes the socket away again.
    borrowing func remove() {
        if let path { _ = try? FileStore.remove(path) }
    }

    /// Where a target's socket is unless somebody says otherwise: a folder that is its owner's alone.
    static func standardPath(_ name: String, _ port: String, _ environment: (String) -> String?) throws(Failure)
        -> String
    {
        let runtime = environment("XDG_RUNTIME_DIR").flatMap { $0.isEmpty ? nil : $0 }
        let home = environment("HOME").flatMap { $0.isEmpty ? nil : "\($0)/.config" }
        guard let above = runtime ?? home else {
            throw .usage("there is no place for the socket", hint: "name one: `--socket PATH`")
        }
        let folder = "\(above)/eig"
        do throws(Errno) {
            try FileStore.makeFolder(folder, mode: 0o700)
        } catch {
            guard error == .exists else {
                throw Failure(
                    code: "no_door",
                    message: "\(folder.printable): \(error)",
                    hint: "name the socket: `--socket PATH`"
                )
            }
        }
        return "\(folder)/\(name)-\(port).sock"
    }
}

/// One program of this machine that came in.
final class LocalCaller: Sendable {
    private let socket: OwnedDescriptor

    init(_ socket: consuming OwnedDescriptor) { self.socket = socket }

    func streams() throws(Errno) -> StreamPair {
        let input = try socket.duplicate()
        return StreamPair(input: input, output: try socket.duplicate())
    }
}
