// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CNetfilter

/// Writes changes as nf_tables messages, one change to a message, so that an error names its change.
@safe struct MessageWriter: ~Copyable {
    /// All messages so far, as they go to the kernel.
    private(set) var bytes: [UInt8] = []
    private let scratch: UnsafeMutablePointer<CChar>
    /// No message of ours comes near it.
    private static let scratchByteCount = 1 << 16

    init() { unsafe scratch = .allocate(capacity: Self.scratchByteCount) }

    deinit { unsafe scratch.deallocate() }

    private static let family = UInt16(1)  // NFPROTO_INET

    /// Appends one message of family `inet`.
    mutating func append(
        _ type: UInt32,
        flags: Int32 = 0,
        sequence: UInt32,
        _ payload: (UnsafeMutablePointer<nlmsghdr>) -> Void
    ) {
        guard
            let header = unsafe nftnl_nlmsg_build_hdr(
                scratch,
                UInt16(type),
                Self.family,
                UInt16(NLM_F_REQUEST | flags),
                sequence
            )
        else { fatalError("out of memory") }
        unsafe payload(header)
        takeMessage(byteCount: Int(unsafe header.pointee.nlmsg_len))
    }

    private mutating func takeMessage(byteCount: Int) {
        invariant(byteCount <= Self.scratchByteCount, "a netlink message past its scratch")
        // SAFETY: libmnl wrote `byteCount` bytes from the start of the scratch block.
        let message = unsafe UnsafeRawBufferPointer(start: scratch, count: byteCount)
        unsafe bytes.append(contentsOf: message)
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    /// Opens a batch; the kernel refuses it when its ruleset is not of `generation` any more.
    mutating func begin(sequence: UInt32, generation: UInt32?) {
        guard let header = unsafe nftnl_batch_begin(scratch, sequence) else { fatalError("out of memory") }
        if let generation {
            unsafe mnl_attr_put_u32(header, UInt16(NFNL_BATCH_GENID.rawValue), generation.bigEndian)
        }
        takeMessage(byteCount: Int(unsafe header.pointee.nlmsg_len))
    }

    mutating func end(sequence: UInt32) {
        guard let header = unsafe nftnl_batch_end(scratch, sequence) else { fatalError("out of memory") }
        takeMessage(byteCount: Int(unsafe header.pointee.nlmsg_len))
    }

    /// - Parameter flags: added to those the change itself needs.
    mutating func append(_ change: Change, flags: Int32, sequence: UInt32) {
        switch change {
        case .createTable(let name, let ownership):
            unsafe append(NFT_MSG_NEWTABLE.rawValue, flags: flags | NLM_F_CREATE, sequence: sequence) { header in
                let table = TableHandle(name: name)
                table.set(flags: ownership.flags)
                unsafe table.write(to: header)
            }
        case .deleteTable(let name):
            unsafe append(NFT_MSG_DELTABLE.rawValue, flags: flags, sequence: sequence) { header in
                unsafe TableHandle(name: name).write(to: header)
            }
        case .createCounter(let name, let table):
            unsafe append(NFT_MSG_NEWOBJ.rawValue, flags: flags | NLM_F_CREATE | NLM_F_EXCL, sequence: sequence) {
                header in
                unsafe Self.writeCounter(name, table: table, to: header)
            }
        case .createSet(let set, let table):
            unsafe append(NFT_MSG_NEWSET.rawValue, flags: flags | NLM_F_CREATE | NLM_F_EXCL, sequence: sequence) {
                header in
                unsafe SetHandle(defining: set, table: table, id: sequence).write(to: header)
            }
        case .createChain(let chain, let table):
            unsafe append(NFT_MSG_NEWCHAIN.rawValue, flags: flags | NLM_F_CREATE, sequence: sequence) { header in
                unsafe ChainHandle(chain, table: table).write(to: header)
            }
        case .clearRules(let chain, let table):
            unsafe append(NFT_MSG_DELRULE.rawValue, flags: flags, sequence: sequence) { header in
                unsafe RuleHandle(chain: chain, table: table).write(to: header)
            }
        case .appendRule(let rule, let chain, let table):
            unsafe append(NFT_MSG_NEWRULE.rawValue, flags: flags | NLM_F_CREATE | NLM_F_APPEND, sequence: sequence) {
                header in
                unsafe RuleHandle(rule, chain: chain, table: table).write(to: header)
            }
        case .add(let element, let comment, let set, let table):
            unsafe append(NFT_MSG_NEWSETELEM.rawValue, flags: flags | NLM_F_CREATE | NLM_F_EXCL, sequence: sequence) {
                header in
                let handle = SetHandle(name: set.name, table: table)
                handle.append(element, of: set, comment: comment)
                unsafe handle.writeElements(to: header)
            }
        case .remove(let element, let set, let table):
            unsafe append(NFT_MSG_DELSETELEM.rawValue, flags: flags, sequence: sequence) { header in
                let handle = SetHandle(name: set.name, table: table)
                handle.append(element.withoutMark, of: set, comment: "")
                unsafe handle.writeElements(to: header)
            }
        }
    }

    private static func writeCounter(_ name: String, table: String, to header: UnsafeMutablePointer<nlmsghdr>) {
        guard let object = unsafe nftnl_obj_alloc() else { fatalError("out of memory") }
        defer { unsafe nftnl_obj_free(object) }
        unsafe nftnl_obj_set_str(object, UInt16(NFTNL_OBJ_TABLE), table)
        unsafe nftnl_obj_set_str(object, UInt16(NFTNL_OBJ_NAME), name)
        unsafe nftnl_obj_set_u32(object, UInt16(NFTNL_OBJ_TYPE), UInt32(NFT_OBJECT_COUNTER))
        unsafe nftnl_obj_set_u64(object, UInt16(NFTNL_OBJ_CTR_PKTS), 0)
        unsafe nftnl_obj_set_u64(object, UInt16(NFTNL_OBJ_CTR_BYTES), 0)
        unsafe nftnl_obj_nlmsg_build_payload(header, object)
    }
}

extension Element {
    fileprivate var withoutMark: Element {
        var element = self
        element.mark = nil
        return element
    }
}
