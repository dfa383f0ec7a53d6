// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CNetfilter

extension ConntrackSocket {
    package mutating func abort(_ flows: [Flow]) throws(NetfilterFailure) -> Int {
        var count = 0
        for flow in flows where flow.transport == Statement.TransportProtocol.tcp.rawValue {
            // One end is ours: the answering one of a connection that came in, else the asking one.
            for isIncoming in [true, false] {
                let end = LocalEnd(flow, isIncoming: isIncoming)
                guard let cookie = try cookie(of: end) else { continue }
                guard try destroy(end, cookie) else { return count }
                count += 1
                break
            }
        }
        return count
    }

    /// One end of a connection, as the sockets of this host have it.
    private struct LocalEnd: CustomStringConvertible {
        let local: IPEndpoint
        let remote: IPEndpoint
        let transport: UInt8

        init(_ flow: Flow, isIncoming: Bool) {
            let source = IPEndpoint(address: flow.source, port: flow.sourcePort)
            let destination = IPEndpoint(address: flow.destination, port: flow.destinationPort)
            (local, remote) = isIncoming ? (destination, source) : (source, destination)
            transport = flow.transport
        }

        var description: String { "\(local) with \(remote)" }

        /// `sport`, `dport`, `src` and `dst` of `struct inet_diag_sockid`.
        var bytes: [UInt8] {
            let wide = { (address: IPAddress) in
                address.bytes + [UInt8](repeating: 0, count: 16 - address.bytes.count)
            }
            return local.port.networkBytes + remote.port.networkBytes + wide(local.address) + wide(remote.address)
        }
    }

    /// The number that only this socket has, or nothing when this host has no socket of the connection.
    ///
    /// The kernel falls back to the listening socket of the port when the connection itself has gone: only an
    /// answer about both ends is one about the connection.
    private mutating func cookie(of end: LocalEnd) throws(NetfilterFailure) -> [UInt8]? {
        let subject = "look for the socket of \(end)"
        sequence &+= 1
        let wanted = sequence
        let anyCookie = [UInt8](repeating: 0xff, count: 8)
        let request = Self.request(UInt16(SOCK_DIAG_BY_FAMILY), end, anyCookie, sequence: wanted)
        try diagnostics.send(request, subject: subject)
        var found: [UInt8]?
        var isDone = false
        while !isDone {
            isDone = try diagnostics.receive(subject: subject) { message throws(NetfilterFailure) in
                switch message {
                case .done: return false
                case .content(_, let header):
                    guard unsafe header.pointee.nlmsg_seq == wanted else { return false }
                    if let answer = unsafe Self.sockID(header), answer.ends == end.bytes { found = answer.cookie }
                    return false
                case .status(let code, let sequence):
                    guard sequence == wanted else { return false }
                    // ENOENT: there is not even a listener.
                    guard code == 0 || code == 2 else { throw NetfilterFailure(.system(code), subject: subject) }
                    return true
                }
            }
        }
        return found
    }

    /// The two ends and the cookie in a `struct inet_diag_msg`, in the order of its fields.
    private static func sockID(_ header: UnsafePointer<nlmsghdr>) -> (ends: [UInt8], cookie: [UInt8])? {
        let byteCount = unsafe Int(mnl_nlmsg_get_payload_len(header))
        guard byteCount >= 52, let payload = unsafe mnl_nlmsg_get_payload(header) else { return nil }
        // SAFETY: libmnl has checked that the payload is that long.
        let bytes = unsafe Array(UnsafeRawBufferPointer(start: payload, count: 52))
        return (Array(bytes[4..<40]), Array(bytes[44..<52]))
    }

    /// - Returns: false when the kernel was built without CONFIG_INET_DIAG_DESTROY.
    private mutating func destroy(_ end: LocalEnd, _ cookie: [UInt8]) throws(NetfilterFailure) -> Bool {
        let subject = "abort \(end)"
        sequence &+= 1
        let wanted = sequence
        try diagnostics.send(
            Self.request(UInt16(SOCK_DESTROY), end, cookie, sequence: wanted),
            subject: subject
        )
        var isPossible = true
        var isDone = false
        while !isDone {
            isDone = try diagnostics.receive(subject: subject) { message throws(NetfilterFailure) in
                guard case .status(let code, let sequence) = message, sequence == wanted else { return false }
                switch code {
                // ENOENT, ESTALE: it has gone since it was looked for, and the cookie saved what the port has now.
                case 0, 2, 116: break
                case 22, 95: isPossible = false
                default: throw NetfilterFailure(.system(code), subject: subject)
                }
                return true
            }
        }
        return isPossible
    }

    /// `struct nlmsghdr` and `struct inet_diag_req_v2`, in the order of their fields.
    private static func request(_ type: UInt16, _ end: LocalEnd, _ cookie: [UInt8], sequence: UInt32) -> [UInt8] {
        var body: [UInt8] = [end.local.address.isV4 ? 2 : 10, end.transport, 0, 0] + UInt32.max.hostBytes
        // Any interface.
        body += end.bytes + UInt32(0).hostBytes + cookie
        let head =
            UInt32(16 + body.count).hostBytes + type.hostBytes
            + UInt16(NLM_F_REQUEST | NLM_F_ACK).hostBytes + sequence.hostBytes + UInt32(0).hostBytes
        return head + body
    }
}
