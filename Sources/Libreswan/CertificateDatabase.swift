// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import TLS

/// An NSS database of Libreswan's, written with NSS's own programs.
///
/// NSS gives all certificates of one subject one nickname: what nobody names any more goes before its successor comes.
/// What pluto has loaded it keeps in memory, so that no tunnel is dropped by that.
struct CertificateDatabase {
    private let folder: String
    /// Where a file with a key may lie for a moment.
    private let scratch: String

    static let authorityName = "authority.der"
    static let bundleName = "identity.p12"
    static let passwordName = "password"

    init(folder: String, scratch: String) {
        self.folder = folder
        self.scratch = scratch
    }

    /// The nicknames in it, and whether each has its private key.
    func nicknames() throws(ToolFailure) -> [String: Bool] {
        guard (try? FileStore.status("\(folder)/cert9.db")) != nil else { return [:] }
        let answer = try Toolbox.run("certutil", ["-L", "-d", "sql:\(folder)"])
        guard answer.isSuccess else {
            throw .refused(program: "certutil -L", status: answer.status, said: Toolbox.said(answer))
        }
        var found: [String: Bool] = [:]
        for line in answer.outputText.split(whereSeparator: \.isNewline) {
            // `nickname    u,u,u`: ours have no blanks.
            let words = line.split(separator: " ")
            guard words.count == 2, words[1].split(separator: ",", omittingEmptySubsequences: false).count == 3 else {
                continue
            }
            found[String(words[0])] = words[1].contains("u")
        }
        return found
    }

    /// Removes what is obsolete and imports what is missing.
    ///
    /// - Parameter ours: nicknames that were imported by us; nothing else is ever removed.
    func install(
        _ identities: [TunnelIdentity],
        _ authorities: [TunnelAuthority],
        ours: Set<String>
    ) throws(ToolFailure) {
        let wanted = Set(identities.map(\.nickname) + authorities.map(\.nickname))
        try make()
        let present = try nicknames()
        for nickname in ours.subtracting(wanted).sorted() where present[nickname] != nil {
            // With its key; a certificate without one goes by the other option.
            try change([present[nickname] == true ? "-F" : "-D", "-n", nickname])
        }
        for authority in authorities where present[authority.nickname] == nil {
            try add(authority)
        }
        for identity in identities where present[identity.nickname] != true { try add(identity) }
        let after = try nicknames()
        for identity in identities where after[identity.nickname] != true {
            throw .refused(
                program: "pk12util",
                status: .exited(code: 0),
                said: "\(identity.nickname) is not there afterwards: another certificate has its subject"
            )
        }
    }

    /// Makes the database where there is none, without a password, as Libreswan itself does at its first start.
    func make() throws(ToolFailure) {
        guard (try? FileStore.status("\(folder)/cert9.db")) == nil else { return }
        try change(["-N", "--empty-password"])
    }

    private func change(_ arguments: [String]) throws(ToolFailure) {
        let answer = try Toolbox.run("certutil", arguments + ["-d", "sql:\(folder)"])
        guard answer.isSuccess else {
            throw .refused(
                program: "certutil \(arguments[0])",
                status: answer.status,
                said: Toolbox.said(answer)
            )
        }
    }

    private func add(_ authority: TunnelAuthority) throws(ToolFailure) {
        let path = "\(scratch)/\(Self.authorityName)"
        try write(authority.der, to: path)
        defer { try? FileStore.remove(path) }
        try change(["-A", "-n", authority.nickname, "-t", authority.isRoot ? "CT,," : ",,", "-i", path])
    }

    private func add(_ identity: TunnelIdentity) throws(ToolFailure) {
        let (path, passwordPath) = ("\(scratch)/\(Self.bundleName)", "\(scratch)/\(Self.passwordName)")
        // By file: what stands in an argument is seen by everybody.
        let password = Hex.encode(Random.bytes(16))
        let made: [UInt8]?
        do throws(PEMError) {
            made = try PKCS12.bundle(
                certificatePEM: identity.certificate,
                keyPEM: identity.key,
                name: identity.nickname,
                password: password
            )
        } catch {
            throw refused("\(error)")
        }
        guard let bundle = made else { throw refused("its key cannot be wrapped") }
        defer { for path in [path, passwordPath] { try? FileStore.remove(path) } }
        try write(bundle, to: path)
        try write(Array("\(password)\n".utf8), to: passwordPath)
        // The database itself has no password: pluto opens it by itself when it starts.
        let arguments = ["-i", path, "-d", "sql:\(folder)", "-w", passwordPath, "-K", ""]
        let answer = try Toolbox.run("pk12util", arguments)
        guard answer.isSuccess else {
            throw .refused(program: "pk12util -i", status: answer.status, said: Toolbox.said(answer))
        }

        func refused(_ why: String) -> ToolFailure {
            .refused(program: "certificate \(identity.nickname)", status: .exited(code: 1), said: why)
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws(ToolFailure) {
        do throws(Errno) { try FileStore.replace(path, with: bytes.span, mode: 0o600) } catch {
            throw .notStarted(program: path, error)
        }
    }
}

/// Which certificates of the database are ours to remove.
struct CertificateRegister {
    private let path: String

    init(state: String) { path = "\(state)/certificates" }

    func read() -> Set<String> {
        guard let bytes = try? FileStore.read(path, byteCountMax: 1 << 20) else { return [] }
        return Set(String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init))
    }

    func write(_ nicknames: Set<String>) throws(Errno) {
        let text = nicknames.sorted().map { "\($0)\n" }.joined()
        try FileStore.replace(path, with: Array(text.utf8).span, mode: 0o600)
    }
}
