// SPDX-License-Identifier: Apache-2.0
package import Base
package import IPsecConfig
package import LinuxIO

/// What is to stand: every connection, and the pre-shared key of every tunnel that has one.
package struct WantedTunnels: Hashable, Sendable {
    /// By name.
    package var connections: [Connection]
    package var secrets: [SharedSecret]
    /// What tunnels with certificates need in Libreswan's database.
    package var identities: [TunnelIdentity] = []
    package var authorities: [TunnelAuthority] = []
    /// Whether nothing is known of them here, so that the database is left as it is.
    package var keepsCertificates = false
    /// In the files and not in pluto: an administrator took them down.
    package var held: Set<TunnelID>
    /// Loaded anew although nothing about them has changed: an administrator restarts them.
    package var restarted: Set<TunnelID> = []
    /// Not in pluto, as somebody wanted it until now.
    package var released: Set<TunnelID> = []

    package init(connections: [Connection] = [], secrets: [SharedSecret] = [], held: Set<TunnelID> = []) {
        self.connections = connections
        self.secrets = secrets
        self.held = held
    }

    /// What the files of the last apply say; certificates stay as they are.
    package init(standing files: TunnelFiles, held: Set<TunnelID>) {
        let secrets = files.connections.compactMap { connection in
            files.secret(connection).map {
                SharedSecret(tunnel: connection.name.tunnel, local: $0.local, remote: $0.remote, key: $0.key)
            }
        }
        var seen: Set<TunnelID> = []
        self.init(
            connections: files.connections,
            secrets: secrets.filter { seen.insert($0.tunnel).inserted },
            held: held
        )
        keepsCertificates = true
    }
}

/// Our files in Libreswan's folder: what pluto loads when it starts, and the register of the numbers that stay.
///
/// `eig.conf` and `eig.secrets` for the host, `eig-<partner>.conf` and `eig-<partner>.secrets` for each partner.
package struct TunnelFiles: Sendable {
    /// By name in the folder.
    package private(set) var bytes: [String: [UInt8]] = [:]
    /// Of all partners, by name.
    package private(set) var connections: [Connection] = []
    package private(set) var secrets: [PartnerID: [SecretRecord]] = [:]
    /// The key of nobody, where there is one.
    private(set) var catchAll: [UInt8]?
    /// The text of each connection as it stands.
    private(set) var sections: [ConnectionName: [UInt8]] = [:]
    /// What somebody else changed, one line each: it is written anew.
    package private(set) var drift: [String] = []

    private static let fileBytesMax = 4 << 20

    /// - Parameter hasSecrets: false for whoever may read the connections only.
    /// - Throws: when the folder, or a file of ours in it, cannot be read; a folder that is not there is empty.
    package static func read(_ folder: String, hasSecrets: Bool = true) throws(Errno) -> TunnelFiles {
        var files = TunnelFiles()
        let names: [String]
        do throws(Errno) { names = try FileStore.names(in: folder) } catch {
            if error == .noEntry { return files }
            throw error
        }
        for name in names where isOurs(name) && (hasSecrets || !name.hasSuffix(".secrets")) {
            files.add(name, try FileStore.read("\(folder)/\(name)", byteCountMax: fileBytesMax), folder)
        }
        files.connections.sort { $0.name < $1.name }
        return files
    }

    /// Whether a file is ours by its name; what a write that was cut short left behind is not.
    static func isOurs(_ name: String) -> Bool {
        if name == "eig.conf" || name == "eig.secrets" { return true }
        return partner(of: name) != nil
    }

    /// What a write that was cut short left beside a file of ours.
    static func isLeftover(_ name: String) -> Bool {
        TemporaryName.place(of: name).map(isOurs) ?? false
    }

    private static func partner(of name: String) -> PartnerID? {
        for suffix in [".conf", ".secrets"] where name.hasPrefix("eig-") && name.hasSuffix(suffix) {
            return PartnerID(String(name.dropFirst(4).dropLast(suffix.count)))
        }
        return nil
    }

    private mutating func add(_ name: String, _ text: [UInt8], _ folder: String) {
        bytes[name] = text
        do throws(ReadFailure) {
            if name == "eig.secrets" {
                catchAll = try SecretsReader.readCatchAll(text)
            } else if let partner = Self.partner(of: name) {
                if name.hasSuffix(".secrets") {
                    secrets[partner] = try SecretsReader.read(text)
                } else {
                    let found = try ConfigurationReader.read(text)
                    // Under another partner's name it is nobody's.
                    if found.allSatisfy({ $0.name.tunnel.partner == partner }) {
                        connections += found
                        sections.merge(Self.sections(text)) { first, _ in first }
                    } else {
                        drift.append("\(folder)/\(name): a connection of another partner")
                    }
                }
            }
        } catch {
            drift.append("\(folder)/\(name): \(error)")
        }
    }

    /// Each `conn` with the lines that belong to it.
    static func sections(_ text: [UInt8]) -> [ConnectionName: [UInt8]] {
        var sections: [ConnectionName: [UInt8]] = [:]
        var name: ConnectionName?
        for line in text.split(separator: UInt8(ascii: "\n")) {
            if line.starts(with: Array("conn ".utf8)) {
                name = ConnectionName(String(decoding: line.dropFirst(5), as: UTF8.self))
            }
            if let name { sections[name, default: []] += line + [UInt8(ascii: "\n")] }
        }
        return sections
    }

    /// The key of a pair of identities, as it stands.
    func secret(_ connection: Connection) -> SecretRecord? {
        secrets[connection.name.tunnel.partner]?.first {
            $0.local == connection.local.id && $0.remote == connection.remote.id
        }
    }
}

/// The files that are to stand, made but not written.
struct ComposedFiles: Sendable {
    /// By name in the folder.
    private(set) var bytes: [String: [UInt8]] = [:]
    private(set) var sections: [ConnectionName: [UInt8]] = [:]

    /// - Parameter key: 32 random bytes, for a key of nobody where none stands yet.
    init(
        _ wanted: WantedTunnels,
        emitter: ConfigurationEmitter,
        standing: TunnelFiles,
        key: [UInt8]
    ) throws(EmissionFailure) {
        guard !wanted.connections.isEmpty else { return }
        // Two keys for one pair of identities, in whichever files, would be one key for both.
        try emitter.checkSecrets(wanted.secrets)
        bytes["eig.conf"] = emitter.setupText(wanted.connections)
        if emitter.needsCatchAllSecret {
            bytes["eig.secrets"] = emitter.catchAllText(key: standing.catchAll ?? key)
        }
        for (partner, connections) in Dictionary(grouping: wanted.connections, by: \.name.tunnel.partner) {
            let text = try emitter.text(connections)
            bytes["eig-\(partner).conf"] = text
            sections.merge(TunnelFiles.sections(text)) { first, _ in first }
            let secrets = wanted.secrets.filter { $0.tunnel.partner == partner }
            if !secrets.isEmpty { bytes["eig-\(partner).secrets"] = try emitter.secretsText(secrets) }
        }
    }

    /// Secrets are root's alone; the numbers of connections are read by the enforcer, too, who is not root.
    static func mode(_ name: String) -> UInt32 { name.hasSuffix(".secrets") ? 0o600 : 0o644 }
}
