// SPDX-License-Identifier: Apache-2.0
internal import Base

extension KnownField {
    /// The field with exactly this name, or the family it belongs to.
    init(_ name: FoldedName) {
        self = name.count <= 16 ? FieldNames.shared.field(name.padded) : Self.longer(name)
        if self == .other, name.isIdentity { self = .identity }
    }

    @inline(never)
    private static func longer(_ name: FoldedName) -> KnownField {
        let (first, second, last) = (name.first, name.second, name.last)
        switch name.count {
        case 17:
            if first == "transfer", second == "-encodin", last == "encoding" { return .transferEncoding }
            if first == "webhook-", second == "timestam", last == "imestamp" { return .webhookTimestamp }
            if first == "webhook-", second == "signatur", last == "ignature" { return .webhookSignature }
        case 18:
            if first == "proxy-au", second == "thentica", last == "enticate" { return .proxyAuthenticate }
            if first == "fspiop-d", second == "estinati", last == "tination" { return .fspiopDestination }
            if first == "fspiop-h", second == "ttp-meth", last == "p-method" { return .fspiopHTTPMethod }
        case 19:
            if first == "proxy-au", second == "thorizat", last == "rization" { return .proxyAuthorization }
            if first == "x-user-c", second == "redentia", last == "ential-1" { return .xUserCredential1 }
            if first == "x-user-c", second == "redentia", last == "ential-2" { return .xUserCredential2 }
        default: break
        }
        return .other
    }
}
