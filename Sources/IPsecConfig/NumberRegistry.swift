// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

/// Which number each pair of networks has: those it had stay, whatever comes and goes around it.
///
/// Numbers are taken over from the connections that exist. A pair that is new gets the lowest number that no
/// connection has, not even one that is about to go: its states may still be in the kernel. Only when there is no other
/// is a number taken from those that go.
struct NumberRegistry {
    /// One pair of networks of one tunnel.
    struct Pair: Hashable {
        let tunnel: TunnelID
        let local: IPPrefix
        let remote: IPPrefix
    }

    struct Numbers: Hashable {
        /// Of ``ConnectionName``.
        let connection: Int
        let reqid: Int
    }

    static let connections = 1...256
    static let reqids = 1...TunnelRule.pairsMax

    /// - Parameter wanted: in the order in which new ones are numbered; none twice.
    /// - Returns: nothing when there are more pairs than numbers.
    static func assign(_ wanted: [Pair], existing: [Connection]) -> [Pair: Numbers]? {
        guard wanted.count <= reqids.count else { return nil }
        let wantedSet = Set(wanted)
        // Of two that claim one pair, one name or one reqid, which nobody but an editor can have written, the first in
        // order of name keeps it.
        var kept: [Pair: Numbers] = [:]
        var names = Pool<ConnectionName>()
        var requests = Pool<Int>()
        for connection in existing.sorted(by: { ($0.name, $0.reqid) < ($1.name, $1.reqid) }) {
            let name = connection.name
            let pair = Pair(tunnel: name.tunnel, local: connection.local.subnet, remote: connection.remote.subnet)
            let isWhole = connections.contains(name.number) && reqids.contains(connection.reqid)
            let isFree = !names.kept.contains(name) && !requests.kept.contains(connection.reqid)
            if wantedSet.contains(pair), kept[pair] == nil, isWhole, isFree {
                kept[pair] = Numbers(connection: name.number, reqid: connection.reqid)
                names.kept.insert(name)
                requests.kept.insert(connection.reqid)
            } else {
                names.going.insert(name)
                requests.going.insert(connection.reqid)
            }
        }
        var hints: [TunnelID: Int] = [:]
        var reqidHint = reqids.lowerBound
        for pair in wanted where kept[pair] == nil {
            let hint = hints[pair.tunnel] ?? connections.lowerBound
            let number = names.take(connections, from: hint) { ConnectionName(tunnel: pair.tunnel, number: $0) }
            let reqid = requests.take(reqids, from: reqidHint) { $0 }
            guard let number, let reqid else { return nil }
            hints[pair.tunnel] = number + 1
            reqidHint = reqid + 1
            kept[pair] = Numbers(connection: number, reqid: reqid)
        }
        return kept
    }

    /// What is taken of one kind of number.
    private struct Pool<Key: Hashable> {
        var kept: Set<Key> = []
        var going: Set<Key> = []

        /// The lowest free number from `hint` on, or else the lowest of those that go.
        mutating func take(_ range: ClosedRange<Int>, from hint: Int, _ key: (Int) -> Key) -> Int? {
            let isKept = kept
            let isGoing = going
            let fresh =
                hint > range.upperBound
                ? nil : (hint...range.upperBound).first { !isKept.contains(key($0)) && !isGoing.contains(key($0)) }
            guard let number = fresh ?? range.first(where: { !isKept.contains(key($0)) }) else { return nil }
            kept.insert(key(number))
            return number
        }
    }
}
