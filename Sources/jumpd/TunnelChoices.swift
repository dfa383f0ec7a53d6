// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import IPsecConfig
internal import LinuxIO

/// What was chosen for single tunnels while they ran, and outlives a restart: who is on the partner's other gateway, and
/// what an administrator took down.
struct TunnelChoices: Sendable {
    private let path: String

    struct Chosen: Hashable, Sendable {
        var active: [TunnelID: TunnelPeer] = [:]
        var held: Set<TunnelID> = []
    }

    init(state: String) { path = "\(state)/choices" }

    /// What cannot be read was never chosen: every tunnel is on its first gateway then, and none is held.
    func read() -> Chosen {
        var chosen = Chosen()
        guard let bytes = try? FileStore.read(path, byteCountMax: 1 << 20) else { return chosen }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, let partner = PartnerID(String(words[1])) else { continue }
            let tunnel = TunnelID(partner: partner, name: String(words[2]))
            switch words[0] {
            case "backup": chosen.active[tunnel] = .backup
            case "held": chosen.held.insert(tunnel)
            default: break
            }
        }
        return chosen
    }

    func write(_ chosen: Chosen) throws(Errno) {
        let backups = chosen.active.filter { $0.value == .backup }.keys.sorted()
        let lines =
            backups.map { "backup \($0.partner) \($0.name)" }
            + chosen.held.sorted().map {
                "held \($0.partner) \($0.name)"
            }
        try FileStore.replace(path, with: Array(lines.map { "\($0)\n" }.joined().utf8).span, mode: 0o600)
    }
}
