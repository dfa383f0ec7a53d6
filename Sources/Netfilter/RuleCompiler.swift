// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CNetfilter

/// Writes statements as the expressions `nft` would write, so that `nft list` reads them back as text.
@safe struct RuleCompiler {
    private let rule: OpaquePointer

    init(into rule: OpaquePointer) { unsafe self.rule = rule }

    func append(_ statement: Statement) {
        switch statement {
        case .family(let family):
            load(meta: NFT_META_NFPROTO.rawValue)
            compare([family == .v4 ? 2 : 10])
        case .transport(let number):
            load(meta: NFT_META_L4PROTO.rawValue)
            compare([number.rawValue])
        case .arrives(let name):
            load(meta: NFT_META_IIFNAME.rawValue)
            compare(interfaceName(name))
        case .leaves(let name):
            load(meta: NFT_META_OIFNAME.rawValue)
            compare(interfaceName(name))
        case .linkLayer(let kind):
            load(meta: NFT_META_PKTTYPE.rawValue)
            compare([kind.rawValue])
        case .wasDecrypted(let isSo):
            load(meta: NFT_META_SECPATH.rawValue)
            compare([isSo ? 1 : 0])
        case .connection(let states):
            load(connection: NFT_CT_STATE.rawValue)
            mask(states.reduce(0) { $0 | $1.rawValue }.hostBytes)
            compare(UInt32(0).hostBytes, isEqual: false)
        case .isReply:
            load(connection: NFT_CT_DIRECTION.rawValue)
            compare([1])
        case .hasMark:
            load(connection: NFT_CT_MARK.rawValue)
            compare(UInt32(0).hostBytes, isEqual: false)
        default: appendPacketMatch(statement)
        }
    }

    private func appendPacketMatch(_ statement: Statement) {
        switch statement {
        case .sourcePrefixV6(let bytes):
            load(payload: NFT_PAYLOAD_NETWORK_HEADER.rawValue, offset: 8, byteCount: UInt32(bytes.count))
            compare(bytes)
        case .port(let field, let port):
            load(payload: NFT_PAYLOAD_TRANSPORT_HEADER.rawValue, offset: field.rawValue, byteCount: 2)
            compare(port.networkBytes)
        case .tcpOpens(let isSo):
            loadTCPFlags()
            mask([0x17])
            compare([0x02], isEqual: isSo)
        case .tcpResets:
            loadTCPFlags()
            mask([0x04])
            compare([0x00], isEqual: false)
        case .icmpType(let type):
            load(payload: NFT_PAYLOAD_TRANSPORT_HEADER.rawValue, offset: 0, byteCount: 1)
            compare([type])
        case .extensionHeader(let number):
            let header = Expression("exthdr")
            header.set(NFTNL_EXPR_EXTHDR_DREG, register)
            header.set(NFTNL_EXPR_EXTHDR_TYPE, number)
            header.set(NFTNL_EXPR_EXTHDR_OFFSET, UInt32(0))
            header.set(NFTNL_EXPR_EXTHDR_LEN, UInt32(1))
            header.set(NFTNL_EXPR_EXTHDR_FLAGS, UInt32(NFT_EXTHDR_F_PRESENT.rawValue))
            header.set(NFTNL_EXPR_EXTHDR_OP, UInt32(NFT_EXTHDR_OP_IPV6.rawValue))
            unsafe header.append(to: rule)
            compare([1])
        case .willBeEncrypted(let isSo):
            let route = Expression("rt")
            route.set(NFTNL_EXPR_RT_KEY, NFT_RT_XFRM.rawValue)
            route.set(NFTNL_EXPR_RT_DREG, register)
            unsafe route.append(to: rule)
            compare([isSo ? 1 : 0])
        case .noReturnPath:
            let lookup = Expression("fib")
            let flags = NFTA_FIB_F_SADDR.rawValue | NFTA_FIB_F_IIF.rawValue | NFTA_FIB_F_PRESENT.rawValue
            lookup.set(NFTNL_EXPR_FIB_DREG, register)
            lookup.set(NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_OIF.rawValue)
            lookup.set(NFTNL_EXPR_FIB_FLAGS, flags)
            unsafe lookup.append(to: rule)
            compare([0])
        case .within(let key, let set): look(up: key, in: set, yieldsMark: false)
        case .wasDecryptedBy(let family, let set, let isSo): lookUpState(family, in: set, isIn: isSo)
        case .atMost(let rate, let burst):
            let limit = Expression("limit")
            limit.set(NFTNL_EXPR_LIMIT_RATE, rate)
            limit.set(NFTNL_EXPR_LIMIT_UNIT, UInt64(1))
            limit.set(NFTNL_EXPR_LIMIT_BURST, burst)
            limit.set(NFTNL_EXPR_LIMIT_TYPE, UInt32(NFT_LIMIT_PKTS.rawValue))
            limit.set(NFTNL_EXPR_LIMIT_FLAGS, UInt32(0))
            unsafe limit.append(to: rule)
        default: appendAct(statement)
        }
    }

    private func appendAct(_ statement: Statement) {
        switch statement {
        case .count(let name):
            let reference = Expression("objref")
            reference.set(NFTNL_EXPR_OBJREF_IMM_TYPE, UInt32(NFT_OBJECT_COUNTER))
            reference.set(NFTNL_EXPR_OBJREF_IMM_NAME, name)
            unsafe reference.append(to: rule)
        case .mark(let mark):
            let value = Expression("immediate")
            value.set(NFTNL_EXPR_IMM_DREG, register)
            value.set(NFTNL_EXPR_IMM_DATA, mark.hostBytes)
            unsafe value.append(to: rule)
            storeMark()
        case .markFrom(let key, let map):
            look(up: key, in: map, yieldsMark: true)
            storeMark()
        case .log(let prefix, let group):
            let log = Expression("log")
            log.set(NFTNL_EXPR_LOG_PREFIX, prefix)
            log.set(NFTNL_EXPR_LOG_GROUP, group)
            unsafe log.append(to: rule)
        case .accept: verdict(1)
        case .drop: verdict(0)
        case .jump(let chain): verdict(UInt32(bitPattern: NFT_JUMP.rawValue), chain: chain)
        case .goTo(let chain): verdict(UInt32(bitPattern: NFT_GOTO.rawValue), chain: chain)
        case .reset:
            let reject = Expression("reject")
            reject.set(NFTNL_EXPR_REJECT_TYPE, UInt32(NFT_REJECT_TCP_RST.rawValue))
            reject.set(NFTNL_EXPR_REJECT_CODE, UInt8(0))
            unsafe reject.append(to: rule)
        default: fatalError("a statement nobody compiles: \(statement)")
        }
    }
}

extension RuleCompiler {
    private var register: UInt32 { 1 }

    private func load(meta key: UInt32) {
        let load = Expression("meta")
        load.set(NFTNL_EXPR_META_KEY, key)
        load.set(NFTNL_EXPR_META_DREG, register)
        unsafe load.append(to: rule)
    }

    private func load(connection key: UInt32) {
        let load = Expression("ct")
        load.set(NFTNL_EXPR_CT_KEY, key)
        load.set(NFTNL_EXPR_CT_DREG, register)
        unsafe load.append(to: rule)
    }

    private func load(payload base: UInt32, offset: UInt32, byteCount: UInt32, register: UInt32 = 1) {
        let load = Expression("payload")
        load.set(NFTNL_EXPR_PAYLOAD_DREG, register)
        load.set(NFTNL_EXPR_PAYLOAD_BASE, base)
        load.set(NFTNL_EXPR_PAYLOAD_OFFSET, offset)
        load.set(NFTNL_EXPR_PAYLOAD_LEN, byteCount)
        unsafe load.append(to: rule)
    }

    private func loadTCPFlags() {
        load(payload: NFT_PAYLOAD_TRANSPORT_HEADER.rawValue, offset: 13, byteCount: 1)
    }

    private func mask(_ bytes: [UInt8]) {
        let bitwise = Expression("bitwise")
        bitwise.set(NFTNL_EXPR_BITWISE_SREG, register)
        bitwise.set(NFTNL_EXPR_BITWISE_DREG, register)
        bitwise.set(NFTNL_EXPR_BITWISE_LEN, UInt32(bytes.count))
        bitwise.set(NFTNL_EXPR_BITWISE_MASK, bytes)
        bitwise.set(NFTNL_EXPR_BITWISE_XOR, [UInt8](repeating: 0, count: bytes.count))
        unsafe bitwise.append(to: rule)
    }

    private func compare(_ bytes: [UInt8], isEqual: Bool = true) {
        let comparison = Expression("cmp")
        comparison.set(NFTNL_EXPR_CMP_SREG, register)
        comparison.set(NFTNL_EXPR_CMP_OP, UInt32(isEqual ? NFT_CMP_EQ.rawValue : NFT_CMP_NEQ.rawValue))
        comparison.set(NFTNL_EXPR_CMP_DATA, bytes)
        unsafe comparison.append(to: rule)
    }

    /// - Returns: the register after the address.
    private func load(_ address: Statement.Key.Address, _ family: ElementSet.Family) -> UInt32 {
        let isV4 = family == .v4
        let width: UInt32 = isV4 ? 4 : 16
        let start: UInt32 = isV4 ? 12 : 8
        let offset = address == .source ? start : start + width
        load(payload: NFT_PAYLOAD_NETWORK_HEADER.rawValue, offset: offset, byteCount: width)
        return isV4 ? 9 : 2
    }

    /// The reqid is kept in host order, and looked up in network order, as `nft` does in a set of ranges.
    private func lookUpState(_ family: ElementSet.Family, in set: String, isIn: Bool) {
        let second = load(.source, family)
        let state = Expression("xfrm")
        state.set(NFTNL_EXPR_XFRM_DREG, second)
        state.set(NFTNL_EXPR_XFRM_KEY, UInt32(NFT_XFRM_KEY_REQID.rawValue))
        // XFRM_POLICY_IN; the state that was applied last, of a tunnel the only one.
        state.set(NFTNL_EXPR_XFRM_DIR, UInt8(0))
        state.set(NFTNL_EXPR_XFRM_SPNUM, UInt32(0))
        unsafe state.append(to: rule)
        let order = Expression("byteorder")
        order.set(NFTNL_EXPR_BYTEORDER_SREG, second)
        order.set(NFTNL_EXPR_BYTEORDER_DREG, second)
        order.set(NFTNL_EXPR_BYTEORDER_OP, UInt32(NFT_BYTEORDER_HTON.rawValue))
        order.set(NFTNL_EXPR_BYTEORDER_LEN, UInt32(4))
        order.set(NFTNL_EXPR_BYTEORDER_SIZE, UInt32(4))
        unsafe order.append(to: rule)
        let lookup = Expression("lookup")
        lookup.set(NFTNL_EXPR_LOOKUP_SREG, register)
        lookup.set(NFTNL_EXPR_LOOKUP_SET, set)
        lookup.set(NFTNL_EXPR_LOOKUP_FLAGS, isIn ? UInt32(0) : UInt32(NFT_LOOKUP_F_INV.rawValue))
        unsafe lookup.append(to: rule)
    }

    private func look(up key: Statement.Key, in set: String, yieldsMark: Bool) {
        let second = load(key.address, key.family)
        if let port = key.port {
            let base = NFT_PAYLOAD_TRANSPORT_HEADER.rawValue
            load(payload: base, offset: port.rawValue, byteCount: 2, register: second)
        } else {
            let load = Expression("meta")
            load.set(NFTNL_EXPR_META_KEY, NFT_META_L4PROTO.rawValue)
            load.set(NFTNL_EXPR_META_DREG, second)
            unsafe load.append(to: rule)
        }
        let lookup = Expression("lookup")
        lookup.set(NFTNL_EXPR_LOOKUP_SREG, register)
        lookup.set(NFTNL_EXPR_LOOKUP_SET, set)
        if yieldsMark { lookup.set(NFTNL_EXPR_LOOKUP_DREG, register) }
        // Said although it is the default: the kernel says it when it is asked what it holds.
        lookup.set(NFTNL_EXPR_LOOKUP_FLAGS, UInt32(0))
        unsafe lookup.append(to: rule)
    }

    private func storeMark() {
        let store = Expression("ct")
        store.set(NFTNL_EXPR_CT_KEY, NFT_CT_MARK.rawValue)
        store.set(NFTNL_EXPR_CT_SREG, register)
        unsafe store.append(to: rule)
    }

    private func verdict(_ code: UInt32, chain: String? = nil) {
        let verdict = Expression("immediate")
        verdict.set(NFTNL_EXPR_IMM_DREG, UInt32(NFT_REG_VERDICT.rawValue))
        verdict.set(NFTNL_EXPR_IMM_VERDICT, code)
        if let chain { verdict.set(NFTNL_EXPR_IMM_CHAIN, chain) }
        unsafe verdict.append(to: rule)
    }

    /// As the kernel keeps interface names: 16 bytes, zero filled.
    private func interfaceName(_ name: String) -> [UInt8] {
        invariant((1...15).contains(name.utf8.count), "an interface name the kernel cannot hold")
        return Array(name.utf8) + [UInt8](repeating: 0, count: 16 - name.utf8.count)
    }
}
