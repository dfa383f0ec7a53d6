// SPDX-License-Identifier: Apache-2.0
package import Control
internal import LinuxIO

/// What is asked over the host's control socket.
extension GateService {
    package func answer(_ request: ControlRequest) -> ControlResponse {
        switch (request.method, request.path) {
        case ("GET", "/v1/status"): return ControlResponse(status)
        case ("GET", "/v1/metrics"): return metrics.response
        case ("POST", "/v1/reload"): return reload(request)
        default: return .noSuchPath(request)
        }
    }

    private func reload(_ request: ControlRequest) -> ControlResponse {
        let isCheck = request.query["check"] == "1"
        do throws(GateConfigurationRefused) {
            let (generation, warnings) = try reload(checkOnly: isCheck)
            return ControlResponse(
                ChangeDocument(isApplied: !isCheck, changes: [], diagnostics: warnings, generation: generation)
            )
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
}
