// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CNetfilter

extension ConntrackSocket {
    package mutating func abort(_ flows: [Flow]) throws(NetfilterFailure) -> Int {
        var count = 0
        for flow in flows where flow.transport == Statement.TransportProtocol.tcp.rawValue {
            // One end is ours: the answering one of a connection that came in, else the asking one.
            switch try destroy(flow, isIncoming: true) {
            case .done: count += 1
            case .notThere: count += try destroy(flow, isIncoming: false) == .done ? 1 : 0
            case .notPossible: return count
            }
        }
        return count
    }

    private enum Outcome {
        case done
        case notThere
        /// The kernel was built without CONFIG_INET_DIAG_DESTROY.
        case notPossible
    }

    private mutating func destroy(_ flow: Flow, isIncoming: Bool) throws(NetfilterFailure) -> Outcome {
        sequence &+= 1
        let wanted = sequence
        let subject = "abort \(flow)"
        try diagnostics.send(Self.request(flow, isIncoming: isIncoming, sequence: wanted), subject: subject)
        var outcome = Outcome.notThere
        var isDone = false
        while !isDone {
            isDone = try diagnostics.receive(subject: subject) { message throws(NetfilterFailure) in
                guard case .status(let code, let sequence) = message, sequence == wanted else { return false }
                switch code {
                case 0: outcome = .done
                case 2: outcome = .notThere
                case 22, 95: outcome = .notPossible
                default: throw NetfilterFailure(.system(code), subject: subject)
                }
                return true
            }
        }
        return outcome
    }

    /// `struct nlmsghdr` and `struct inet_diag_req_v2`, in the order of their fields.
    private static func request(_ flow: Flow, isIncoming: Bool, sequence: UInt32) -> [UInt8] {
        let wide = { (address: IPAddress) in
            address.bytes + [UInt8](repeating: 0, count: 16 - address.bytes.count)
        }
        let local = isIncoming ? flow.destination : flow.source
        let remote = isIncoming ? flow.source : flow.destination
        var body: [UInt8] = [flow.source.isV4 ? 2 : 10, flow.transport, 0, 0] + UInt32.max.hostBytes
        body += (isIncoming ? flow.destinationPort : flow.sourcePort).networkBytes
        body += (isIncoming ? flow.sourcePort : flow.destinationPort).networkBytes
        body += wide(local) + wide(remote)
        // Any interface, any cookie.
        body += UInt32(0).hostBytes + UInt32.max.hostBytes + UInt32.max.hostBytes
        let head =
            UInt32(16 + body.count).hostBytes + UInt16(SOCK_DESTROY).hostBytes
            + UInt16(NLM_F_REQUEST | NLM_F_ACK).hostBytes + sequence.hostBytes + UInt32(0).hostBytes
        return head + body
    }
}
