// SPDX-License-Identifier: Apache-2.0
package import Base
internal import LinuxIO
package import Systemd

/// The sockets the service manager opened for us, by what they are for: `FileDescriptorName=` says it.
///
/// Those of a name that was given replace all that the program would open for it; they stay open while it is away, so
/// that who connects meanwhile waits and is served.
package struct HandedSockets {
    private let sockets: [InheritedDescriptor]

    /// - Parameter names: what the program has a use for, besides one socket for operators, `control`.
    /// - Throws: ``ListenFailure/handedOver(_:mend:)`` for any other name: connections to it would wait for ever.
    package init(_ sockets: [InheritedDescriptor], names: [String]) throws(ListenFailure) {
        if let stranger = sockets.first(where: { $0.name != "control" && !names.contains($0.name) }) {
            throw .handedOver(
                "a socket named \(stranger.name)",
                mend: "its unit needs FileDescriptorName=\(names.joined(separator: ", ")) or control"
            )
        }
        guard sockets.count(where: { $0.name == "control" }) <= 1 else {
            throw .handedOver("two sockets named control", mend: "leave one ListenStream= in its unit")
        }
        self.sockets = sockets
    }

    package var control: InheritedDescriptor? { sockets.first { $0.name == "control" } }

    /// The sockets of this name; where none was handed over, our own.
    ///
    /// - Parameters:
    ///   - endpoints: where our own listen.
    ///   - use: what the program uses them for.
    package func listeners(
        _ name: String,
        orAt endpoints: [IPEndpoint],
        use: UInt8
    ) throws(ListenFailure) -> [Listener] {
        var listeners: [Listener] = []
        for socket in sockets where socket.name == name { listeners.append(try Self.adopt(socket, use)) }
        guard listeners.isEmpty else { return listeners }
        for endpoint in endpoints {
            do throws(Errno) {
                listeners.append(Listener(use: use, endpoint: endpoint, descriptor: try Sockets.listen(endpoint)))
            } catch {
                throw .own(endpoint, error)
            }
        }
        return listeners
    }

    private static func adopt(_ socket: InheritedDescriptor, _ use: UInt8) throws(ListenFailure) -> Listener {
        let descriptor = OwnedDescriptor(adopting: socket.number)
        do throws(Errno) { try descriptor.setNonBlocking() } catch {
            throw .system("socket \(socket.name) from the service manager", error)
        }
        guard Sockets.isListening(descriptor), let endpoint = Sockets.localEndpoint(descriptor) else {
            throw .handedOver(
                "a socket named \(socket.name) that is no listening TCP socket",
                mend: "its unit needs ListenStream= with an address and a port, and Accept=no"
            )
        }
        return Listener(use: use, endpoint: endpoint, descriptor: descriptor)
    }
}
