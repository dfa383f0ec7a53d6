// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import TOML

/// Reads the files of one configuration folder, then checks them against each other.
struct ConfigurationLoader<Source: ConfigurationSource> {
    let source: Source
    let now: WallInstant
    let requiring: Set<Configuration.Requirement>
    let inspect: Configuration.CertificateInspector?
    private var reports: [String: Report] = [:]

    /// At most this many partner files.
    private static var partnersMax: Int { 10_000 }

    init(
        source: Source,
        now: WallInstant,
        requiring: Set<Configuration.Requirement>,
        inspect: Configuration.CertificateInspector?
    ) {
        self.source = source
        self.now = now
        self.requiring = requiring
        self.inspect = inspect
    }

    mutating func load() -> Configuration.Outcome {
        let gateway = load(ConfigurationPath.gateway, isRequired: requiring.contains(.gateway)) {
            GatewayFile.read($0, into: $1)
        }
        let host = load(ConfigurationPath.host, isRequired: !requiring.isDisjoint(with: [.host, .gate])) {
            HostFile.read($0, into: $1)
        }
        if requiring.contains(.gate), let host, host.access == nil { reportNoGate() }
        let partners = loadPartners()
        let reader = ConfigurationReader(requiring: requiring)
        var references = ReferenceCheck(source: source, reports: reports, inspect: inspect, reader: reader)
        for partner in partners { references.check(partner) }
        if let gateway { references.check(gateway) }
        if let host { references.check(host) }
        let lint = SetLint(
            gateway: gateway,
            host: host,
            partners: partners,
            authorities: references.authorities,
            adminAuthorities: references.adminAuthorities,
            now: now,
            reader: reader,
            reports: reports
        )
        lint.run()
        let diagnostics = reports.values.flatMap(\.diagnostics).sorted()
        guard !diagnostics.hasErrors else {
            return Configuration.Outcome(configuration: nil, diagnostics: diagnostics)
        }
        let configuration = Configuration(
            gateway: gateway,
            host: host,
            partners: partners,
            authorities: references.authorities,
            adminAuthorities: references.adminAuthorities,
            credentials: references.credentials
        )
        return Configuration.Outcome(configuration: configuration, diagnostics: diagnostics)
    }

    /// A missing file that nobody requires is silently nothing.
    private mutating func load<File>(
        _ path: String,
        isRequired: Bool,
        _ read: (String, Report) -> File?
    ) -> File? {
        let report: Report
        switch source.read(path, limitBytes: TOML.textBytesMax) {
        case .bytes(let bytes):
            let text = String(decoding: bytes, as: UTF8.self)
            report = Report(file: path, text: text)
            reports[path] = report
            guard String(validating: bytes, as: UTF8.self) != nil else {
                report.add(.syntax, at: Self.start, "the file is not UTF-8", mend: "save it as UTF-8")
                return nil
            }
            return read(text, report)
        case .missing:
            guard isRequired else { return nil }
            report = Report(file: path)
            report.add(
                .fileMissing,
                at: Self.start,
                "there is no \(path)",
                mend: "start from the example in /usr/share/doc"
            )
        case .forbidden where !isRequired && !requiring.isEmpty:
            report = Report(file: path)
            let message = "may not be read by this user, so nothing was checked against it"
            report.add(.fileUnchecked, at: Self.start, message, mend: "give it to this user's group, mode 640")
        case .forbidden:
            report = Report(file: path)
            report.add(.fileUnreadable, at: Self.start, "may not be read by this user", mend: "mend its owner or mode")
        case .failed(let why):
            report = Report(file: path)
            report.add(.fileUnreadable, at: Self.start, "could not be read: \(why)", mend: "mend the file")
        }
        reports[path] = report
        return nil
    }

    private func reportNoGate() {
        let hint = "add a table [gate], or stop jumpd.socket"
        reports[ConfigurationPath.host]?.add(.missingKey, at: Self.start, "there is no [gate]", mend: hint)
    }

    private static var start: TOMLPosition { TOMLPosition(line: 1, column: 1) }

    /// In the order of their ids.
    private mutating func loadPartners() -> [Partner] {
        let folder = ConfigurationPath.partners
        let partners = partnerFiles(in: folder).compactMap { name in
            load("\(folder)/\(name)", isRequired: true) { PartnerFile.read($0, into: $1) }
        }
        return partners.sorted { $0.id < $1.id }
    }

    /// A folder that cannot be listed is an error: reading it as empty would lock every partner out.
    private mutating func partnerFiles(in folder: String) -> [String] {
        let report = Report(file: folder)
        reports[folder] = report
        var names: [String] = []
        switch source.names(in: folder) {
        case .names(let all): names = all.filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }.sorted()
        case .missing: break
        case .failed(let why):
            report.add(.fileUnreadable, at: Self.start, "could not be listed: \(why)", mend: "mend its owner or mode")
            return []
        }
        if names.count > Self.partnersMax {
            let message = "\(names.count) partner files; \(Self.partnersMax) are supported"
            report.add(.count, at: Self.start, message, mend: "spread the partners over several hosts")
            return []
        }
        if names.isEmpty {
            let hint = "add \(folder)/ID.toml for each partner"
            report.add(.partnersNone, at: Self.start, "there is no partner file: nobody is let in", mend: hint)
        }
        return names
    }
}
