// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

/// What a change means for one tunnel, in the words of `eigctl plan`.
package struct TunnelChange: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case new = "+"
        case different = "~"
        case gone = "-"
    }

    /// What it does to the traffic of this tunnel; no other tunnel is touched by any of it.
    package enum Disruption: Hashable, Sendable {
        case none
        /// The tunnel is negotiated anew; meanwhile its packets are dropped, never sent in clear text.
        case restarts(aboutSeconds: Int)
        /// Its packets are dropped from then on.
        case cuts

        /// When it is loaded anew and the peer answers: two round trips of IKE, and the time until the next packet asks
        /// for the tunnel.
        package static let restart = restarts(aboutSeconds: 2)

        /// `RESTARTS t1, about 2 s`; nothing when nothing is interrupted.
        package func words(for tunnel: TunnelID) -> String? {
            switch self {
            case .none: nil
            case .restarts(let seconds): "RESTARTS \(tunnel.name), about \(seconds) s"
            case .cuts: "CUTS \(tunnel.name)"
            }
        }
    }

    package var tunnel: TunnelID
    package var kind: Kind
    /// What of it, in the words of the partner file: `ike`, `peer`, `10.20.0.0/24 = 172.16.5.0/24`.
    package var what: [String]
    package var disruption: Disruption

    /// `tunnel t1: ike`: without the partner, the sign and the disruption, which lists have in places of their own.
    package var subject: String {
        "tunnel \(tunnel.name)\(what.isEmpty ? "" : ": \(what.joined(separator: ", "))")"
    }
}

extension TunnelChange: CustomStringConvertible {
    /// `payfast: ~ tunnel t1: ike (RESTARTS t1, about 2 s)`.
    package var description: String {
        let disruption = disruption.words(for: tunnel).map { " (\($0))" } ?? ""
        return "\(tunnel.partner): \(kind.rawValue) \(subject)\(disruption)"
    }
}

extension ConnectionDelta {
    /// The consequences, one for each tunnel, by tunnel.
    package var changes: [TunnelChange] {
        var tunnels: [TunnelID: Parts] = [:]
        for connection in added { tunnels[connection.name.tunnel, default: Parts()].added.append(connection) }
        for connection in removed { tunnels[connection.name.tunnel, default: Parts()].removed.append(connection) }
        for change in changed { tunnels[change.new.name.tunnel, default: Parts()].changed.append(change) }
        for tunnel in secretsChanged { tunnels[tunnel, default: Parts()].isSecretChanged = true }
        return tunnels.sorted { $0.key < $1.key }.map { tunnel, parts in
            parts.change(of: tunnel, isKept: kept.contains(tunnel))
        }
    }

    /// ``changes``, line by line.
    package var words: [String] { changes.map(\.description) }

    private struct Parts {
        var added: [Connection] = []
        var changed: [Change] = []
        var removed: [Connection] = []
        var isSecretChanged = false

        /// - Parameter isKept: whether the tunnel has a connection on both sides.
        func change(of tunnel: TunnelID, isKept: Bool) -> TunnelChange {
            guard isKept else {
                let isNew = removed.isEmpty
                let pairs = (isNew ? added : removed).map(\.pair)
                let kind: TunnelChange.Kind = isNew ? .new : .gone
                return TunnelChange(tunnel: tunnel, kind: kind, what: pairs, disruption: isNew ? .none : .cuts)
            }
            var what: [String] = []
            for change in changed {
                for word in change.new.differences(from: change.old) where !what.contains(word) { what.append(word) }
            }
            what += added.map { "+ \($0.pair)" } + removed.map { "- \($0.pair)" }
            if isSecretChanged { what.append("secret (used from the next IKE negotiation on)") }
            // The pairs of a tunnel share one IKE SA: whichever connection holds it takes it along.
            let restarts = !changed.isEmpty || !removed.isEmpty
            return TunnelChange(
                tunnel: tunnel,
                kind: .different,
                what: what,
                disruption: restarts ? .restart : .none
            )
        }
    }
}

extension Connection {
    /// `10.20.0.0/24 = 172.16.5.0/24`.
    fileprivate var pair: String { "\(local.subnet) = \(remote.subnet)" }

    /// What is different, in the words of the partner file, in its order.
    func differences(from old: Connection) -> [String] {
        var names: [String] = []
        func compare<Value: Equatable>(_ name: String, _ value: KeyPath<Connection, Value>) {
            if self[keyPath: value] != old[keyPath: value] { names.append(name) }
        }
        if remote.address != old.remote.address { names.append("peer \(old.remote.address) -> \(remote.address)") }
        compare("local-address", \.local.address)
        compare("local-id", \.local.id)
        compare("remote-id", \.remote.id)
        if local.subnet != old.local.subnet || remote.subnet != old.remote.subnet {
            names.append("\(old.pair) -> \(pair)")
        }
        if authentication != old.authentication || localKey != old.localKey || remoteKey != old.remoteKey {
            names.append("auth")
        }
        compare("version", \.version)
        compare("ike list", \.ike)
        compare("esp list", \.esp)
        compare("ike-lifetime", \.ikeLifetime)
        compare("esp-lifetime", \.espLifetime)
        compare("liveness", \.liveness)
        compare("retransmit-timeout", \.retransmitTimeout)
        compare("encapsulation", \.encapsulation)
        compare("reqid", \.reqid)
        return names
    }
}
