// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import AuditTrail
internal import Base
internal import ConfigurationFolder
internal import Control
internal import IPsecConfig
internal import Libreswan
internal import LinuxIO
internal import Partners
internal import Synchronization
internal import Systemd

extension TunnelsService {
    /// The control socket's verbs.
    func answer(_ request: ControlRequest) -> ControlResponse {
        switch (request.method, request.path) {
        case ("GET", "/v1/status"): return ControlResponse(status())
        case ("GET", "/v1/metrics"): return metrics().response
        case ("GET", "/v1/history"): return history(request)
        case ("POST", "/v1/plan"): return change(isApplied: false) { () throws(Refusal) in try plan() }
        case ("POST", "/v1/apply"):
            guard let phase = TunnelApplier.Phase(rawValue: request.query["phase"] ?? "all") else {
                return .failure(400, code: "no_such_phase", message: "`phase` is `all`, `additions` or `removals`")
            }
            let response = change(isApplied: true) { () throws(Refusal) in try apply(phase) }
            Log.write("apply (\(phase.rawValue)) asked by uid \(request.peer.userID): status \(response.status)")
            operators.note(
                .configApply,
                request,
                response,
                object: "tunnels",
                details: [.init("phase", phase.rawValue)]
            )
            return response
        case ("POST", _): return turn(request) ?? .noSuchPath(request)
        default: return .noSuchPath(request)
        }
    }

    /// `/v1/tunnels/<partner>/<name>/up`, `/down` or `/restart`; nothing for another path.
    private func turn(_ request: ControlRequest) -> ControlResponse? {
        let parts = request.segments
        guard parts.count == 5, parts[0] == "v1", parts[1] == "tunnels", let partner = PartnerID(String(parts[2])),
            let turn = Turn(rawValue: String(parts[4]))
        else { return nil }
        let id = TunnelID(partner: partner, name: String(parts[3]))
        let response = self.turn(id, turn, by: request.peer.userID)
        Log.write(
            Log.Line(
                text: "tunnel \(id) \(turn.rawValue) asked by uid \(request.peer.userID): status \(response.status)",
                partner: partner.rawValue
            )
        )
        operators.note(turn.kind, request, response, object: "tunnel \(id)")
        return response
    }

    private func change(isApplied: Bool, _ body: () throws(Refusal) -> Applied) -> ControlResponse {
        do throws(Refusal) {
            let applied = try body()
            return ControlResponse(
                ChangeDocument(
                    isApplied: isApplied,
                    changes: applied.result.changeItems,
                    diagnostics: applied.diagnostics.map { DiagnosticItem($0) } + applied.result.notices.map(Self.item),
                    generation: applied.generation
                )
            )
        } catch {
            if isApplied { Log.write("not applied: \(error.line)", priority: .warning) }
            return Self.response(to: error)
        }
    }

    static func item(_ notice: String) -> DiagnosticItem {
        DiagnosticItem(code: "W-TUNNELS", severity: "warning", file: "tunnels", message: notice)
    }

    static func response(to refusal: Refusal) -> ControlResponse {
        let unchanged = refusal.line + "; nothing was changed"
        switch refusal {
        case .configuration(let diagnostics):
            return .failure(
                422,
                code: "configuration_refused",
                message: unchanged,
                hint: "run `eigctl check`",
                diagnostics: diagnostics.map { DiagnosticItem($0) }
            )
        case .set, .secret:
            return .failure(422, code: "configuration_refused", message: unchanged, hint: "run `eigctl check`")
        case .apply(let failure):
            switch failure {
            case .partly: return .failure(500, code: "partly_applied", message: refusal.line, hint: failure.hint)
            case .notInstalled:
                return .failure(422, code: "no_libreswan", message: unchanged, hint: failure.hint)
            case .emission, .refused:
                return .failure(422, code: "libreswan_refused", message: unchanged, hint: failure.hint)
            case .file, .noRoom: return .failure(500, code: "not_written", message: unchanged, hint: failure.hint)
            case .tool: return .failure(500, code: "libreswan_failed", message: unchanged, hint: failure.hint)
            }
        }
    }
}

extension TunnelApplier.Applied {
    /// What changes, by tunnel; then what is put back that somebody else changed.
    var changeItems: [ChangeItem] {
        plan.delta.changes.map(ChangeItem.init) + repairs + fileChanges
    }

    /// One line for each.
    var lines: [Log.Line] {
        changeItems.map { item in
            let name = item.partner.map { "\($0): " } ?? ""
            let disruption = item.disruption.map { " (\($0))" } ?? ""
            return Log.Line(text: "\(item.sign.rawValue) \(name)\(item.text)\(disruption)", partner: item.partner)
        }
    }

    private var repairs: [ChangeItem] {
        func items(_ names: [ConnectionName], _ sign: ChangeItem.Sign, _ why: String, restarts: Bool) -> [ChangeItem] {
            Set(names.map(\.tunnel)).sorted().map { tunnel in
                ChangeItem(
                    sign,
                    partner: tunnel.partner.rawValue,
                    text: "tunnel \(tunnel.name): \(why)",
                    disruption: restarts ? TunnelChange.Disruption.restart.words(for: tunnel) : nil
                )
            }
        }
        return items(plan.rewritten, .modify, "written anew for this Libreswan", restarts: true)
            + items(plan.unfinished, .modify, "an earlier apply did not end", restarts: true)
            + items(plan.missing, .modify, "was not in Libreswan as it should be", restarts: true)
            + items(plan.untrapped, .modify, "its trap was gone", restarts: false)
            + items(plan.restarted, .modify, "loaded anew", restarts: true)
            + items(plan.takenDown, .modify, "taken down", restarts: false)
            + items(plan.stray, .remove, "nobody's in Libreswan", restarts: false)
            + (plan.hasUnreadSecrets ? [.unreadSecrets] : [])
    }

    /// Files that change although no tunnel of theirs does.
    private var fileChanges: [ChangeItem] {
        let told = Set((plan.delta.changes.map(\.tunnel) + plan.loads.map(\.tunnel)).map(\.partner.rawValue))
        return plan.writes.compactMap { name in
            if name == "eig.secrets" { return nil }
            if name == "eig.conf" { return ChangeItem(.modify, text: "\(name): taken on when Libreswan starts") }
            let partner = String(name.dropFirst(4).prefix { $0 != "." })
            return told.contains(partner) ? nil : ChangeItem(.modify, partner: partner, text: "\(name): written anew")
        }
    }
}

extension ChangeItem {
    fileprivate static var unreadSecrets: Self {
        Self(.modify, text: "secrets: read again, an earlier apply did not end")
    }

    fileprivate init(_ change: TunnelChange) {
        let sign: Sign
        switch change.kind {
        case .new: sign = .add
        case .different: sign = .modify
        case .gone: sign = .remove
        }
        self.init(
            sign,
            partner: change.tunnel.partner.rawValue,
            text: change.subject,
            disruption: change.disruption.words(for: change.tunnel)
        )
    }
}
