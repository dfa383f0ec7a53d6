// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
package import ConfigurationFolder
package import Control
internal import LinuxIO

/// What is asked over the host's control socket.
extension GateService {
    package func answer(_ request: ControlRequest) -> ControlResponse {
        let question = DeskQuestion(
            method: request.method,
            path: request.path,
            query: ControlQuery.render(request.query),
            body: request.body
        )
        let caller = DeskCaller.local(request.peer, request.loggedIn)
        if let response = desk.answer(question, caller, now: Clock.wall()) { return response }
        let asker = DeskAsker(caller, snapshot.policy, now: Clock.wall())
        let mayLook = asker.isOperator || (asker.person != nil && request.method == "GET")
        guard mayLook else {
            let message = "\(asker.name) may not ask this"
            return .failure(403, code: "operators_only", message: message, hint: "ask as root: sudo eigctl …")
        }
        switch (request.method, request.path) {
        case ("GET", "/v1/status"): return ControlResponse(status)
        case ("GET", "/v1/metrics"): return metrics.response
        case ("POST", "/v1/reload"): return reload(request, asker)
        default: return .noSuchPath(request)
        }
    }

    /// As ``SIGHUP`` asks: who sent it, nobody knows.
    package func reloadBySignal() throws(ConfigurationRefused) {
        try reload(by: "", how: "signal SIGHUP", origin: "local")
    }

    private func reload(_ request: ControlRequest, _ asker: DeskAsker) -> ControlResponse {
        do throws(ConfigurationRefused) {
            guard request.query["check"] != "1" else { return ControlResponse(try reload(checkOnly: true)) }
            return ControlResponse(try reload(by: asker.name, how: asker.how, origin: asker.origin))
        } catch {
            return .failure(
                422,
                code: "configuration_refused",
                message: error.description,
                hint: "mend the files and ask again; what is in force stays",
                diagnostics: error.diagnostics
            )
        }
    }

    /// Does it, and writes down that it was done or refused.
    @discardableResult
    private func reload(
        by who: String,
        how: String,
        origin: String
    ) throws(ConfigurationRefused) -> ChangeDocument {
        func tell(_ outcome: AuditEvent.Outcome, _ detail: AuditEvent.Detail) {
            environment.audit.tell(
                AuditEvent(
                    .configReload,
                    outcome,
                    who: who,
                    how: how,
                    origin: origin,
                    object: "gate",
                    details: [detail]
                )
            )
        }
        do throws(ConfigurationRefused) {
            let document = try reload()
            tell(.success, AuditEvent.Detail("generation", document.generation))
            return document
        } catch {
            tell(.failure, AuditEvent.Detail("refused", error.description))
            throw error
        }
    }
}
