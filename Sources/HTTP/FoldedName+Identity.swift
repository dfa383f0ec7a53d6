// SPDX-License-Identifier: Apache-2.0
internal import Base

/// The names by which a sender could speak for somebody else, or ask for something other than it seems to.
///
/// What stands behind the gateway believes them, so no inbound copy is ever passed on. Families are
/// matched by prefix: a member nobody has thought of yet is dropped, too.
extension FoldedName {
    /// False for names that begin with none of the families' letters: most leave here.
    ///
    /// - Parameter letter: the first of the name, in any case.
    @inline(__always)
    static func mayBeIdentity(_ letter: UInt8) -> Bool {
        switch letter | 0x20 {
        case UInt8(ascii: "c"), UInt8(ascii: "f"), UInt8(ascii: "p"), UInt8(ascii: "r"), UInt8(ascii: "s"),
            UInt8(ascii: "t"), UInt8(ascii: "x"):
            true
        default: false
        }
    }

    @inline(never)
    var isIdentity: Bool {
        if first & 0xffff == "x-" { return isIdentityExtension }
        // The client's certificate (RFC 9440) in its many spellings.
        if begins("client-c", "ert") || begins("ssl-clie", "nt") { return true }
        // Where it came from (RFC 7239).
        if equals("forwarde", "d") || equals("true-cli", "ent-ip") || equals("cf-conne", "cting-ip") { return true }
        // Who it says has been authenticated already; a proxy for the backend's own calls.
        return begins("remote-") || equals("proxy")
    }

    /// The same for names that begin with `x-`, by the letter behind it: most of the names there are end here.
    private var isIdentityExtension: Bool {
        switch UInt8(truncatingIfNeeded: first >> 16) {
        case UInt8(ascii: "a"):
            begins("x-amzn-m", "tls") || begins("x-authen", "ticated") || begins("x-auth-r", "equest")
        case UInt8(ascii: "c"):
            begins("x-client", "-cert") || begins("x-client", "-verify") || begins("x-client", "-dn")
                || begins("x-client", "-ip") || begins("x-cluste", "r-client")
        case UInt8(ascii: "e"): begins("x-eig-") || begins("x-envoy-")
        case UInt8(ascii: "f"): begins("x-forwar", "ded")
        // Another URL, host or method than it seems to ask for.
        case UInt8(ascii: "h"): equals("x-host") || begins("x-http-m", "ethod")
        case UInt8(ascii: "m"): begins("x-method", "-overri")
        case UInt8(ascii: "o"): begins("x-origin", "al-")
        case UInt8(ascii: "r"):
            equals("x-real-i", "p") || begins("x-remote", "-") || begins("x-rewrit", "e-")
        case UInt8(ascii: "s"): begins("x-ssl-")
        case UInt8(ascii: "t"): begins("x-tls-")
        default: false
        }
    }

    private func begins(_ head: ASCIIWord) -> Bool { first & head.mask == head.bits }

    private func begins(_ head: ASCIIWord, _ rest: ASCIIWord) -> Bool {
        first & head.mask == head.bits && second & rest.mask == rest.bits
    }
}
