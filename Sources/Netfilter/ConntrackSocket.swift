// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CNetfilter

/// One netlink socket to the kernel's connection tracking (ctnetlink).
// SAFETY: everything that touches the socket is mutating, so one thread at a time does.
@safe package struct ConntrackSocket: ~Copyable, FlowTable, @unchecked Sendable {
    private let socket: NetlinkSocket
    /// To the sockets of this host (sock_diag(7)).
    let diagnostics: NetlinkSocket
    private let scratch: UnsafeMutablePointer<CChar>
    var sequence: UInt32 = 1
    private static let scratchByteCount = 8192
    private static let dumpTriesMax = 16

    package init() throws(NetfilterFailure) {
        let socket = try NetlinkSocket(bus: NETLINK_NETFILTER)
        let diagnostics = try NetlinkSocket(bus: NETLINK_SOCK_DIAG)
        self.socket = socket
        self.diagnostics = diagnostics
        unsafe scratch = .allocate(capacity: Self.scratchByteCount)
    }

    deinit { unsafe scratch.deallocate() }

    package mutating func flows(marked mark: UInt32?) throws(NetfilterFailure) -> [Flow] {
        let subject = "list connections"
        for _ in 0..<Self.dumpTriesMax {
            var found: [Flow] = []
            do throws(NetfilterFailure) {
                let wanted = try sendDump(mark: mark, subject: subject)
                var isDone = false
                while !isDone {
                    isDone = try socket.receive(subject: subject) { message throws(NetfilterFailure) in
                        switch message {
                        case .done: return true
                        case .status(let code, let sequence):
                            guard sequence == wanted, code != 0 else { return sequence == wanted }
                            throw NetfilterFailure(.system(code), subject: subject)
                        case .content(_, let header):
                            // A filter the kernel ignored must not widen the answer.
                            if let flow = unsafe Self.flow(header), flow.mark != 0, flow.mark == mark ?? flow.mark {
                                found.append(flow)
                            }
                            return false
                        }
                    }
                }
                return found
            } catch {
                guard error.reason == .unsteady else { throw error }
            }
        }
        throw NetfilterFailure(.unsteady, subject: subject)
    }

    package mutating func forget(_ flows: [Flow]) throws(NetfilterFailure) -> Int {
        var count = 0
        for flow in flows {
            let wanted = try sendDelete(flow)
            var isDone = false
            while !isDone {
                isDone = try socket.receive(subject: "forget \(flow)") { message throws(NetfilterFailure) in
                    guard case .status(let code, let sequence) = message, sequence == wanted else { return false }
                    switch code {
                    case 0: count += 1
                    case 2: break  // ENOENT: it ended by itself.
                    default: throw NetfilterFailure(.system(code), subject: "forget \(flow)")
                    }
                    return true
                }
            }
        }
        return count
    }

    private mutating func header(_ type: UInt32, flags: Int32) -> UnsafeMutablePointer<nlmsghdr> {
        sequence &+= 1
        guard let header = unsafe mnl_nlmsg_put_header(scratch) else { fatalError("out of memory") }
        unsafe header.pointee.nlmsg_type = UInt16(NFNL_SUBSYS_CTNETLINK << 8) | UInt16(type)
        unsafe header.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | flags)
        unsafe header.pointee.nlmsg_seq = sequence
        // nfgenmsg: family (any), version 0, resource 0.
        guard let extra = unsafe mnl_nlmsg_put_extra_header(header, 4) else { fatalError("out of memory") }
        unsafe extra.storeBytes(of: 0, as: UInt32.self)
        return unsafe header
    }

    private func send(_ header: UnsafeMutablePointer<nlmsghdr>, subject: String) throws(NetfilterFailure) {
        let byteCount = Int(unsafe header.pointee.nlmsg_len)
        invariant(byteCount <= Self.scratchByteCount, "a ctnetlink message past its scratch")
        // SAFETY: the message lies at the start of the scratch block.
        unsafe try socket.send(Array(unsafe UnsafeRawBufferPointer(start: header, count: byteCount)), subject: subject)
    }

    private mutating func sendDump(mark: UInt32?, subject: String) throws(NetfilterFailure) -> UInt32 {
        socket.drain()
        let header = unsafe header(IPCTNL_MSG_CT_GET.rawValue, flags: NLM_F_DUMP)
        if let mark {
            unsafe mnl_attr_put_u32(header, UInt16(CTA_MARK.rawValue), mark.bigEndian)
            unsafe mnl_attr_put_u32(header, UInt16(CTA_MARK_MASK.rawValue), UInt32.max)
        }
        try unsafe send(header, subject: subject)
        return sequence
    }

    private mutating func sendDelete(_ flow: Flow) throws(NetfilterFailure) -> UInt32 {
        let header = unsafe header(IPCTNL_MSG_CT_DELETE.rawValue, flags: NLM_F_ACK)
        guard let record = unsafe nfct_new() else { fatalError("out of memory") }
        defer { unsafe nfct_destroy(record) }
        unsafe nfct_set_attr_u8(record, ATTR_ORIG_L3PROTO, flow.source.isV4 ? 2 : 10)
        unsafe Self.set(record, v4: ATTR_ORIG_IPV4_SRC, v6: ATTR_ORIG_IPV6_SRC, flow.source)
        unsafe Self.set(record, v4: ATTR_ORIG_IPV4_DST, v6: ATTR_ORIG_IPV6_DST, flow.destination)
        unsafe nfct_set_attr_u8(record, ATTR_ORIG_L4PROTO, flow.transport)
        unsafe nfct_set_attr_u16(record, ATTR_ORIG_PORT_SRC, flow.sourcePort.bigEndian)
        unsafe nfct_set_attr_u16(record, ATTR_ORIG_PORT_DST, flow.destinationPort.bigEndian)
        unsafe mnl_nlmsg_get_payload(header)?.storeBytes(of: flow.source.isV4 ? 2 : 10, as: UInt8.self)
        unsafe nfct_nlmsg_build(header, record)
        try unsafe send(header, subject: "forget \(flow)")
        return sequence
    }

    private static func set(
        _ record: OpaquePointer,
        v4: nf_conntrack_attr,
        v6: nf_conntrack_attr,
        _ address: IPAddress
    ) {
        // SAFETY: libnetfilter_conntrack copies 4 or 16 bytes, as the attribute says.
        unsafe address.bytes.withUnsafeBytes { bytes in
            unsafe nfct_set_attr(record, address.isV4 ? v4 : v6, bytes.baseAddress)
        }
    }

    private static func flow(_ header: UnsafePointer<nlmsghdr>) -> Flow? {
        guard let record = unsafe nfct_new() else { fatalError("out of memory") }
        defer { unsafe nfct_destroy(record) }
        guard unsafe nfct_nlmsg_parse(header, record) == 0 else { return nil }
        let isV4 = unsafe nfct_get_attr_u8(record, ATTR_ORIG_L3PROTO) == 2
        guard
            let source = unsafe address(record, isV4 ? ATTR_ORIG_IPV4_SRC : ATTR_ORIG_IPV6_SRC, isV4: isV4),
            let destination = unsafe address(record, isV4 ? ATTR_ORIG_IPV4_DST : ATTR_ORIG_IPV6_DST, isV4: isV4)
        else { return nil }
        return Flow(
            source: source,
            destination: destination,
            transport: unsafe nfct_get_attr_u8(record, ATTR_ORIG_L4PROTO),
            sourcePort: UInt16(bigEndian: unsafe nfct_get_attr_u16(record, ATTR_ORIG_PORT_SRC)),
            destinationPort: UInt16(bigEndian: unsafe nfct_get_attr_u16(record, ATTR_ORIG_PORT_DST)),
            mark: unsafe nfct_get_attr_u32(record, ATTR_MARK)
        )
    }

    private static func address(_ record: OpaquePointer, _ attribute: nf_conntrack_attr, isV4: Bool) -> IPAddress? {
        guard let start = unsafe nfct_get_attr(record, attribute) else { return nil }
        // SAFETY: the attribute is 4 or 16 bytes inside the record, in network order.
        return unsafe IPAddress(bytes: Array(unsafe UnsafeRawBufferPointer(start: start, count: isV4 ? 4 : 16)))
    }
}
