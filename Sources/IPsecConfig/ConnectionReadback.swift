// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

/// One connection as pluto says it has it (`whack --status`), to be compared with what was meant.
///
/// Of what pluto prints only what decides who may send what to whom, and how it is protected. `reqid` is not printed.
package struct ConnectionReadback: Hashable, Sendable {
    package var name: ConnectionName
    /// The first line after the name.
    package var ends = ""
    /// By pluto's own words: `policy`, `ike_life`, `our id`, `ESP algorithms` and the like.
    package var values: [String: String] = [:]

    /// Every connection of ours in the answer; foreign ones and instances are left out.
    package static func read(_ status: String) -> [ConnectionName: ConnectionReadback] {
        var found: [ConnectionName: ConnectionReadback] = [:]
        for line in status.utf8.split(separator: UInt8(ascii: "\n")) {
            let text = PlutoReport.withoutNumber(line)
            guard text.hasPrefix("\"p_"), let (word, rest) = PlutoReport.quoted(text), rest.hasPrefix(":"),
                let name = ConnectionName(word)
            else { continue }
            found[name, default: ConnectionReadback(name: name)].add(Substring(rest.utf8.dropFirst()))
        }
        return found
    }

    private init(name: ConnectionName) { self.name = name }

    private mutating func add(_ line: Substring) {
        let text = Self.withoutBlanks(line.utf8)
        if line.hasPrefix(" "), !line.hasPrefix("  "), ends.isEmpty {
            ends = String(text)
        } else if text.hasPrefix("IKE algorithms: ") || text.hasPrefix("ESP algorithms: ") {
            let parts = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1)
            values[String(Substring(parts[0]))] = String(Self.withoutBlanks(parts[1]))
        } else {
            addWords(text)
        }
    }

    /// `key: value; key:value; key=value`, in any order; a comma may stand for the semicolon before `their`.
    private mutating func addWords(_ text: Substring) {
        for part in text.utf8.split(separator: UInt8(ascii: ";")) {
            guard let sign = part.firstIndex(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "=") }) else {
                continue
            }
            let key = String(Self.withoutBlanks(part[..<sign]))
            let value = Self.withoutBlanks(part[part.index(after: sign)...])
            if key == "our auth", let comma = value.utf8.firstIndex(of: UInt8(ascii: ",")) {
                values[key] = String(value[..<comma])
                addWords(value[value.utf8.index(after: comma)...].prefix { $0 != "," })
            } else if values[key] == nil {
                values[key] = String(value)
            }
        }
    }

    /// What follows the blanks at the beginning.
    private static func withoutBlanks(_ bytes: Substring.UTF8View) -> Substring {
        Substring(bytes.drop { $0 == UInt8(ascii: " ") })
    }

    /// As pluto writes it: a single host with its length, too.
    private static func network(_ prefix: IPPrefix) -> String { "\(prefix.address)/\(prefix.bitCount)" }

    /// What is other than meant, one line each; empty when it is what was meant.
    package func differences(from wanted: Connection) -> [String] {
        var differences: [String] = []
        func expect(_ key: String, _ value: String) {
            guard let found = values[key] else {
                differences.append("pluto does not say its \(key)")
                return
            }
            if found != value { differences.append("\(key) is \(found), not \(value)") }
        }
        if !hasEnds(of: wanted) { differences.append("its ends are \(ends)") }
        let isSecret = wanted.authentication == .sharedSecret
        if let auth = values["our auth"], (auth == "secret") != isSecret {
            differences.append("our auth is \(auth)")
        }
        if let auth = values["their auth"], (auth == "secret") != isSecret {
            differences.append("their auth is \(auth)")
        }
        let policy = Set((values["policy"] ?? "").split(separator: "+"))
        for word in ["TUNNEL", "PFS", "ENCRYPT", wanted.version == .v2 ? "IKEv2" : "IKEv1"]
        where !policy.contains(Substring(word)) {
            differences.append("policy \(values["policy"] ?? "") has no \(word)")
        }
        if policy.contains("PSK") != isSecret { differences.append("policy is \(values["policy"] ?? "")") }
        expect("ike_life", "\(wanted.ikeLifetime.components.seconds)s")
        expect("ipsec_life", "\(wanted.espLifetime.components.seconds)s")
        expect("my_updown", "<disabled>")
        if values["replay_window"] == "0" { differences.append("replay_window is 0: replayed packets would pass") }
        compare("IKE algorithms", wanted.ike.map(\.words), to: &differences)
        compare("ESP algorithms", wanted.esp.map(\.words), to: &differences)
        return differences
    }

    /// Where a network is the end's own address and nothing else, pluto shows the address alone.
    private func hasEnds(of wanted: Connection) -> Bool {
        let local = "\(wanted.local.address)[\(wanted.local.id)"
        let remote = "\(wanted.remote.address)[\(wanted.remote.id)"
        let text = ends.utf8.split(separator: UInt8(ascii: ";"), maxSplits: 1).first.map { String(Substring($0)) } ?? ""
        guard let middle = text.firstRange(of: "...\(remote)") else { return false }
        let (near, far) = (text[..<middle.lowerBound], text[middle.upperBound...])
        let isNear =
            near.hasPrefix("\(Self.network(wanted.local.subnet))===\(local)")
            || (wanted.local.isHostAlone && near.hasPrefix(local))
        let isFar =
            far.hasSuffix("===\(Self.network(wanted.remote.subnet))")
            || (wanted.remote.isHostAlone && !far.contains("==="))
        return isNear && isFar
    }

    private func compare(_ key: String, _ wanted: [[String]], to differences: inout [String]) {
        let found = (values[key] ?? "").split(separator: ",").map { $0.drop { $0 == " " } }
        let agrees =
            found.count == wanted.count
            && zip(found, wanted).allSatisfy { text, words in words.allSatisfy { text.contains($0) } }
        if !agrees { differences.append("\(key) are \(values[key] ?? "not said")") }
    }
}

extension IKEProposal {
    /// Parts of pluto's own name for it, `AES_GCM_16_256-HMAC_SHA2_512-DH20`.
    fileprivate var words: [String] { [cipher.plutoName, hash.plutoName, group.plutoName] }
}

extension ESPProposal {
    fileprivate var words: [String] { [cipher.plutoName] + [hash?.plutoName, group?.plutoName].compactMap { $0 } }
}

extension TunnelCipher {
    fileprivate var plutoName: String {
        switch self {
        case .aesGCM256: "AES_GCM_16_256"
        case .aesGCM128: "AES_GCM_16_128"
        case .aes256: "AES_CBC_256"
        case .aes192: "AES_CBC_192"
        case .aes128: "AES_CBC_128"
        case .tripleDES: "3DES_CBC"
        }
    }
}

extension TunnelHash {
    fileprivate var plutoName: String {
        switch self {
        case .sha512: "HMAC_SHA2_512"
        case .sha384: "HMAC_SHA2_384"
        case .sha256: "HMAC_SHA2_256"
        case .sha1: "HMAC_SHA1"
        case .md5: "HMAC_MD5"
        }
    }
}

extension TunnelGroup {
    /// By number for curves, by size for the others.
    fileprivate var plutoName: String {
        switch self {
        case .dh31: "DH31"
        case .dh21: "DH21"
        case .dh20: "DH20"
        case .dh19: "DH19"
        case .dh18: "MODP8192"
        case .dh17: "MODP6144"
        case .dh16: "MODP4096"
        case .dh15: "MODP3072"
        case .dh14: "MODP2048"
        case .dh5: "MODP1536"
        }
    }
}

extension Connection.End {
    /// Whether its network is its own address and nothing else.
    fileprivate var isHostAlone: Bool { subnet.address == address && subnet.bitCount == address.bitWidth }
}
