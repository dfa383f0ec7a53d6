// SPDX-License-Identifier: Apache-2.0
internal import Base
package import LinuxIO

/// Why a control socket cannot be opened.
package enum ControlStartError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another program answers on it.
    case alreadyServed(path: String)
    /// There is a file of another kind at the path, which is not ours to remove.
    case notASocket(path: String)
    /// What was handed over cannot be answered on.
    case notAListener
    case system(path: String, Errno)

    package var description: String {
        switch self {
        case .alreadyServed(let path): "\(path): another program answers on this socket"
        case .notASocket(let path): "\(path): there is a file here that is not a socket"
        case .notAListener:
            "the service manager handed over a socket named control that is no listening Unix socket: "
                + "its unit needs ListenStream= with a path, and Accept=no"
        case .system(let path, let errno): "\(path): \(errno)"
        }
    }
}

/// A Unix socket that answers local callers with JSON over HTTP/1.1, on a thread of its own.
///
/// One request a connection. Requests are answered one after another: what is asked here is rare, and
/// two changes at once are never wanted.
package final class ControlServer: Sendable {
    package typealias Answer = @Sendable (ControlRequest) -> ControlResponse

    package let path: String
    private let door: ControlDoor
    /// Whether the socket's file is ours to remove.
    private let isOurs: Bool

    /// Listens before it returns.
    ///
    /// A socket file nobody answers on, left by a crash, is removed first.
    package init(
        path: String,
        mode: UInt32 = 0o660,
        policy: ControlPolicy = .local(),
        limits: ControlLimits = ControlLimits(),
        answer: @escaping Answer
    ) throws(ControlStartError) {
        self.path = path
        isOurs = true
        let listener = try Self.listen(path, mode: mode)
        do throws(Errno) {
            door = try Self.open(listener, policy, limits, answer)
        } catch {
            try? FileStore.remove(path)
            throw .system(path: path, error)
        }
    }

    /// Answers on a socket that somebody else opened and keeps, such as the service manager.
    ///
    /// Its path is what it is bound to.
    package init(
        adopting listener: consuming OwnedDescriptor,
        policy: ControlPolicy = .local(),
        limits: ControlLimits = ControlLimits(),
        answer: @escaping Answer
    ) throws(ControlStartError) {
        guard Sockets.isListening(listener), let path = UnixSockets.localPath(of: listener) else {
            throw .notAListener
        }
        self.path = path
        isOurs = false
        do throws(Errno) {
            try listener.setNonBlocking()
            door = try Self.open(listener, policy, limits, answer)
        } catch {
            throw .system(path: path, error)
        }
    }

    private static func open(
        _ listener: consuming OwnedDescriptor,
        _ policy: ControlPolicy,
        _ limits: ControlLimits,
        _ answer: @escaping Answer
    ) throws(Errno) -> ControlDoor {
        let door = try ControlDoor(listener: listener, entrance: .local(policy), limits: limits) { question, caller in
            guard case .local(let peer) = caller else { return caller.refusal ?? .notAllowed }
            return answer(ControlRequest(question, peer: peer))
        }
        try door.open(name: "control")
        return door
    }

    deinit { stop() }

    /// Removes the socket if it made it, drops what is half asked or half answered, and waits for the answer being made.
    ///
    /// Never call it from an answer.
    package func stop() {
        door.close { if isOurs { try? FileStore.remove(path) } }
    }

    private static func listen(_ path: String, mode: UInt32) throws(ControlStartError) -> OwnedDescriptor {
        do {
            return try UnixSockets.listen(path, mode: mode)
        } catch {
            guard error == .addressInUse else { throw .system(path: path, error) }
        }
        guard UnixSockets.isSocket(path) else { throw .notASocket(path: path) }
        // A full queue (EAGAIN) is an answer, too.
        guard let refusal = probe(path) else { throw .alreadyServed(path: path) }
        switch refusal {
        case .connectionRefused, .noEntry: break
        case .wouldBlock: throw .alreadyServed(path: path)
        default: throw .system(path: path, refusal)
        }
        do {
            if UnixSockets.isSocket(path) { try FileStore.remove(path) }
            return try UnixSockets.listen(path, mode: mode)
        } catch {
            throw .system(path: path, error)
        }
    }
}

extension ControlServer {
    /// Why nobody can be reached at `path`, or nothing when somebody can.
    private static func probe(_ path: String) -> Errno? {
        do {
            _ = try UnixSockets.connect(path)
            return nil
        } catch {
            return error
        }
    }
}
