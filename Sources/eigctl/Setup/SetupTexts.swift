// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Partners

/// The two files' texts with the answers in them.
///
/// A value that says already what was answered is left as it is written.
struct SetupTexts {
    private let files: SetupFiles
    private let answers: SetupAnswers

    init(_ files: SetupFiles, _ answers: SetupAnswers) {
        self.files = files
        self.answers = answers
    }

    var gateway: String {
        let file = files.gateway
        var edit = ValueEdit(files.gatewaySource.text)
        func set(_ path: String, _ present: [String], _ question: SetupQuestion) {
            let wanted = answers[question]
            guard !wanted.isEmpty, present != wanted else { return }
            edit.set(file.origins[path], to: Self.list(wanted))
        }
        set("listen.partners", file.listen.partners.map(\.description), .addresses)
        set("listen.internal", file.listen.internal.map(\.description), .inside)
        set("server.names", file.server.names, .hostNames)
        set("internal.from", file.internalFrom.map(\.description), .insideNetworks)
        for question in [SetupQuestion.txn, .rpt] {
            guard let index = files.backend(question.rawValue), let address = answers[question].first,
                file.backends[index].address.description != address
            else { continue }
            edit.set(file.origins["backend[\(index)].address"], to: Self.quoted(address))
        }
        return edit.text
    }

    var host: String {
        let file = files.host
        var edit = ValueEdit(files.hostSource.text)
        let isConfigured = files.hostSource.isConfigured
        func set<Value: Hashable>(_ path: String, _ present: [Value], _ wanted: [Value], _ written: [String]) {
            // A configured file may say more than what was asked here.
            let holds = isConfigured ? Set(wanted).isSubset(of: present) : present == wanted
            if !holds { edit.set(file.origins[path], to: "[\(written.joined(separator: ", "))]") }
        }
        func set<Value: Hashable & CustomStringConvertible>(_ path: String, _ present: [Value], _ wanted: [Value]) {
            set(path, present, wanted, wanted.map { Self.quoted($0.description) })
        }
        func set(_ path: String, ports present: [UInt16], _ wanted: [UInt16]) {
            set(path, present, wanted, wanted.map(String.init))
        }
        let partners = answers.endpoints(.addresses)
        set("host.addresses", file.addresses, Self.distinct(partners.map(\.address)))
        set("partners.ports", ports: file.partnerPorts, Self.distinct(partners.map(\.port)))
        set("internal.from", file.internal.from, answers.networks(.insideNetworks))
        set("internal.ports", ports: file.internal.ports, Self.distinct(answers.endpoints(.inside).map(\.port)))
        // Here less is meant, too: a network that was named no more must be closed.
        if file.management.from != answers.networks(.management) {
            edit.set(file.origins["management.from"], to: Self.list(answers[.management]))
        }
        if file.management.ports != answers.ports {
            edit.set(file.origins["management.ports"], to: "[\(answers[.managementPorts].joined(separator: ", "))]")
        }
        if !isConfigured, !file.egress.isEmpty {
            if answers[.reach].isEmpty {
                edit.commentOut(tableOf: file.origins["egress[0].to"])
            } else {
                edit.set(file.origins["egress[0].to"], to: Self.list(answers[.reach]))
                edit.set(file.origins["egress[0].ports"], to: "[80, 443, 6514]")
            }
        }
        return edit.text
    }

    private static func distinct<Value: Hashable>(_ values: [Value]) -> [Value] {
        var seen: Set<Value> = []
        return values.filter { seen.insert($0).inserted }
    }

    private static func list(_ values: [String]) -> String { "[\(values.map(quoted).joined(separator: ", "))]" }

    /// What is written here has been taken apart and put together again, and holds nothing to escape.
    private static func quoted(_ value: String) -> String { "\"\(value)\"" }
}
