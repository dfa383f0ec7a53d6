// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import AuditTrail
internal import Base
internal import ConfigurationFolder
internal import Control
internal import LinuxIO
internal import Partners
internal import Whitelist

extension EnforceService {
    /// The control socket's verbs.
    func answer(_ request: ControlRequest) -> ControlResponse {
        switch (request.method, request.path) {
        case ("GET", "/v1/status"):
            do throws(EnforceFailure) {
                return ControlResponse(try status())
            } catch {
                return .failure(500, code: "kernel_unreadable", message: error.description)
            }
        case ("GET", "/v1/metrics"):
            do throws(EnforceFailure) {
                return try metrics().response
            } catch {
                return .failure(500, code: "kernel_unreadable", message: error.description)
            }
        case ("POST", "/v1/plan"): return change(isApplied: false) { () throws(Refusal) in try plan() }
        case ("POST", "/v1/apply"):
            let response = change(isApplied: true) { () throws(Refusal) in try apply() }
            Log.write("apply asked by uid \(request.peer.userID): status \(response.status)")
            operators.note(.configApply, request, response, object: "allow-list")
            return response
        default: return .noSuchPath(request)
        }
    }

    private func change(isApplied: Bool, _ body: () throws(Refusal) -> Applied) -> ControlResponse {
        do throws(Refusal) {
            let applied = try body()
            let structural = applied.report.structural.map { ChangeItem(.modify, text: $0) }
            return ControlResponse(
                ChangeDocument(
                    isApplied: isApplied,
                    changes: structural + applied.report.changeItems,
                    diagnostics: applied.diagnostics.map { DiagnosticItem($0) },
                    generation: applied.generation
                )
            )
        } catch {
            return Self.response(to: error)
        }
    }

    private static func response(to refusal: Refusal) -> ControlResponse {
        switch refusal {
        case .configuration(let diagnostics):
            return .failure(
                422,
                code: "configuration_refused",
                message: refusal.line + "; nothing was changed",
                hint: "run `eigctl check`",
                diagnostics: diagnostics.map { DiagnosticItem($0) }
            )
        case .enforce(.conflict):
            return .failure(
                422,
                code: "configuration_refused",
                message: refusal.line + "; nothing was changed",
                hint: "an address may belong to one partner only"
            )
        case .enforce(.heldByAnother):
            return .failure(
                409,
                code: "table_held",
                message: refusal.line + "; nothing was changed",
                hint: "stop the other program, then apply again"
            )
        case .enforce(.mismatch):
            return .failure(
                500,
                code: "kernel_mismatch",
                message: refusal.line,
                hint: "every partner is shut out until an apply succeeds"
            )
        case .enforce(.kernel):
            return .failure(500, code: "kernel_refused", message: refusal.line + "; nothing was changed")
        }
    }
}
