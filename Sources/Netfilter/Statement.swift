// SPDX-License-Identifier: Apache-2.0

/// One part of a rule; a match that fails ends the rule there (nft(8)).
///
/// Only what our tables say: this is not a general nftables library.
package enum Statement: Hashable, Sendable {
    // Matches.
    case family(ElementSet.Family)
    case transport(TransportProtocol)
    case arrives(onInterface: String)
    case leaves(byInterface: String)
    case linkLayer(PacketKind)
    case connection(Set<ConnectionState>)
    case isReply
    case hasMark
    case sourcePrefixV6([UInt8])
    case port(PortField, UInt16)
    case tcpOpens(Bool)
    case tcpResets
    case icmpType(UInt8)
    case extensionHeader(UInt8)
    case wasDecrypted(Bool)
    /// Whether the source, with the number of the state that decrypted the packet (`ipsec in reqid`), is in a set; a
    /// packet in clear text matches neither way.
    case wasDecryptedBy(ElementSet.Family, set: String, Bool)
    case willBeEncrypted(Bool)
    case noReturnPath
    case within(Key, set: String)
    case atMost(perSecond: UInt64, burst: UInt32)
    // Acts.
    case count(String)
    case mark(UInt32)
    case markFrom(Key, map: String)
    case log(prefix: String, group: UInt16)
    case accept
    case drop
    case reset
    case jump(String)
    case goTo(String)

    package enum TransportProtocol: UInt8, Hashable, Sendable {
        case icmp = 1
        case tcp = 6
        case udp = 17
        case esp = 50
        case icmpV6 = 58
    }

    package enum PacketKind: UInt8, Hashable, Sendable {
        case broadcast = 1
        case multicast = 2
    }

    package enum ConnectionState: UInt32, Hashable, Sendable {
        case invalid = 1
        case established = 2
        case related = 4
        case new = 8
    }

    /// Where a port is in the transport header.
    package enum PortField: UInt32, Hashable, Sendable {
        case source = 0
        case destination = 2
    }

    /// Which fields of a packet make the key of a lookup.
    package struct Key: Hashable, Sendable {
        package enum Address: Hashable, Sendable {
            case source
            case destination
        }

        package var family: ElementSet.Family
        package var address: Address
        /// The port; nothing for the protocol number.
        package var port: PortField?

        package init(_ family: ElementSet.Family, _ address: Address, _ port: PortField?) {
            self.family = family
            self.address = address
            self.port = port
        }
    }
}
