// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CNetfilter

// One owner for each libnftnl object that describes something of ours. All of them are filled in,
// written to one message and dropped; none is kept.

extension Table.Ownership {
    var flags: UInt32 {
        switch self {
        case .anyone: 0
        case .owner: NFT_TABLE_F_OWNER.rawValue
        case .ownerThenAnyone: NFT_TABLE_F_OWNER.rawValue | UInt32(CNETFILTER_TABLE_PERSIST)
        }
    }

    /// A table that persists is one somebody owned, whether its owner is still there or not.
    init(flags: UInt32) {
        if flags & UInt32(CNETFILTER_TABLE_PERSIST) != 0 {
            self = .ownerThenAnyone
        } else {
            self = flags & NFT_TABLE_F_OWNER.rawValue == 0 ? .anyone : .owner
        }
    }
}

@safe struct TableHandle: ~Copyable {
    let raw: OpaquePointer

    init() {
        guard let raw = unsafe nftnl_table_alloc() else { fatalError("out of memory") }
        unsafe self.raw = raw
    }

    init(name: String) {
        self.init()
        invariant(unsafe nftnl_table_set_str(raw, UInt16(NFTNL_TABLE_NAME.rawValue), name) == 0, "out of memory")
    }

    deinit { unsafe nftnl_table_free(raw) }

    func set(flags: UInt32) { unsafe nftnl_table_set_u32(raw, UInt16(NFTNL_TABLE_FLAGS.rawValue), flags) }

    func write(to header: UnsafeMutablePointer<nlmsghdr>) { unsafe nftnl_table_nlmsg_build_payload(header, raw) }
}

@safe struct ChainHandle: ~Copyable {
    let raw: OpaquePointer

    init() {
        guard let raw = unsafe nftnl_chain_alloc() else { fatalError("out of memory") }
        unsafe self.raw = raw
    }

    init(_ chain: Chain, table: String) {
        self.init()
        set(NFTNL_CHAIN_TABLE, table)
        set(NFTNL_CHAIN_NAME, chain.name)
        guard let hook = chain.hook else { return }
        set(NFTNL_CHAIN_TYPE, "filter")
        unsafe nftnl_chain_set_u32(raw, UInt16(NFTNL_CHAIN_HOOKNUM.rawValue), hook.point.rawValue)
        unsafe nftnl_chain_set_s32(raw, UInt16(NFTNL_CHAIN_PRIO.rawValue), hook.priority)
        unsafe nftnl_chain_set_u32(raw, UInt16(NFTNL_CHAIN_POLICY.rawValue), hook.dropsByDefault ? 0 : 1)
    }

    deinit { unsafe nftnl_chain_free(raw) }

    private func set(_ attribute: nftnl_chain_attr, _ text: String) {
        invariant(unsafe nftnl_chain_set_str(raw, UInt16(attribute.rawValue), text) == 0, "out of memory")
    }

    func write(to header: UnsafeMutablePointer<nlmsghdr>) { unsafe nftnl_chain_nlmsg_build_payload(header, raw) }
}

@safe struct RuleHandle: ~Copyable {
    let raw: OpaquePointer

    init() {
        guard let raw = unsafe nftnl_rule_alloc() else { fatalError("out of memory") }
        unsafe self.raw = raw
    }

    /// Every rule of one chain, or of the whole table.
    init(chain: String?, table: String) {
        self.init()
        set(NFTNL_RULE_TABLE, table)
        if let chain { set(NFTNL_RULE_CHAIN, chain) }
    }

    init(_ rule: Rule, chain: String, table: String) {
        self.init(chain: chain, table: table)
        let compiler = unsafe RuleCompiler(into: raw)
        for statement in rule.statements { compiler.append(statement) }
        let comment = userComment(rule.comment, type: UInt8(NFTNL_UDATA_RULE_COMMENT.rawValue))
        unsafe comment.withUnsafeBytes { bytes in
            _ = unsafe nftnl_rule_set_data(
                raw,
                UInt16(NFTNL_RULE_USERDATA.rawValue),
                bytes.baseAddress,
                UInt32(bytes.count)
            )
        }
    }

    deinit { unsafe nftnl_rule_free(raw) }

    private func set(_ attribute: nftnl_rule_attr, _ text: String) {
        invariant(unsafe nftnl_rule_set_str(raw, UInt16(attribute.rawValue), text) == 0, "out of memory")
    }

    func write(to header: UnsafeMutablePointer<nlmsghdr>) { unsafe nftnl_rule_nlmsg_build_payload(header, raw) }

    /// The expressions as libnftnl writes them, one a line; equal rules give equal text.
    ///
    /// Nothing in it changes with traffic: our rules count in named objects.
    var text: [String] {
        guard let iterator = unsafe nftnl_expr_iter_create(raw) else { fatalError("out of memory") }
        defer { unsafe nftnl_expr_iter_destroy(iterator) }
        var lines: [String] = []
        while let expression = unsafe nftnl_expr_iter_next(iterator) {
            // SAFETY: snprintf writes at most the given size, NUL included.
            let line = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
                unsafe buffer.initialize(repeating: 0)
                unsafe nftnl_expr_snprintf(buffer.baseAddress, buffer.count, expression, 0, 0)
                return unsafe buffer.baseAddress.map { unsafe String(cString: $0) } ?? ""
            }
            let name = unsafe nftnl_expr_get_str(expression, UInt16(NFTNL_EXPR_NAME)).map { unsafe String(cString: $0) }
            lines.append("\(name ?? "?") \(line)")
        }
        return lines
    }
}

/// A comment as `nft` keeps it in user data: type, length, text and a NUL.
func userComment(_ text: String, type: UInt8) -> [UInt8] {
    let bytes = Array(text.utf8.prefix(126)) + [0]
    return [type, UInt8(bytes.count)] + bytes
}
