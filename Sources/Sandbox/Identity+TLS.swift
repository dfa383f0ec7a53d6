// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO
package import TLS

extension Identity {
    func clientContext() throws(CallFailure) -> ClientContext {
        guard let anchors else { throw .setup("https needs --ca: there is no default trust") }
        let settings = ClientTLSSettings(
            anchorsPEM: [try Self.read(anchors)],
            identity: certificate == nil ? nil : try pair()
        )
        do {
            return try ClientContext(settings)
        } catch {
            throw .setup(error.description)
        }
    }

    /// A server that asks for a client certificate when it has anchors to judge one by.
    package func serverContext() throws(CallFailure) -> ServerContext {
        let pair = try pair()
        var settings = ServerTLSSettings(
            certificateChainPEM: pair.certificateChainPEM,
            keyPEM: pair.keyPEM,
            requiresClientCertificate: anchors != nil
        )
        if let anchors { settings.clientAnchorsPEM = [try Self.read(anchors)] }
        do {
            return try ServerContext(settings)
        } catch {
            throw .setup(error.description)
        }
    }

    private func pair() throws(CallFailure) -> TLSIdentity {
        guard let certificate, let key else { throw .setup("a certificate and a key belong together") }
        return TLSIdentity(certificateChainPEM: try Self.read(certificate), keyPEM: try Self.read(key))
    }

    private static func read(_ path: String) throws(CallFailure) -> [UInt8] {
        do {
            return try FileStore.read(path, byteCountMax: 1 << 20)
        } catch {
            throw .setup("\(path): \(error)")
        }
    }
}
