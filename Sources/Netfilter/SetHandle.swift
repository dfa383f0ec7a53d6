// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CNetfilter

/// One set, or some elements of one, on the way to or from the kernel.
@safe struct SetHandle: ~Copyable {
    let raw: OpaquePointer

    init() {
        guard let raw = unsafe nftnl_set_alloc() else { fatalError("out of memory") }
        unsafe self.raw = raw
    }

    init(name: String, table: String) {
        self.init()
        set(NFTNL_SET_TABLE, table)
        set(NFTNL_SET_NAME, name)
    }

    /// - Parameter id: names the set inside its batch.
    init(defining definition: ElementSet, table: String, id: UInt32) {
        self.init(name: definition.name, table: table)
        set(NFTNL_SET_FLAGS, definition.flags)
        set(NFTNL_SET_KEY_TYPE, definition.keyType)
        set(NFTNL_SET_KEY_LEN, UInt32(definition.addressByteCount + 4))
        set(NFTNL_SET_ID, id)
        let fields = [UInt8(definition.addressByteCount), UInt8(definition.companion.byteCount)]
        unsafe fields.withUnsafeBytes { bytes in
            _ = unsafe nftnl_set_set_data(
                raw,
                UInt16(NFTNL_SET_DESC_CONCAT.rawValue),
                bytes.baseAddress,
                UInt32(bytes.count)
            )
        }
        if definition.isMap {
            set(NFTNL_SET_DATA_TYPE, ElementSet.markType)
            set(NFTNL_SET_DATA_LEN, 4)
            // For `nft list` only: without it the marks are shown with their bytes reversed.
            let hostOrder = [UInt8(NFTNL_UDATA_SET_DATABYTEORDER.rawValue), 4] + UInt32(1).hostBytes
            unsafe hostOrder.withUnsafeBytes { bytes in
                _ = unsafe nftnl_set_set_data(
                    raw,
                    UInt16(NFTNL_SET_USERDATA.rawValue),
                    bytes.baseAddress,
                    UInt32(bytes.count)
                )
            }
        }
        unsafe Expression("counter").append(toSet: raw)
    }

    deinit { unsafe nftnl_set_free(raw) }

    private func set(_ attribute: nftnl_set_attr, _ text: String) {
        invariant(unsafe nftnl_set_set_str(raw, UInt16(attribute.rawValue), text) == 0, "out of memory")
    }

    private func set(_ attribute: nftnl_set_attr, _ value: UInt32) {
        unsafe nftnl_set_set_u32(raw, UInt16(attribute.rawValue), value)
    }

    func write(to header: UnsafeMutablePointer<nlmsghdr>) { unsafe nftnl_set_nlmsg_build_payload(header, raw) }

    func writeElements(to header: UnsafeMutablePointer<nlmsghdr>) {
        unsafe nftnl_set_elems_nlmsg_build_payload(header, raw)
    }

    /// Adds one element of a set of this shape, with its label for `nft list`.
    func append(_ element: Element, of definition: ElementSet, comment: String) {
        guard let item = unsafe nftnl_set_elem_alloc() else { fatalError("out of memory") }
        unsafe Self.set(item, NFTNL_SET_ELEM_KEY, definition.key(element.first, element.companion.lowerBound))
        unsafe Self.set(item, NFTNL_SET_ELEM_KEY_END, definition.key(element.last, element.companion.upperBound))
        if let mark = element.mark { unsafe Self.set(item, NFTNL_SET_ELEM_DATA, mark.hostBytes) }
        if !comment.isEmpty {
            let label = userComment(comment, type: UInt8(NFTNL_UDATA_SET_ELEM_COMMENT.rawValue))
            unsafe Self.set(item, NFTNL_SET_ELEM_USERDATA, label)
        }
        // SAFETY: the set takes the element over and frees it.
        unsafe nftnl_set_elem_add(raw, item)
    }

    private static func set(_ item: OpaquePointer, _ attribute: Int, _ bytes: [UInt8]) {
        let status = unsafe bytes.withUnsafeBytes { bytes in
            unsafe nftnl_set_elem_set(item, UInt16(attribute), bytes.baseAddress, UInt32(bytes.count))
        }
        invariant(status == 0, "out of memory")
    }
}

extension SetHandle {
    /// The shape of a set as the kernel has it; nothing when we never make such a set.
    func definition(named name: String) -> ElementSet? {
        let flags = unsafe nftnl_set_get_u32(raw, UInt16(NFTNL_SET_FLAGS.rawValue))
        let keyType = unsafe nftnl_set_get_u32(raw, UInt16(NFTNL_SET_KEY_TYPE.rawValue))
        for family in ElementSet.Family.allCases {
            for companion in [ElementSet.Companion.port, .protocolNumber, .reqid] {
                for isMap in [false, true] {
                    let candidate = ElementSet(name, family: family, companion: companion, isMap: isMap)
                    if candidate.flags == flags, candidate.keyType == keyType { return candidate }
                }
            }
        }
        return nil
    }

    /// The elements of a dump message, and what each counted.
    ///
    /// - Returns: nothing when one of them is not of the shape of `definition`.
    func elements(of definition: ElementSet) -> [(element: Element, tally: Tally)]? {
        guard let iterator = unsafe nftnl_set_elems_iter_create(raw) else { fatalError("out of memory") }
        defer { unsafe nftnl_set_elems_iter_destroy(iterator) }
        var found: [(element: Element, tally: Tally)] = []
        while let item = unsafe nftnl_set_elems_iter_next(iterator) {
            guard let element = unsafe Self.read(item, definition) else { return nil }
            found.append((element, unsafe Self.tally(of: item)))
        }
        return found
    }

    private static func read(_ item: OpaquePointer, _ definition: ElementSet) -> Element? {
        let width = definition.addressByteCount
        guard let low = unsafe bytes(item, NFTNL_SET_ELEM_KEY), low.count >= width + 4 else { return nil }
        let high = unsafe bytes(item, NFTNL_SET_ELEM_KEY_END) ?? low
        guard high.count >= width + 4,
            let first = definition.address(low), let last = definition.address(high), first <= last,
            let lower = definition.companion.value(low[width...]),
            let upper = definition.companion.value(high[width...]), lower <= upper
        else { return nil }
        var mark: UInt32?
        if definition.isMap {
            guard let value = unsafe bytes(item, NFTNL_SET_ELEM_DATA), value.count == 4 else { return nil }
            mark = value.reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        return Element(first: first, last: last, companion: lower...upper, mark: mark)
    }

    private static func bytes(_ item: OpaquePointer, _ attribute: Int) -> [UInt8]? {
        guard unsafe nftnl_set_elem_is_set(item, UInt16(attribute)) else { return nil }
        var byteCount: UInt32 = 0
        guard let start = unsafe nftnl_set_elem_get(item, UInt16(attribute), &byteCount) else { return nil }
        // SAFETY: libnftnl returned this many bytes, valid while the element is.
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(byteCount)))
    }

    private static func tally(of item: OpaquePointer) -> Tally {
        guard unsafe nftnl_set_elem_is_set(item, UInt16(NFTNL_SET_ELEM_EXPR)) else { return Tally() }
        var byteCount: UInt32 = 0
        guard let raw = unsafe nftnl_set_elem_get(item, UInt16(NFTNL_SET_ELEM_EXPR), &byteCount) else { return Tally() }
        // SAFETY: the attribute is the element's own `struct nftnl_expr *`, alive while the element is.
        let expression = OpaquePointer(raw)
        return Tally(
            packets: unsafe nftnl_expr_get_u64(expression, UInt16(NFTNL_EXPR_CTR_PACKETS)),
            bytes: unsafe nftnl_expr_get_u64(expression, UInt16(NFTNL_EXPR_CTR_BYTES))
        )
    }
}

extension ElementSet {
    /// The type numbers of nft's own `datatype.h`, six bits a field: they let `nft list` show the set.
    static let markType: UInt32 = 19
    fileprivate var flags: UInt32 {
        NFT_SET_INTERVAL.rawValue | NFT_SET_CONCAT.rawValue | (isMap ? NFT_SET_MAP.rawValue : 0)
    }

    /// There is no type for a reqid by itself: it is shown as a mark.
    fileprivate var keyType: UInt32 {
        let second: UInt32 =
            switch companion {
            case .port: 13
            case .protocolNumber: 12
            case .reqid: Self.markType
            }
        return (family == .v4 ? 7 : 8) << 6 | second
    }

    fileprivate var addressByteCount: Int { family == .v4 ? 4 : 16 }

    /// Address and companion, each padded to whole 32-bit words.
    fileprivate func key(_ address: IPAddress, _ companion: UInt16) -> [UInt8] {
        switch self.companion {
        case .port: address.bytes + companion.networkBytes + [0, 0]
        case .protocolNumber: address.bytes + [UInt8(truncatingIfNeeded: companion), 0, 0, 0]
        case .reqid: address.bytes + [0, 0] + companion.networkBytes
        }
    }

    /// A v4-mapped address is no address of ours: `IPAddress` would fold it.
    fileprivate func address(_ key: [UInt8]) -> IPAddress? {
        guard let address = IPAddress(bytes: Array(key.prefix(addressByteCount))) else { return nil }
        return address.isV4 == (family == .v4) ? address : nil
    }
}

extension ElementSet.Companion {
    fileprivate var byteCount: Int {
        switch self {
        case .port: 2
        case .protocolNumber: 1
        case .reqid: 4
        }
    }

    fileprivate func value(_ bytes: ArraySlice<UInt8>) -> UInt16? {
        let bytes = Array(bytes)
        guard bytes.count >= 4 else { return nil }
        switch self {
        case .port: return UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        case .protocolNumber: return UInt16(bytes[0])
        case .reqid: return bytes[0] == 0 && bytes[1] == 0 ? UInt16(bytes[2]) << 8 | UInt16(bytes[3]) : nil
        }
    }
}
