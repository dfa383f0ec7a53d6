// SPDX-License-Identifier: Apache-2.0
package import Base
internal import CLinux

/// Why a host name has no address; the text is the C library's.
package struct ResolveFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let reason: String

    package init(host: String, reason: String) {
        self.host = host
        self.reason = reason
    }

    package var description: String { "\(host): \(reason)" }
}

/// Host names to addresses by the system's resolver (getaddrinfo(3)).
package enum Resolver {
    /// Blocks until the resolver answers: call on a thread of its own, never on a worker.
    package static func addresses(of host: String, countMax: Int = 16) throws(ResolveFailure) -> [IPAddress] {
        if let literal = IPAddress(host) { return [literal] }
        var answers = [clinux_ip](repeating: clinux_ip(), count: countMax)
        // SAFETY: writes at most countMax answers.
        let count = unsafe answers.withUnsafeMutableBufferPointer {
            unsafe clinux_resolve(host, $0.baseAddress, CInt(clamping: countMax))
        }
        guard count >= 0 else {
            throw ResolveFailure(host: host, reason: unsafe String(cString: clinux_resolve_error(count)))
        }
        return answers.prefix(Int(count)).compactMap { $0.endpointAddress }
    }
}
