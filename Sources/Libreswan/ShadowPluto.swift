// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import IPsecConfig
internal import LinuxIO

/// A throw-away pluto in a network of its own, with what is to be loaded and nothing else (the ladder's last step
/// before anything is live).
///
/// It runs in a user namespace made for it, where it holds capabilities over its own network alone: nothing it does
/// reaches the kernel's policies or anybody's port. It is ended with its folder when the check is done, and by the
/// kernel when this process ends; one that had not yet asked the kernel for that is ended by the next start.
struct ShadowPluto {
    private let tools: Toolbox
    private let folder: String
    private var shadow: Toolbox

    static let folderName = "shadow"
    /// How long it may take until it answers.
    private static let startLimit = Duration.seconds(5)

    /// - Parameter tools: of the real Libreswan; its NSS database is copied, so that certificates are found.
    init(_ tools: Toolbox) {
        self.tools = tools
        folder = "\(tools.paths.state)/\(Self.folderName)"
        var paths = tools.paths
        paths.runtime = "\(folder)/run"
        paths.nss = "\(folder)/nss"
        shadow = Toolbox(paths)
    }

    /// Loads what two files say and compares what pluto then has with what was meant.
    ///
    /// - Parameter certificates: what is to be imported first, into the copy of the database.
    /// - Returns: what differs, one line each; empty when it is loaded as meant.
    /// - Throws: when the check itself could not be made.
    func differences(
        configuration: [UInt8],
        secrets: [UInt8],
        wanted: [Connection],
        certificates: WantedTunnels = WantedTunnels()
    ) throws(ToolFailure) -> [String] {
        defer { try? FileStore.removeTree(folder) }
        try prepare(configuration: configuration, secrets: secrets)
        if !certificates.identities.isEmpty {
            let ours = CertificateRegister(state: tools.paths.state).read()
            let database = CertificateDatabase(folder: "\(folder)/nss", scratch: folder)
            try database.install(certificates.identities, certificates.authorities, ours: ours)
        }
        let child = try start()
        let found: Result<(said: String, status: String), ToolFailure> = Result { () throws(ToolFailure) in
            try awaitAnswer(child)
            let said = try shadow.load("\(folder)/shadow.conf")
            return (said, try shadow.status())
        }
        child.signal(9)
        _ = child.wait()
        let (said, status) = try found.get()
        let loaded = ConnectionReadback.read(status)
        var differences: [String] = []
        for connection in wanted {
            guard let readback = loaded[connection.name] else {
                differences.append("\(connection.name): Libreswan does not take it" + (said.isEmpty ? "" : ": \(said)"))
                continue
            }
            differences += readback.differences(from: connection).map { "\(connection.name): \($0)" }
        }
        let meant = Set(wanted.map(\.name))
        differences += loaded.keys.filter { !meant.contains($0) }.map { "\($0): nobody asked for it" }
        return differences
    }

    /// Ends one that outlived its process, which was killed between starting it and its asking to be ended, too.
    static func endForgotten(_ paths: LibreswanPaths) {
        let runtime = "\(paths.state)/\(folderName)/run"
        for program in RunningProgram.all(withArgument: runtime) { program.signal(9) }
    }

    private func prepare(configuration: [UInt8], secrets: [UInt8]) throws(ToolFailure) {
        do throws(Errno) {
            // What a process that was killed left behind.
            if (try? FileStore.linkStatus(folder)) != nil { try FileStore.removeTree(folder) }
            for path in [folder, "\(folder)/run", "\(folder)/nss"] { try FileStore.makeFolder(path, mode: 0o700) }
            try FileStore.replace("\(folder)/none.conf", with: Array("config setup\n".utf8).span, mode: 0o600)
            try FileStore.replace("\(folder)/shadow.conf", with: configuration.span, mode: 0o600)
            try FileStore.replace("\(folder)/shadow.secrets", with: secrets.span, mode: 0o600)
            for name in ["cert9.db", "key4.db", "pkcs11.txt"] {
                guard let bytes = try? FileStore.read("\(tools.paths.nss)/\(name)") else { continue }
                let file = try FileStore.create("\(folder)/nss/\(name)", mode: 0o600)
                try file.writeAll(bytes.span)
            }
        } catch {
            throw .notStarted(program: "a throw-away pluto in \(folder)", error)
        }
        try CertificateDatabase(folder: "\(folder)/nss", scratch: folder).make()
    }

    private func start() throws(ToolFailure) -> ChildProcess {
        // Without --config it would load what /etc/ipsec.conf says by itself. The options after it are stronger.
        // A namespace without any user in it: capabilities come by being handed on, as `--keep-caps` does.
        let arguments =
            [
                "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                "unshare", "--user", "--keep-caps", "--net", "setpriv", "--pdeathsig", "KILL",
                "\(tools.paths.programs)/pluto", "--config", "\(folder)/none.conf", "--nofork", "--rundir",
                "\(folder)/run", "--nssdir", "\(folder)/nss",
                "--ipsecdir", folder, "--secretsfile", "\(folder)/shadow.secrets", "--stderrlog", "--nhelpers", "0",
                "--no-dnssec",
            ]
        do throws(Errno) {
            let log = try FileStore.create("\(folder)/log", mode: 0o600)
            return try ChildProcess(arguments, output: log, errors: log)
        } catch {
            throw .notStarted(program: "unshare", error)
        }
    }

    private func awaitAnswer(_ child: borrowing ChildProcess) throws(ToolFailure) {
        let deadline = Clock.monotonic() + Self.startLimit
        while !shadow.isAnswering() {
            guard Clock.monotonic() < deadline, isAlive(child.processID) else {
                let log = (try? FileStore.read("\(folder)/log")) ?? []
                let last = String(decoding: log, as: UTF8.self).split(whereSeparator: \.isNewline).suffix(3)
                throw .refused(
                    program: "a throw-away pluto",
                    status: .exited(code: 1),
                    said: String(last.joined(separator: "; ").prefix(ToolFailure.saidMax))
                )
            }
            Clock.sleep(.milliseconds(10))
        }
    }

    /// Ended and not yet waited for counts as ended.
    private func isAlive(_ processID: Int32) -> Bool {
        guard let text = try? FileStore.read("/proc/\(processID)/stat", byteCountMax: 4096) else { return false }
        return !String(decoding: text, as: UTF8.self).contains(") Z ")
    }
}
