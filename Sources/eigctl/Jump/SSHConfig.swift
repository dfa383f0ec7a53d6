// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

/// The lines of ssh_config(5) that send OpenSSH through a gate.
struct SSHConfig {
    let gate: RemoteGate
    /// What is typed after `ssh`.
    let hosts: [String]

    /// With eigctl, which says at once why it was refused.
    func text(program: String) throws(Failure) -> String {
        var words = [program, "jump", "connect"]
        if gate.isNamed {
            words += ["--gate", "\(gate.address)", "--cert", gate.certificate, "--key", gate.key, "--ca", gate.ca]
        }
        let command = try words.map { word throws(Failure) in try Self.quoted(word) }.joined(separator: " ")
        return block("\(command) %h %p")
    }

    /// With nothing but openssl(1) on the administrator's machine.
    ///
    /// `-nocommands` is essential: without it a block of ciphertext that begins with a command's letter ends the
    /// connection (s_client(1)).
    func openSSLText() throws(Failure) -> String {
        let isAddress = IPAddress(gate.address.host) != nil
        let host = gate.address.host
        let name = isAddress ? "-verify_ip \(host)" : "-verify_hostname \(host) -servername \(host)"
        let files = try [("-CAfile", gate.ca), ("-cert", gate.certificate), ("-key", gate.key)].map {
            file throws(Failure) in "\(file.0) \(try Self.plain(file.1))"
        }
        let ask = #"printf "CONNECT %%s:%%s HTTP/1.1\r\nHost: %%s:%%s\r\n\r\n" %h %p %h %p"#
        let call = "openssl s_client -quiet -nocommands -verify_quiet -verify_return_error"
        let words = [call, name] + files + ["-connect \(gate.address)"]
        // When the gate ends the connection, `cat` waits for ssh to write something, and ssh for the end of its pipe, which
        // the shell has as well: it goes with openssl. Keep-alives would do that, too, and no session would ever be idle.
        return block("sh -c '{ \(ask); cat; } | { \(words.joined(separator: " ")); kill $$ 2>/dev/null; }'")
    }

    private func block(_ command: String) -> String {
        "Host \(hosts.joined(separator: " "))\n    ProxyCommand \(command)\n"
    }

    /// A word for the shell that ssh(1) has read the line, in which `%` is written twice.
    private static func quoted(_ word: String) throws(Failure) -> String {
        guard !word.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw Failure(code: "path", message: "`\(word.printable)` cannot be written into ssh_config")
        }
        let escaped = word.replacing("%", with: "%%")
        return word.utf8.allSatisfy(isPlain) ? escaped : "'\(escaped.replacing("'", with: #"'\''"#))'"
    }

    /// A path that stands inside quotation marks already.
    private static func plain(_ path: String) throws(Failure) -> String {
        guard path.utf8.allSatisfy(isPlain) else {
            throw Failure(
                code: "path",
                message: "`\(path.printable)` has a character that does not survive two rounds of quoting",
                hint: "use a path of letters, digits and - _ . / + @"
            )
        }
        return path
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_./+@:[]".utf8.contains(byte)
        }
    }
}
