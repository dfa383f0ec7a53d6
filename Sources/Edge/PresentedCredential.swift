// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP
internal import Partners
internal import TLS

/// The user name and password a request brought, normalised as its scheme says.
///
/// Never logged, and gone with the request.
struct PresentedCredential {
    let user: [UInt8]
    let password: [UInt8]
    private let foldsUser: Bool

    /// Nothing when the request has no such fields, or they are not well-formed.
    init?(_ scheme: CredentialRule.Scheme, head: borrowing RequestHead, bytes: Span<UInt8>) {
        switch scheme {
        case .none: return nil
        case .basic:
            guard let field = head.fields.first(.authorization), let pair = Self.basic(bytes[field]) else { return nil }
            (user, password) = pair
            foldsUser = false
        case .terrapay:
            guard let name = head.fields.first(.xUsername), let word = head.fields.first(.xPassword),
                !name.isEmpty, word.count == 64
            else { return nil }
            // Both are case-insensitive; the file holds the hash of the lower-case digits.
            user = Self.folded(bytes[name])
            password = Self.folded(bytes[word])
            foldsUser = true
        }
    }

    func isUser(_ name: String) -> Bool {
        constantTimeEquals(user, foldsUser ? Array(name.lowercased().utf8) : Array(name.utf8))
    }

    /// `Basic` and the base 64 of `user:password` (RFC 7617 §2).
    private static func basic(_ value: Span<UInt8>) -> ([UInt8], [UInt8])? {
        let prefix: [UInt8] = Array("basic ".utf8)
        guard value.count > prefix.count, value.extracting(0..<prefix.count).equalsFolded(prefix.span),
            let pair = Base64.decode(String(value.extracting(prefix.count..<value.count))),
            let colon = pair.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        return (Array(pair[..<colon]), Array(pair[(colon + 1)...]))
    }

    private static func folded(_ value: Span<UInt8>) -> [UInt8] {
        Array(value).map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}
