// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CNetfilter

extension NetfilterSocket {
    package mutating func read(_ table: String, sets: [ElementSet]) throws(NetfilterFailure) -> TableState? {
        guard var state = try readTable(table) else { return nil }
        state.counters = try readCounters(of: table)
        state.sets = try readSets(of: table)
        state.chains = try readChains(of: table)
        for (chain, text) in try readRules(of: table) { state.chains[chain]?.rules.append(text) }
        for set in sets where state.sets[set.name] == .some(set) {
            state.elements[set.name] = try readElements(of: set, in: table)
        }
        return state
    }

    package mutating func foreignChains(besides tables: Set<String>) throws(NetfilterFailure) -> [ForeignChain] {
        unsafe try dump(NFT_MSG_GETCHAIN.rawValue, subject: "list chains", startingWith: []) { header in
            unsafe setFamily(0, in: header)
        } take: { (header, found: inout [ForeignChain]) throws(NetfilterFailure) in
            let chain = ChainHandle()
            guard unsafe nftnl_chain_nlmsg_parse(header, chain.raw) == 0 else {
                throw NetfilterFailure(.malformed, subject: "list chains")
            }
            guard unsafe nftnl_chain_is_set(chain.raw, UInt16(NFTNL_CHAIN_HOOKNUM.rawValue)) else { return }
            let table = chain.text(NFTNL_CHAIN_TABLE)
            let family = unsafe UInt8(
                truncatingIfNeeded: nftnl_chain_get_u32(chain.raw, UInt16(NFTNL_CHAIN_FAMILY.rawValue))
            )
            guard family != 1 || !tables.contains(table) else { return }
            found.append(ForeignChain(table: table, chain: chain.text(NFTNL_CHAIN_NAME), family: family))
        }
    }

    package func text(of rule: Rule) -> [String] { RuleHandle(rule, chain: "-", table: "-").text }

    private mutating func readTable(_ name: String) throws(NetfilterFailure) -> TableState? {
        let portID = socket.portID
        var state: TableState?
        do throws(NetfilterFailure) {
            unsafe try ask(NFT_MSG_GETTABLE.rawValue, flags: 0, subject: "read table inet \(name)") { header in
                unsafe TableHandle(name: name).write(to: header)
            } take: { header throws(NetfilterFailure) in
                let table = TableHandle()
                guard unsafe nftnl_table_nlmsg_parse(header, table.raw) == 0 else {
                    throw NetfilterFailure(.malformed, subject: "read table inet \(name)")
                }
                let flags = unsafe nftnl_table_get_u32(table.raw, UInt16(NFTNL_TABLE_FLAGS.rawValue))
                let owner = unsafe nftnl_table_get_u32(table.raw, UInt16(NFTNL_TABLE_OWNER.rawValue))
                let ownership = Table.Ownership(flags: flags)
                let isOwned = flags & NFT_TABLE_F_OWNER.rawValue != 0
                let holder: TableState.Holder =
                    isOwned ? (owner == portID ? .us : .another) : (ownership == .anyone ? .anyone : .nobody)
                state = TableState(ownership: ownership, holder: holder)
                return true
            }
        } catch {
            guard error.reason == .system(2) else { throw error }
            return nil
        }
        return state
    }

    private mutating func readCounters(of table: String) throws(NetfilterFailure) -> [String: Tally] {
        let subject = "read the counters of \(table)"
        return unsafe try dump(NFT_MSG_GETOBJ.rawValue, subject: subject, startingWith: [:]) { header in
            guard let filter = unsafe nftnl_obj_alloc() else { fatalError("out of memory") }
            defer { unsafe nftnl_obj_free(filter) }
            unsafe nftnl_obj_set_str(filter, UInt16(NFTNL_OBJ_TABLE), table)
            unsafe nftnl_obj_set_u32(filter, UInt16(NFTNL_OBJ_TYPE), UInt32(NFT_OBJECT_COUNTER))
            unsafe nftnl_obj_nlmsg_build_payload(header, filter)
        } take: { (header, found: inout [String: Tally]) throws(NetfilterFailure) in
            guard let object = unsafe nftnl_obj_alloc() else { fatalError("out of memory") }
            defer { unsafe nftnl_obj_free(object) }
            guard unsafe nftnl_obj_nlmsg_parse(header, object) == 0,
                let name = unsafe nftnl_obj_get_str(object, UInt16(NFTNL_OBJ_NAME))
            else { throw NetfilterFailure(.malformed, subject: subject) }
            unsafe found[String(cString: name)] = Tally(
                packets: nftnl_obj_get_u64(object, UInt16(NFTNL_OBJ_CTR_PKTS)),
                bytes: nftnl_obj_get_u64(object, UInt16(NFTNL_OBJ_CTR_BYTES))
            )
        }
    }

    private mutating func readSets(of table: String) throws(NetfilterFailure) -> [String: ElementSet?] {
        let subject = "list the sets of \(table)"
        return unsafe try dump(NFT_MSG_GETSET.rawValue, subject: subject, startingWith: [:]) { header in
            let filter = SetHandle()
            unsafe nftnl_set_set_str(filter.raw, UInt16(NFTNL_SET_TABLE.rawValue), table)
            unsafe filter.write(to: header)
        } take: { (header, found: inout [String: ElementSet?]) throws(NetfilterFailure) in
            let set = SetHandle()
            guard unsafe nftnl_set_nlmsg_parse(header, set.raw) == 0,
                let name = unsafe nftnl_set_get_str(set.raw, UInt16(NFTNL_SET_NAME.rawValue))
            else { throw NetfilterFailure(.malformed, subject: subject) }
            let text = unsafe String(cString: name)
            found[text] = .some(set.definition(named: text))
        }
    }

    private mutating func readChains(of table: String) throws(NetfilterFailure) -> [String: TableState.ChainState] {
        let subject = "list the chains of \(table)"
        return unsafe try dump(NFT_MSG_GETCHAIN.rawValue, subject: subject, startingWith: [:]) { header in
            unsafe setFamily(1, in: header)
        } take: { (header, found: inout [String: TableState.ChainState]) throws(NetfilterFailure) in
            let chain = ChainHandle()
            guard unsafe nftnl_chain_nlmsg_parse(header, chain.raw) == 0 else {
                throw NetfilterFailure(.malformed, subject: subject)
            }
            guard chain.text(NFTNL_CHAIN_TABLE) == table else { return }
            found[chain.text(NFTNL_CHAIN_NAME)] = TableState.ChainState(hook: chain.hook, rules: [])
        }
    }

    private mutating func readRules(of table: String) throws(NetfilterFailure) -> [(chain: String, text: [String])] {
        let subject = "read the rules of \(table)"
        return unsafe try dump(NFT_MSG_GETRULE.rawValue, subject: subject, startingWith: []) { header in
            unsafe RuleHandle(chain: nil, table: table).write(to: header)
        } take: { (header, found: inout [(chain: String, text: [String])]) throws(NetfilterFailure) in
            let rule = RuleHandle()
            guard unsafe nftnl_rule_nlmsg_parse(header, rule.raw) == 0,
                let chain = unsafe nftnl_rule_get_str(rule.raw, UInt16(NFTNL_RULE_CHAIN.rawValue))
            else { throw NetfilterFailure(.malformed, subject: subject) }
            found.append((unsafe String(cString: chain), rule.text))
        }
    }

    private mutating func readElements(
        of set: ElementSet,
        in table: String
    ) throws(NetfilterFailure) -> [Element: Tally] {
        let subject = "read set \(set.name)"
        return unsafe try dump(NFT_MSG_GETSETELEM.rawValue, subject: subject, startingWith: [:]) { header in
            unsafe SetHandle(name: set.name, table: table).writeElements(to: header)
        } take: { (header, found: inout [Element: Tally]) throws(NetfilterFailure) in
            let handle = SetHandle()
            guard unsafe nftnl_set_elems_nlmsg_parse(header, handle.raw) == 0,
                let elements = handle.elements(of: set)
            else { throw NetfilterFailure(.malformed, subject: subject) }
            for (element, tally) in elements { found[element] = tally }
        }
    }
}

/// Overwrites the family libnftnl put into the nfgenmsg that follows the header.
private func setFamily(_ family: UInt8, in header: UnsafeMutablePointer<nlmsghdr>) {
    // SAFETY: every nf_tables message starts with a nfgenmsg, whose first byte is the family.
    unsafe mnl_nlmsg_get_payload(header)?.storeBytes(of: family, as: UInt8.self)
}

extension ChainHandle {
    fileprivate func text(_ attribute: nftnl_chain_attr) -> String {
        unsafe nftnl_chain_get_str(raw, UInt16(attribute.rawValue)).map { unsafe String(cString: $0) } ?? ""
    }

    fileprivate var hook: Chain.Hook? {
        guard unsafe nftnl_chain_is_set(raw, UInt16(NFTNL_CHAIN_HOOKNUM.rawValue)) else { return nil }
        let number = unsafe nftnl_chain_get_u32(raw, UInt16(NFTNL_CHAIN_HOOKNUM.rawValue))
        guard let point = Chain.Hook.Point(rawValue: number) else { return nil }
        return Chain.Hook(
            point,
            priority: unsafe nftnl_chain_get_s32(raw, UInt16(NFTNL_CHAIN_PRIO.rawValue)),
            dropsByDefault: unsafe nftnl_chain_get_u32(raw, UInt16(NFTNL_CHAIN_POLICY.rawValue)) == 0
        )
    }
}
