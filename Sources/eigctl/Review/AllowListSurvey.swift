// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import ConfigurationFolder
internal import Control
internal import Partners

/// One network that a partner file lets in, whether anybody used it, and until when it stands.
package struct AllowListLine: Codable, Hashable, Sendable {
    package var partner: String
    package var from: String
    /// The tunnel it must come through, if any.
    package var via: String?
    package var reason: String
    package var owner: String
    package var ticket: String
    package var until: String?
    /// Counted by the kernel since its table was made; nothing where it has no such entry.
    package var packetsTotal: Int?

    /// Nobody came from there since it is counted.
    package var isUnused: Bool { packetsTotal == 0 }
}

/// The allow-list as the files have it, with what the kernel counted.
enum AllowListSurvey {
    /// - Throws: when the files are not right, or the kernel's side could not be asked.
    static func lines(_ invocation: Invocation) throws(Failure) -> [AllowListLine] {
        let found = Configuration.load(from: FolderSource(invocation.folder), now: invocation.now)
        guard let configuration = found.configuration else {
            throw Failure(
                code: "configuration_refused",
                message: "\(invocation.folder): the configuration has errors",
                hint: "`eigctl check` shows them"
            )
        }
        let enforce = try invocation.enforcer.ask("GET", "/v1/status", for: EnforceStatusDocument.self)
        return configuration.partners.filter(\.isEnabled).flatMap { partner in
            let entries = enforce.partners.first { $0.id == partner.id.rawValue }?.entries ?? []
            return partner.allow.flatMap { rule in
                rule.from.map { line(partner, rule, $0, entries) }
            }
        }
    }

    private static func line(
        _ partner: Partner,
        _ rule: AllowEntry,
        _ prefix: IPPrefix,
        _ entries: [AllowEntryStatus]
    ) -> AllowListLine {
        let counted = entries.filter { entry in
            guard entry.via == rule.via, let held = IPPrefix(entry.prefix) else { return false }
            return prefix.overlaps(held)
        }
        return AllowListLine(
            partner: partner.id.rawValue,
            from: "\(prefix)",
            via: rule.via,
            reason: rule.reason,
            owner: partner.owner,
            ticket: partner.ticket,
            until: rule.until?.rfc3339,
            packetsTotal: counted.isEmpty ? nil : counted.map(\.packetsTotal).reduce(0, +)
        )
    }
}
