// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TOML

/// Where a gate of administrators is called: a host name in lower case or an address, and a port.
package struct GateAddress: Hashable, Sendable, CustomStringConvertible {
    /// Where a gate listens unless `jumpd.toml` says otherwise.
    package static let portStandard: UInt16 = 9443

    /// An address is without brackets.
    package let host: String
    package let port: UInt16

    /// Parses `jump.edge.example`, `jump.edge.example:9443` or `[2001:db8::1]:9443`.
    package init?(_ text: String) {
        guard !text.contains("/"), let url = try? EndpointURL("https://\(text)") else { return nil }
        host = url.host
        let afterBracket = text.lastIndex(of: "]") ?? text.startIndex
        port = text[afterBracket...].contains(":") ? url.port : Self.portStandard
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// `~/.config/eig/jump.toml`: which gate an administrator's `eigctl` asks, and with which certificate.
///
/// The files are named from the folder this one lies in, or absolutely.
package struct JumpFile: Hashable, Sendable {
    /// What reading came to: a file when there is no error, and everything there is to say.
    package struct Outcome: Sendable {
        package let file: JumpFile?
        /// In the order of the file.
        package let diagnostics: [Diagnostic]
    }

    package let gate: GateAddress
    /// The person's certificate chain, leaf first.
    package let certificate: String
    package let key: String
    /// The authorities of the gate's own certificate.
    package let ca: String

    /// The same gate with other paths.
    package func with(certificate: String, key: String, ca: String) -> JumpFile {
        JumpFile(gate: gate, certificate: certificate, key: key, ca: ca)
    }

    package static func parse(_ text: String, fileName: String = "jump.toml") -> Outcome {
        let report = Report(file: fileName, text: text)
        var file: JumpFile?
        do throws(TOMLError) {
            let root = try TOML.parse(text)
            if case .table(let table) = root.kind {
                file = read(TableReader(table, at: root.position, title: "", report: report))
            }
        } catch {
            report.add(error)
        }
        let diagnostics = report.diagnostics.sorted()
        return Outcome(file: diagnostics.hasErrors ? nil : file, diagnostics: diagnostics)
    }

    private static func read(_ root: TableReader) -> JumpFile? {
        let rule = "it must be a host name in lower case or an address, and a port"
        let gate = root.parsed("gate", required: true, .address, rule, example: "\"jump.edge.example:9443\"") {
            GateAddress($0)
        }
        let certificate = path("certificate", root, example: "\"anna.pem\"")
        let key = path("key", root, example: "\"anna.key\"")
        let ca = path("ca", root, example: "\"jump-ca.pem\"")
        root.close()
        guard let gate, let certificate, let key, let ca else { return nil }
        return JumpFile(gate: gate, certificate: certificate, key: key, ca: ca)
    }

    private static func path(_ key: String, _ root: TableReader, example: String) -> String? {
        root.parsed(key, required: true, .text, "it must be the path of a file", example: example) { text in
            let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
            return (1...1024).contains(text.utf8.count) && isPlain ? text : nil
        }
    }
}
