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
        func tell(_ outcome: AuditEvent.Outcome, _ detail: AuditEvent.Detail) {
            environment.audit.tell(
                AuditEvent(
                    .configReload,
                    outcome,
                    who: "",
                    how: "signal SIGHUP",
                    origin: "local",
                    object: "gate",
                    details: [detail]
                )
            )
        }
        do throws(ConfigurationRefused) {
            tell(.success, AuditEvent.Detail("generation", try reload().generation))
        } catch {
            tell(.failure, AuditEvent.Detail("refused", error.description))
            throw error
        }
    }

    private func reload(_ request: ControlRequest, _ asker: DeskAsker) -> ControlResponse {
        let isCheck = request.query["check"] == "1"
        func tell(_ outcome: AuditEvent.Outcome, _ detail: AuditEvent.Detail) {
            guard !isCheck else { return }
            environment.audit.tell(
                AuditEvent(
                    .configReload,
                    outcome,
                    who: asker.name,
                    how: asker.how,
                    origin: asker.origin,
                    object: "gate",
                    details: [detail]
                )
            )
        }
        do throws(ConfigurationRefused) {
            let document = try reload(checkOnly: isCheck)
            tell(.success, AuditEvent.Detail("generation", document.generation))
            return ControlResponse(document)
        } catch {
            tell(.failure, AuditEvent.Detail("refused", error.description))
            return .failure(
                422,
                code: "configuration_refused",
                message: error.description,
                hint: "mend the files and ask again; what is in force stays",
                diagnostics: error.diagnostics
            )
        }
    }
}
