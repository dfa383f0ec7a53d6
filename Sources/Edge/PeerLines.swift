// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import HTTP

/// What is said of a peer by its address alone, written once and shared by all its connections.
final class PeerLines {
    /// Who was connected to, and from where.
    struct Key: Hashable {
        let side: ServerConnection.Side
        let address: IPAddress
    }

    /// The log's fields that say who is on the other side.
    let logFields: [UInt8]
    /// The `Forwarded` line that does (RFC 7239 §4).
    let forwardedLine: [UInt8]

    init(_ key: Key) {
        let address = key.address.description
        logFields = JSONWriter.ready { fields in
            fields.field("listener", key.side == .partners ? "partners" : "internal" as StaticString)
            fields.field("peer", address)
        }
        let node = key.address.isV4 ? address : "\"[\(address)]\""
        forwardedLine = HeadWriter.line("Forwarded", Array("for=\(node);proto=https".utf8))
    }
}

/// The lines of the peers that connected last; bounded.
struct PeerLinesCache {
    private let countMax: Int
    private var known: [PeerLines.Key: PeerLines] = [:]

    init(countMax: Int) { self.countMax = countMax }

    mutating func lines(of key: PeerLines.Key) -> PeerLines {
        if let lines = known[key] { return lines }
        // Forgetting all of them costs each that comes again a few microseconds.
        if known.count >= countMax { known.removeAll(keepingCapacity: true) }
        let lines = PeerLines(key)
        known[key] = lines
        return lines
    }
}
