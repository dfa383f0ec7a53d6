// SPDX-License-Identifier: Apache-2.0

/// What the owner of a simulator asks of it on its Unix socket.
///
/// `GET /v1/status`; `GET` and `PUT /faults`, the latter with faults as ``Fault`` writes them, separated by
/// blanks, or nothing to clear them. Everything else goes to the simulator itself.
package final class ControlDoor: Role {
    private let role: any Role
    private let faults: FaultPlan

    package init(_ role: any Role, faults: FaultPlan) {
        self.role = role
        self.faults = faults
    }

    package func answer(_ request: ReceivedRequest) -> Answer {
        switch (request.method, request.path) {
        case ("GET", "/v1/status"): return .json(200, ["faults": faults.current.map(\.description)])
        case ("GET", "/faults"): return .json(200, faults.current.map(\.description))
        case ("PUT", "/faults"):
            let words = String(decoding: request.body, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            let wanted = words.compactMap { Fault($0) }
            guard wanted.count == words.count else { return Answer(status: 400) }
            faults.replace(with: wanted)
            return Answer(status: 204)
        default: return role.answer(request)
        }
    }
}
