// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TOML

extension HostFile {
    /// What reading came to: a file when there is no error, and everything there is to say.
    package struct Outcome: Sendable {
        package let file: HostFile?
        /// In the order of the file.
        package let diagnostics: [Diagnostic]
    }

    package static func parse(_ text: String, fileName: String = "jumpd.toml") -> Outcome {
        let report = Report(file: fileName, text: text)
        let file = read(text, into: report)
        return Outcome(file: file, diagnostics: report.diagnostics.sorted())
    }

    static func read(_ text: String, into report: Report) -> HostFile? {
        do throws(TOMLError) {
            let root = try TOML.parse(text)
            guard case .table(let table) = root.kind else { return nil }
            let reader = TableReader(table, at: root.position, title: "", report: report)
            let file = HostReader(root: reader).file(origins: Origins(file: report.file, root: root))
            return report.diagnostics.hasErrors ? nil : file
        } catch {
            report.add(error)
            return nil
        }
    }
}

/// Takes the host's description out of the root table of `jumpd.toml`.
struct HostReader {
    let root: TableReader

    /// Nothing when a required part is missing or wrong; what is wrong was reported.
    func file(origins: Origins) -> HostFile? {
        let addresses = single("host") { $0.addresses("addresses", count: 1...64) }
        let management = zone("management")
        let partnerPorts = single("partners") { $0.ports("ports") }
        let `internal` = zone("internal")
        let egress = egress()
        let control = control()
        let tunnels = tunnels()
        let accessReader = AccessReader(root: root)
        let audit = accessReader.audit()
        let access = accessReader.rules(audit: audit)
        root.close()
        guard let addresses, let management, let partnerPorts, let `internal` else { return nil }
        checkPorts(partnerPorts, management, `internal`, origins)
        let file = HostFile(
            addresses: addresses,
            management: management,
            partnerPorts: partnerPorts,
            internal: `internal`,
            egress: egress,
            control: control,
            tunnels: HostFile.Tunnels(addresses: tunnels.addresses ?? addresses, control: tunnels.control),
            audit: audit,
            access: access,
            origins: origins
        )
        if let access, !root.report.diagnostics.hasErrors {
            AccessLint(rules: access, host: file, report: root.report).run()
        }
        return file
    }

    private func single<Value>(_ key: String, _ take: (TableReader) -> Value?) -> Value? {
        guard let table = root.table(key, required: true) else { return nil }
        defer { table.close() }
        return take(table)
    }

    private func zone(_ key: String) -> HostFile.Zone? {
        single(key) { table in
            let from = table.prefixes("from", count: 1...100)
            let ports = table.ports("ports")
            guard let from, let ports else { return nil }
            return HostFile.Zone(from: from, ports: ports)
        }
    }

    /// What is wrong in it was reported, so that what is left out here is never used.
    private func egress() -> [HostFile.Reach] {
        root.tables("egress", count: 0...64).compactMap { table in
            let to = table.prefixes("to", count: 1...100)
            let ports = table.ports("ports")
            table.close()
            guard let to, let ports else { return nil }
            return HostFile.Reach(to: to, ports: ports)
        }
    }

    private func control() -> String {
        let standard = HostFile.controlDefault
        guard let table = root.table("control") else { return standard }
        defer { table.close() }
        return table.absolutePath("path") ?? standard
    }

    private func tunnels() -> (addresses: [IPAddress]?, control: String) {
        let standard = HostFile.Tunnels.controlDefault
        guard let table = root.table("tunnels") else { return (nil, standard) }
        defer { table.close() }
        let addresses = table.has("addresses") ? table.addresses("addresses", count: 1...16) : nil
        return (addresses, table.absolutePath("control") ?? standard)
    }

    /// A partner port that is also a management or an inside port would be open to both.
    private func checkPorts(
        _ ports: [UInt16],
        _ management: HostFile.Zone,
        _ `internal`: HostFile.Zone,
        _ origins: Origins
    ) {
        for (index, port) in ports.enumerated() {
            let zone =
                management.ports.contains(port) ? "management" : `internal`.ports.contains(port) ? "internal" : nil
            guard let zone else { continue }
            let message = "port \(port) is for partners and in [\(zone)] as well"
            let origin = origins["partners.ports[\(index)]"]
            root.report.add(.conflict, at: origin, message, mend: "give partners a port of their own")
        }
    }
}
