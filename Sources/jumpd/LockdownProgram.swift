// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import ConfigurationFolder
internal import LinuxIO
internal import Netfilter
internal import Partners
internal import Systemd
internal import Whitelist

/// `jumpd lockdown`: the static closed table, before the network is up.
enum LockdownProgram {
    static func run(_ options: Program.Options) -> Program.Status {
        let (zone, diagnostics) = management(options.config)
        if !diagnostics.isEmpty { StandardStream.error.write(DiagnosticRenderer().text(diagnostics)) }
        do throws(NetfilterFailure) {
            var socket = try NetfilterSocket()
            guard let zone else { return try closeBlindly(&socket) }
            let networks = tunnelNetworks(options.config)
            let changes = try LockdownTable.apply(management: zone, tunnelNetworks: networks, to: &socket)
            for line in changes { Log.write(line) }
            return .done
        } catch {
            Log.write("cannot close this host: \(error)", priority: .error)
            return .failed
        }
    }

    /// Without a readable jumpd.toml: closed to administrators, too, unless a lock-down stands already.
    private static func closeBlindly(_ socket: inout NetfilterSocket) throws(NetfilterFailure) -> Program.Status {
        if try socket.read(LockdownTable.name, sets: []) == nil {
            _ = try LockdownTable.apply(management: EdgePolicy.Zone(), to: &socket)
            Log.write("this host is closed to everyone: \(ConfigurationPath.host) cannot be used", priority: .error)
        } else {
            Log.write("the lock-down table is left as it was: \(ConfigurationPath.host) cannot be used")
        }
        return .failed
    }

    /// Of partner files only the networks behind tunnels are taken: a broken one must not lock administrators out at
    /// boot, and nobody calls a partner before the enforcer has read it whole.
    private static func tunnelNetworks(_ folder: String) -> [IPPrefix] {
        let source = FolderSource(folder)
        guard case .names(let names) = source.names(in: ConfigurationPath.partners) else { return [] }
        return names.sorted().flatMap { name -> [IPPrefix] in
            let path = "\(ConfigurationPath.partners)/\(name)"
            guard name.hasSuffix(".toml"), case .bytes(let bytes) = source.read(path, limitBytes: 1 << 20) else {
                return []
            }
            let partner = PartnerFile.parse(String(decoding: bytes, as: UTF8.self), fileName: path).partner
            guard let partner else {
                Log.write("\(folder)/\(path) cannot be used: networks behind its tunnels are not watched yet")
                return []
            }
            return partner.isEnabled ? partner.tunnels.flatMap(\.remoteSubnets) : []
        }
    }

    /// Only `jumpd.toml` decides who administrates: a broken partner file must not lock administrators out at boot.
    private static func management(_ folder: String) -> (EdgePolicy.Zone?, [Diagnostic]) {
        switch FolderSource(folder).read(ConfigurationPath.host, limitBytes: 1 << 20) {
        case .bytes(let bytes):
            let outcome = HostFile.parse(String(decoding: bytes, as: UTF8.self))
            return (outcome.file.map { EdgePolicy.Zone($0.management) }, outcome.diagnostics)
        case .missing: Log.write("there is no \(folder)/\(ConfigurationPath.host)")
        case .forbidden: Log.write("\(folder)/\(ConfigurationPath.host) may not be read")
        case .failed(let why): Log.write("\(folder)/\(ConfigurationPath.host): \(why)")
        }
        return (nil, [])
    }
}
