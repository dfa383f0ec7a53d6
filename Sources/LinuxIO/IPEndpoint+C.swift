// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CLinux

extension clinux_ip {
    init(_ endpoint: IPEndpoint) {
        self.init()
        let octets = endpoint.address.bytes
        length = UInt8(octets.count)
        port = endpoint.port
        // SAFETY: 4 or 16 octets fit the 16 of the C array.
        unsafe withUnsafeMutableBytes(of: &bytes) { target in
            for (index, octet) in octets.enumerated() { unsafe target[index] = octet }
        }
    }

    /// Nothing for an address family that is neither IPv4 nor IPv6.
    var endpointAddress: IPAddress? {
        var copy = bytes
        let octets = unsafe withUnsafeBytes(of: &copy) { unsafe Array($0.prefix(Int(length))) }
        return IPAddress(bytes: octets)
    }

    var endpoint: IPEndpoint? { endpointAddress.map { IPEndpoint(address: $0, port: port) } }
}
