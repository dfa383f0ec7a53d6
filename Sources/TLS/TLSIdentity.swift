// SPDX-License-Identifier: Apache-2.0

/// What one side shows of itself: a certificate chain, leaf first, and the leaf's private key, both as PEM.
package struct TLSIdentity: Sendable {
    package var certificateChainPEM: [UInt8]
    package var keyPEM: [UInt8]

    package init(certificateChainPEM: [UInt8], keyPEM: [UInt8]) {
        self.certificateChainPEM = certificateChainPEM
        self.keyPEM = keyPEM
    }
}
