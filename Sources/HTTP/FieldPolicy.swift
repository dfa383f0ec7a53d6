// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Which fields go on to the other side, and which end here.
package enum FieldPolicy {
    /// For this connection only (RFC 9110 §7.6.1); the writer of the next head says its own.
    package static var hopByHop: FieldSet {
        @inline(__always)
        get {
            FieldSet().with(.connection).with(.keepAlive).with(.proxyConnection).with(.te).with(.trailer)
                .with(.transferEncoding).with(.upgrade).with(.http2Settings).with(.proxyAuthorization)
                .with(.proxyAuthenticate)
        }
    }

    /// What never goes on: fields for this hop; claims of identity; and what the gateway says anew from what it
    /// has parsed: framing, the expectation it has met itself.
    static var heldBack: FieldSet {
        @inline(__always)
        get { hopByHop.with(.contentLength).with(.expect).with(.identity) }
    }

    @inline(__always)
    package static func isHopByHop(_ known: KnownField) -> Bool { hopByHop.contains(known) }

    /// True for a field that goes on unchanged.
    ///
    /// Not: fields for this hop, also those `Connection` names; framing; claims of identity. `Host` goes on
    /// unless the caller writes its own.
    @inline(__always)
    package static func forwards(_ field: Field, of fields: borrowing FieldTable, in bytes: Span<UInt8>) -> Bool {
        if heldBack.contains(field.known) { return false }
        return !fields.facts.options.contains(.nominates) || !fields.isNominated(field.name, in: bytes)
    }

    /// True for a field of a request that goes on unchanged.
    package static func forwards(_ field: Field, of head: borrowing RequestHead, in bytes: Span<UInt8>) -> Bool {
        forwards(field, of: head.fields, in: bytes)
    }

    /// True for a field of a response that goes back unchanged.
    package static func forwards(_ field: Field, of head: borrowing ResponseHead, in bytes: Span<UInt8>) -> Bool {
        forwards(field, of: head.fields, in: bytes)
    }

    /// What a name means here, in any case, and with `_` read as `-`; for names that did not come
    /// through the parser.
    package static func known(_ name: Span<UInt8>) -> KnownField {
        guard let folded = FoldedName(name, 0..<name.count, isLenient: true) else { return .other }
        return KnownField(folded)
    }

    /// True for a name no inbound message may bring past the gateway, however it is spelled.
    package static func isIdentity(_ name: Span<UInt8>) -> Bool { known(name) == .identity }
}
