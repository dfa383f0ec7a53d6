// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What can be told of administrators, roles and targets from `jumpd.toml` alone, once each key of it is right.
struct AccessLint {
    let rules: AccessRules
    let host: HostFile
    let report: Report

    func run() {
        checkNames()
        checkListeners()
        checkTargets()
        checkRoles()
        checkAdmins()
        checkIdentities()
        // Who may approve what follows from the names.
        if !report.diagnostics.hasErrors { checkApprovers() }
    }

    private func add(_ code: DiagnosticCode, _ path: String, _ message: String, mend hint: String) {
        report.add(code, at: host.origins[path], message, mend: hint)
    }

    // MARK: - Names

    private func checkNames() {
        checkUnique(rules.admins.map(\.id), "admin", "administrators")
        checkUnique(rules.roles.map(\.id), "role", "roles")
        checkUnique(rules.targets.map(\.id), "target", "targets")
        var logins: [String: Int] = [:]
        for (index, admin) in rules.admins.enumerated() {
            guard let login = admin.login else { continue }
            if login == "root" {
                let mend = "name the account this person logs in with; root may look and not act"
                add(.identifier, "admin[\(index)].login", "root is nobody in particular", mend: mend)
            }
            guard let first = logins.updateValue(index, forKey: login) else { continue }
            let message = "the account \(quoted(login)) is \(rules.admins[first].id)'s already"
            add(.repeated, "admin[\(index)].login", message, mend: "give each person an account of their own")
        }
    }

    private func checkUnique(_ names: [String], _ key: String, _ noun: String) {
        var seen: Set<String> = []
        for (index, name) in names.enumerated() where !seen.insert(name).inserted {
            let message = "two \(noun) are called \(quoted(name))"
            add(.repeated, "\(key)[\(index)].id", message, mend: "give each an `id` of its own")
        }
    }

    // MARK: - Places

    /// The kernel must let administrators in to where the gate listens.
    private func checkListeners() {
        for (index, endpoint) in rules.gate.listen.enumerated()
        where !host.management.ports.contains(endpoint.port) {
            let place = host.origins["management.ports"]
            let message = "the gate is on port \(endpoint.port), which [management] ports does not open (\(place))"
            add(.portDisagrees, "gate.listen[\(index)]", message, mend: "add \(endpoint.port) there, or mend it here")
        }
        var sockets: [String: String] = [host.control: "control.path", host.tunnels.control: "tunnels.control"]
        for (path, key) in [
            (rules.gate.control, "gate.control"), (rules.audit.control, "audit.control"),
            (rules.audit.events, "audit.events"),
        ] {
            guard let other = sockets.updateValue(key, forKey: path) else { continue }
            let message = "\(quoted(path)) is taken by `\(other)` already"
            add(.conflict, key, message, mend: "give each socket a path of its own")
        }
    }

    private func checkTargets() {
        for (index, target) in rules.targets.enumerated() {
            let isOurs = host.addresses.contains(target.address) || host.tunnels.addresses.contains(target.address)
            if isOurs {
                let message = "\"\(target.address)\" is this host itself"
                let hint = "administer this host with ssh from [management], or at an address inside"
                add(.targetAddress, "target[\(index)].address", message, mend: hint)
            }
            guard let idle = target.idle, idle > target.longest ?? rules.gate.longest else { continue }
            let message = "a session would idle for \(idle.text) and be at most "
            let longest = (target.longest ?? rules.gate.longest).text
            add(.conflict, "target[\(index)].idle", message + longest, mend: "make `idle` the shorter one")
        }
        if rules.gate.idle > rules.gate.longest {
            let message = "a session would idle for \(rules.gate.idle.text) and be at most \(rules.gate.longest.text)"
            add(.conflict, "gate.idle", message, mend: "make `idle` the shorter one")
        }
    }

    // MARK: - References

    private func checkRoles() {
        for (index, role) in rules.roles.enumerated() {
            for (item, destination) in role.targets.enumerated() {
                let path = "role[\(index)].targets[\(item)]"
                guard let target = rules.target(destination.target) else {
                    let message = "there is no target \(quoted(destination.target))"
                    let hint = nearest(destination.target, rules.targets.map(\.id), "[[target]]")
                    add(.targetUnknown, path, message, mend: hint)
                    continue
                }
                guard let port = destination.port, !target.ports.contains(port) else { continue }
                let message = "\(target.id) has no port \(port)"
                let ports = target.ports.map(String.init).joined(separator: ", ")
                add(.targetUnknown, path, message, mend: "use one of its ports, \(ports), or add it to the target")
            }
        }
    }

    private func checkAdmins() {
        for (index, admin) in rules.admins.enumerated() {
            for (item, role) in admin.roles.enumerated() where rules.role(role) == nil {
                let hint = nearest(role, rules.roles.map(\.id), "[[role]]")
                add(.roleUnknown, "admin[\(index)].roles[\(item)]", "there is no role \(quoted(role))", mend: hint)
            }
            for (item, prefix) in admin.from.enumerated()
            where !host.management.from.contains(where: { $0.contains(prefix) }) {
                let place = host.origins["management.from"]
                let message = "\(admin.id) comes from \"\(prefix)\", but the kernel does not let it in (\(place))"
                add(.networkDisagrees, "admin[\(index)].from[\(item)]", message, mend: "use networks of [management]")
            }
        }
    }

    private func nearest(_ name: String, _ names: [String], _ table: String) -> String {
        Spelling.nearest(to: name, among: names).map { "did you mean \(quoted($0))?" }
            ?? "add a \(table) with `id = \(quoted(name))`, or remove the name"
    }

    // MARK: - People

    /// One certificate must never be able to stand for two people; here by the name of the authority's file.
    private func checkIdentities() {
        struct Identity: Hashable {
            let ca: String
            let san: AdminName
        }
        var names: [Identity: Int] = [:]
        var pins: [KeyPin: Int] = [:]
        for (index, admin) in rules.admins.enumerated() {
            let identity = Identity(ca: admin.ca, san: admin.san)
            if let first = names[identity] {
                let message = "\(quoted(admin.san.description)) under \(admin.ca) is \(rules.admins[first].id) already"
                add(.adminShared, "admin[\(index)].san", message, mend: "give each person a name of their own")
            }
            names[identity] = names[identity] ?? index
            for (item, pin) in admin.pins.enumerated() {
                if let first = pins[pin], first != index {
                    let message = "this key is \(rules.admins[first].id)'s already"
                    add(.adminShared, "admin[\(index)].pin[\(item)]", message, mend: "let each person make a key")
                }
                pins[pin] = pins[pin] ?? index
            }
        }
    }

    /// What somebody asks for is decided on by somebody else.
    private func checkApprovers() {
        let approvers = rules.admins.filter { $0.isEnabled && rules.rights(of: $0).contains(.approve) }.map(\.id)
        for (index, admin) in rules.admins.enumerated() where admin.isEnabled {
            guard !approvers.contains(where: { $0 != admin.id }) else { continue }
            if admin.isBreakGlass {
                let message = "nobody else could close the review when \(admin.id) breaks the glass"
                let hint = "give another [[admin]] a role with `may = [\"approve\"]`"
                add(.breakGlass, "admin[\(index)].break-glass", message, mend: hint)
            } else if !rules.destinations(of: admin).isEmpty {
                let message = "nobody else may approve what \(admin.id) asks for"
                let hint = "give another [[admin]] a role with `may = [\"approve\"]`"
                add(.approverNone, "admin[\(index)]", message, mend: hint)
            }
        }
    }
}
