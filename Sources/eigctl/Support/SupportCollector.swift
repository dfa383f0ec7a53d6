// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import LinuxIO
internal import Partners

/// Gathers what helps to find out what is wrong on a host, each thing on its own: one that cannot be had is left out.
struct SupportCollector {
    private static let partBytesMax = 4 << 20
    private static let secretFilesMax = 20_000

    private let invocation: Invocation
    private let journalLines: Int
    private(set) var scrubber = Scrubber()
    private(set) var parts: [(name: String, bytes: [UInt8])] = []
    private(set) var document: SupportDocument

    init(_ invocation: Invocation, journalLines: Int) {
        self.invocation = invocation
        self.journalLines = journalLines
        document = SupportDocument(madeAt: invocation.now.rfc3339)
    }

    mutating func collect() {
        learnSecrets()
        versions()
        systemd()
        configuration()
        programs()
        kernel()
    }

    // MARK: - Secrets

    /// Everything in the configuration folder that is neither a configuration file nor a certificate.
    private mutating func learnSecrets() {
        for folder in ["credentials", "secrets", "identities"] { learn("\(invocation.folder)/\(folder)", depth: 0) }
        learn("/etc/credstore", depth: 0)
        if let secrets = try? FileStore.read("/etc/ipsec.secrets", byteCountMax: 1 << 20) { scrubber.learn(secrets) }
    }

    private mutating func learn(_ folder: String, depth: Int) {
        guard depth < 4, let names = try? FileStore.names(in: folder) else { return }
        for name in names.prefix(Self.secretFilesMax) {
            let path = "\(folder)/\(name)"
            guard let status = try? FileStore.status(path) else { continue }
            if status.isDirectory {
                learn(path, depth: depth + 1)
            } else if status.isRegular, ![".pem", ".csr", ".crt", ".toml"].contains(where: name.hasSuffix),
                let bytes = try? FileStore.read(path, byteCountMax: 1 << 20)
            {
                scrubber.learn(bytes)
                if let body = Self.pemBody(bytes) { scrubber.learn(body) }
            }
        }
    }

    /// The key itself, whatever it is wrapped in.
    private static func pemBody(_ text: [UInt8]) -> [UInt8]? {
        let lines = text.split(separator: UInt8(ascii: "\n")).filter { !$0.starts(with: Array("-----".utf8)) }
        return Base64.decode(String(decoding: lines.joined(), as: UTF8.self))
    }

    // MARK: - Parts

    private mutating func versions() {
        add(
            "versions.txt",
            commands: [
                ["eigd", "--version"], ["jumpd", "--version"], ["uname", "-a"], ["date", "--utc"], ["uptime"],
                [
                    "dpkg-query", "--show", "eigd", "jumpd", "eigctl", "libc6", "libssl3", "libsqlite3-0",
                    "libsystemd0",
                    "libnftnl11", "nftables", "libreswan", "systemd",
                ],
                ["cat", "/etc/os-release"], ["df", "-h", "/var/lib/eig", "/var", "/"], ["free", "-h"],
            ],
            more: "eigctl \(productVersion)\n"
        )
    }

    private mutating func systemd() {
        let units = ServiceUnits.all
        add(
            "units.txt",
            commands: [
                [
                    "systemctl", "--no-pager", "show",
                    "--property=Id,LoadState,ActiveState,SubState,Result,NRestarts,"
                        + "StateChangeTimestamp,ExecMainStatus,MemoryCurrent,TasksCurrent,ConditionResult,DropInPaths,Listen",
                    "--",
                ]
                    + units,
                ["systemctl", "--no-pager", "list-timers", "--all", "eig-*"],
            ]
        )
        for unit in ["eigd", "jumpd-enforce", "eig-lockdown", "eig-backup", "eig-certificates"] {
            add(
                "journal/\(unit).txt",
                commands: [
                    ["journalctl", "--no-pager", "--output=short-iso", "--lines=\(journalLines)", "--unit=\(unit)"]
                ]
            )
        }
    }

    private mutating func configuration() {
        let folder = invocation.folder
        var names = ["eigd.toml", "jumpd.toml"]
        names += ((try? FileStore.names(in: "\(folder)/partners.d")) ?? []).filter { $0.hasSuffix(".toml") }
            .map { "partners.d/\($0)" }
        for name in names {
            do throws(Errno) {
                let bytes = try FileStore.read("\(folder)/\(name)", byteCountMax: 1 << 20)
                add("configuration/\(name)", TOMLComments.removed(String(decoding: bytes, as: UTF8.self)))
            } catch {
                leaveOut("configuration/\(name)", "\(error)")
            }
        }
        add("configuration/files.txt", listing(folder, depth: 0))
        if let found = try? LocalCheck.folder(folder, now: invocation.now) {
            add("configuration/check.json", DiagnosticsDocument(found.items).json)
        } else {
            leaveOut("configuration/check.json", "the folder cannot be read")
        }
        add("certificates.json", CertificateSurvey(folder: folder, now: invocation.now).document.json)
        for name in ["ca/", "credentials/", "identities/", "secrets/"] {
            leaveOut("\(folder)/\(name)", "keys, secrets and certificates are listed, never included")
        }
    }

    /// Names, owners, modes and lengths: what a file may be read by, not what is in it.
    private func listing(_ folder: String, depth: Int) -> String {
        var text = ""
        for name in ((try? FileStore.names(in: folder)) ?? []).prefix(20_000) {
            let path = "\(folder)/\(name)"
            guard let status = try? FileStore.linkStatus(path) else { continue }
            let owner = Accounts.userName(status.userID) ?? String(status.userID)
            let group = Accounts.groupName(status.groupID) ?? String(status.groupID)
            let kind = status.isDirectory ? "folder" : status.isRegular ? "file" : "other"
            text += "\(kind) \(String(status.mode, radix: 8)) \(owner):\(group) \(status.byteCount) \(path.printable)\n"
            if status.isDirectory, depth < 6 { text += listing(path, depth: depth + 1) }
        }
        return text
    }

    private mutating func programs() {
        add("status.json", OverviewDocument.gather(invocation, now: invocation.now).json)
        do throws(Failure) {
            add("metrics.txt", try invocation.eigd.text("/v1/metrics"))
        } catch {
            leaveOut("metrics.txt", error.message)
        }
        leaveOut("callbacks", "their bodies and keys are never included; how many there are is in status.json")
    }

    private mutating func kernel() {
        add(
            "nft.txt",
            commands: [
                ["nft", "list", "tables"], ["nft", "list", "table", "inet", "eig"],
                ["nft", "list", "table", "inet", "eig_lockdown"],
            ]
        )
        add(
            "network.txt",
            commands: [
                ["ip", "-brief", "address"], ["ip", "route"], ["ip", "-6", "route"],
                ["ss", "--listening", "--tcp", "--numeric"],
            ]
        )
    }

    // MARK: -

    private mutating func add(_ name: String, commands: [[String]], more: String = "") {
        var text = more
        var failures: [String] = []
        for command in commands {
            do throws(Errno) {
                let result = try ChildProcess.run(command, timeout: .seconds(20), byteCountMax: Self.partBytesMax)
                text += "$ \(command.joined(separator: " "))\n\(result.outputText)"
                if !result.isSuccess { text += "(\(result.status)) \(result.errorText)\n" }
            } catch {
                failures.append("\(command[0]): \(error)")
            }
        }
        for failure in failures { leaveOut(name, failure) }
        if !text.isEmpty { add(name, text) }
    }

    private mutating func add(_ name: String, _ text: String) { add(name, Array(text.utf8)) }

    private mutating func add(_ name: String, _ bytes: [UInt8]) {
        let (clean, count) = scrubber.scrub(Array(bytes.suffix(Self.partBytesMax)))
        parts.append((name, clean))
        document.contents.append(SupportDocument.Part(name: name, bytes: clean.count, redactions: count))
        if bytes.count > Self.partBytesMax { leaveOut(name, "all but its last \(Self.partBytesMax) bytes") }
    }

    private mutating func leaveOut(_ name: String, _ why: String) {
        document.leftOut.append("\(name): \(why.printable)")
    }
}

/// What `eigctl support-bundle` writes for `--json`.
package struct SupportDocument: ControlDocument {
    package struct Part: Codable, Hashable, Sendable {
        package var name: String
        package var bytes: Int
        /// Places where something was taken out.
        package var redactions: Int
    }

    package var schema = controlSchema
    package var ok = true
    package var madeAt: String
    package var archive: String?
    package var contents: [Part] = []
    package var leftOut: [String] = []

    init(madeAt: String) { self.madeAt = madeAt }

    /// The first file in the bundle, and what is shown.
    var text: String {
        var text = archive.map { "\($0)\n" } ?? ""
        for part in contents {
            let note = part.redactions == 0 ? "" : ", \(part.redactions) redacted"
            text += "  \(part.name) (\(Shown.bytes(part.bytes))\(note))\n"
        }
        text += "Left out:\n" + leftOut.map { "  \($0)\n" }.joined()
        return text
    }
}
