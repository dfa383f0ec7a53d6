// SPDX-License-Identifier: Apache-2.0
internal import Base
package import TLS

extension Ed25519.PublicKey {
    /// What a checkpoint calls the key: the first 16 digits of the SHA-256 of its 32 bytes.
    package var trailID: String { Hex.encode(Digest.sha256(bytes).prefix(8)) }
}
