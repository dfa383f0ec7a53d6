// SPDX-License-Identifier: Apache-2.0
package import Access
package import Base
package import LinuxIO

/// Who asks the gate something.
package enum DeskCaller: Sendable {
    /// Through the gate's port: known by a certificate.
    case person(Person, how: String, source: IPEndpoint)
    /// On the host's control socket: known to the kernel.
    case local(PeerCredentials)
}
