// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CNetfilter

/// A libnftnl expression being filled in, until a rule takes it over.
///
/// Registers follow `nft`: the first 16 bytes are register 1; a field after an IPv4 address goes to the
/// second word of it (9), one after an IPv6 address to register 2.
@safe struct Expression: ~Copyable {
    private let raw: OpaquePointer

    init(_ name: StaticString) {
        // SAFETY: a static string's bytes end in NUL.
        let raw = unsafe UnsafeRawPointer(name.utf8Start).withMemoryRebound(to: CChar.self, capacity: 1) {
            unsafe nftnl_expr_alloc($0)
        }
        guard let raw = unsafe raw else { fatalError("libnftnl knows no expression \(name), or no memory") }
        unsafe self.raw = raw
    }

    deinit { unsafe nftnl_expr_free(raw) }

    func set(_ attribute: Int, _ value: UInt8) { unsafe nftnl_expr_set_u8(raw, UInt16(attribute), value) }
    func set(_ attribute: Int, _ value: UInt16) { unsafe nftnl_expr_set_u16(raw, UInt16(attribute), value) }
    func set(_ attribute: Int, _ value: UInt32) { unsafe nftnl_expr_set_u32(raw, UInt16(attribute), value) }
    func set(_ attribute: Int, _ value: UInt64) { unsafe nftnl_expr_set_u64(raw, UInt16(attribute), value) }

    func set(_ attribute: Int, _ text: String) {
        invariant(unsafe nftnl_expr_set_str(raw, UInt16(attribute), text) == 0, "out of memory")
    }

    func set(_ attribute: Int, _ bytes: [UInt8]) {
        let status = unsafe bytes.withUnsafeBytes { bytes in
            unsafe nftnl_expr_set(raw, UInt16(attribute), bytes.baseAddress, UInt32(bytes.count))
        }
        invariant(status == 0, "out of memory")
    }

    /// Gives the expression to `rule`, which frees it.
    consuming func append(to rule: OpaquePointer) {
        unsafe nftnl_rule_add_expr(rule, raw)
        discard self
    }

    /// Gives the expression to `set`, which frees it and puts a copy in each element.
    consuming func append(toSet set: OpaquePointer) {
        unsafe nftnl_set_add_expr(set, raw)
        discard self
    }
}

extension UInt32 {
    /// As the kernel keeps marks and states in a register: host byte order.
    var hostBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> UInt32($0 * 8)) } }
}

extension UInt16 {
    var hostBytes: [UInt8] { [UInt8(truncatingIfNeeded: self), UInt8(truncatingIfNeeded: self >> 8)] }

    var networkBytes: [UInt8] { [UInt8(truncatingIfNeeded: self >> 8), UInt8(truncatingIfNeeded: self)] }
}
