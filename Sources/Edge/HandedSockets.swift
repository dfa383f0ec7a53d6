// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import LinuxIO
internal import Partners
internal import Systemd

/// The sockets the service manager opened for us, by what they are for: `FileDescriptorName=` says it.
///
/// Those of a name that was given replace all that eigd would open for it; they stay open while eigd is away, so
/// that who connects meanwhile waits and is served.
struct HandedSockets {
    private(set) var partners: [InheritedDescriptor] = []
    private(set) var inside: [InheritedDescriptor] = []
    private(set) var control: InheritedDescriptor?

    /// - Throws: a name that says nothing to us: connections to it would wait for ever.
    init(_ descriptors: [InheritedDescriptor]) throws(GatewayStartError) {
        for descriptor in descriptors {
            switch descriptor.name {
            case "partners": partners.append(descriptor)
            case "internal": inside.append(descriptor)
            case "control" where control == nil: control = descriptor
            case "control": throw .handedOver("two sockets named control", mend: "leave one ListenStream= in its unit")
            default:
                throw .handedOver(
                    "a socket named \(descriptor.name)",
                    mend: "its unit needs FileDescriptorName=partners, internal or control"
                )
            }
        }
    }

    func listeners(_ side: ServerConnection.Side) throws(GatewayStartError) -> [Listener] {
        var listeners: [Listener] = []
        for socket in side == .partners ? partners : inside {
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
            listeners.append(Listener(side: side, endpoint: endpoint, descriptor: descriptor))
        }
        return listeners
    }
}
