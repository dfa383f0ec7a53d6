// SPDX-License-Identifier: Apache-2.0
internal import Base

/// The names by which a sender could speak for somebody else, or ask for something other than it seems to.
///
/// What stands behind the gateway believes them, so no inbound copy is ever passed on. Families are
/// matched by prefix: a member nobody has thought of yet is dropped, too.
extension FoldedName {
    /// False for names that begin with none of the families' letters: most leave here.
    @inline(__always)
    var mayBeIdentity: Bool {
        switch UInt8(truncatingIfNeeded: first) {
        case UInt8(ascii: "c"), UInt8(ascii: "f"), UInt8(ascii: "p"), UInt8(ascii: "r"), UInt8(ascii: "s"),
            UInt8(ascii: "t"), UInt8(ascii: "x"):
            true
        default: false
        }
    }

    @inline(never)
    var isIdentity: Bool {
        // Ours, and the client's certificate (RFC 9440) in its many spellings.
        if begins("x-eig-") || begins("client-c", "ert") || begins("x-client", "-cert") { return true }
        if begins("x-client", "-verify") || begins("x-client", "-dn") || begins("x-client", "-ip") { return true }
        if begins("x-ssl-") || begins("x-tls-") || begins("ssl-clie", "nt") { return true }
        if begins("x-amzn-m", "tls") { return true }
        // Where it came from (RFC 7239 and what preceded it).
        if equals("forwarde", "d") || begins("x-forwar", "ded") || equals("x-real-i", "p") { return true }
        if equals("true-cli", "ent-ip") || begins("x-cluste", "r-client") { return true }
        if equals("cf-conne", "cting-ip") { return true }
        if begins("x-envoy-") || begins("x-remote", "-") || begins("remote-") { return true }
        // Who it says has been authenticated already.
        if begins("x-authen", "ticated") || begins("x-auth-r", "equest") { return true }
        // What else it asks for: another URL, host or method, or a proxy for the backend's own calls.
        if begins("x-origin", "al-") || begins("x-rewrit", "e-") || equals("x-host") || equals("proxy") { return true }
        return begins("x-http-m", "ethod") || begins("x-method", "-overri")
    }

    private func begins(_ head: ASCIIWord) -> Bool { first & head.mask == head.bits }

    private func begins(_ head: ASCIIWord, _ rest: ASCIIWord) -> Bool {
        first & head.mask == head.bits && second & rest.mask == rest.bits
    }
}
