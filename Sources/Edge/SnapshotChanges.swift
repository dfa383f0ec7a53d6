// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import Partners
internal import Synchronization
internal import TLS

/// What becomes different when one snapshot takes another's place, for plans and answers.
///
/// A key or a secret replaced under the same name is read anew by every reload and is not told.
struct SnapshotChanges {
    private let old: Snapshot
    private let new: Snapshot

    init(from old: Snapshot, to new: Snapshot) {
        self.old = old
        self.new = new
    }

    var items: [ChangeItem] { gateway + partners + certificates }

    private var gateway: [ChangeItem] {
        let names = new.gateway.differences(from: old.gateway)
        return names.isEmpty ? [] : [ChangeItem(.modify, text: "eigd.toml: \(names.joined(separator: ", "))")]
    }

    private var partners: [ChangeItem] {
        let before = Dictionary(old.directory.records.map { ($0.id, $0) }) { first, _ in first }
        let after = Dictionary(new.directory.records.map { ($0.id, $0) }) { first, _ in first }
        return Set(before.keys).union(after.keys).sorted().compactMap { id in
            switch (before[id], after[id]) {
            case (nil, let added?): ChangeItem(.add, partner: id.rawValue, text: "\(added.partner.name)")
            case (let removed?, nil):
                ChangeItem(.remove, partner: id.rawValue, text: removed.partner.name, disruption: cut(removed))
            case (let was?, let becomes?): change(was, becomes)
            case (nil, nil): nil
            }
        }
    }

    private func change(_ was: PartnerRecord, _ becomes: PartnerRecord) -> ChangeItem? {
        var names = becomes.partner.differences(from: was.partner)
        if was.credential != becomes.credential, !names.contains("[credential]") { names.append("the credential file") }
        guard !names.isEmpty else { return nil }
        let isShutOut = was.partner.isEnabled && !becomes.partner.isEnabled
        return ChangeItem(
            .modify,
            partner: becomes.id.rawValue,
            text: names.joined(separator: ", "),
            disruption: isShutOut ? cut(was) : nil
        )
    }

    private func cut(_ record: PartnerRecord) -> String? {
        let count = record.runtime.connectionsLive.load(ordering: .relaxed)
        return count > 0 ? "\(count) live connection\(count == 1 ? "" : "s") will be cut" : nil
    }

    /// Files that hold other certificates than before under the same name.
    private var certificates: [ChangeItem] {
        let before = Self.byFile(old)
        let after = Self.byFile(new)
        return after.keys.sorted().compactMap { file in
            guard let held = before[file], held != after[file] else { return nil }
            return ChangeItem(.modify, text: "certificates in \(file)")
        }
    }

    private static func byFile(_ snapshot: Snapshot) -> [String: Set<[UInt8]>] {
        Dictionary(grouping: snapshot.certificates, by: \.file).mapValues { Set($0.map(\.certificate.sha256)) }
    }
}
