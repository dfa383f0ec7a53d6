// SPDX-License-Identifier: Apache-2.0
package import Partners

/// A pre-shared key that a set of connections needs, before anybody has read its file.
package struct SecretRequest: Hashable, Sendable {
    package var tunnel: TunnelID
    package var local: IKEIdentity
    package var remote: IKEIdentity
    /// As in the partner file: ``ConfigurationPath/secret(_:)`` makes the path of it, ``PreSharedKey`` its bytes.
    package var file: String

    package init(tunnel: TunnelID, local: IKEIdentity, remote: IKEIdentity, file: String) {
        self.tunnel = tunnel
        self.local = local
        self.remote = remote
        self.file = file
    }
}
