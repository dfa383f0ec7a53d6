// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import AuditTrail
internal import Base
internal import Callbacks
internal import ConfigurationFolder
package import Control

/// What operators may ask eigd over its control socket.
package struct ControlDesk: Sendable {
    private let gateway: Gateway
    /// What operators do, for the audit log.
    private let operators: OperatorRecord

    package init(_ gateway: Gateway) {
        self.gateway = gateway
        operators = OperatorRecord(folder: gateway.folder) { gateway.log("audit_log_refused", $0) }
    }

    package func answer(_ request: ControlRequest) -> ControlResponse {
        let response = respond(to: request)
        if let (kind, object) = Self.act(request) { operators.note(kind, request, response, object: object) }
        return response
    }

    /// What changes something, and on what; nothing for what only looks.
    private static func act(_ request: ControlRequest) -> (AuditKind, object: String)? {
        guard request.method == "POST" else { return nil }
        let segments = request.segments
        switch (segments.count, segments.last) {
        case (2, "reload"): return request.query["check"] == "1" ? nil : (.configReload, "gateway")
        case (4, "replay"): return (.callbacksReplay, "callback \(segments[2])")
        case (4, "release"): return (.callbacksRelease, "callback \(segments[2])")
        case (3, "backup"): return (.storeBackup, "callbacks")
        default: return nil
        }
    }

    private func respond(to request: ControlRequest) -> ControlResponse {
        let segments = request.segments
        guard segments.first == "v1" else { return .noSuchPath(request) }
        switch (request.method, segments.dropFirst().first ?? "", segments.count) {
        case ("GET", "status", 2): return ControlResponse(StatusReport(gateway).document)
        case ("GET", "metrics", 2): return MetricsReport(gateway).page.response
        case ("POST", "reload", 2): return reload(request)
        case ("POST", "store", 3) where segments[2] == "backup": return backup(.copy)
        case ("GET", "store", 3) where segments[2] == "backup": return backup(.copyStatus)
        case ("DELETE", "store", 3) where segments[2] == "backup": return backup(.dropCopy)
        case ("GET", "callbacks", 2): return list(request)
        case ("GET", "callbacks", 3): return show(segments[2])
        case ("POST", "callbacks", 4) where segments[3] == "replay": return replay(segments[2])
        case ("POST", "callbacks", 4) where segments[3] == "release": return release(segments[2])
        default: return .noSuchPath(request)
        }
    }

    private func reload(_ request: ControlRequest) -> ControlResponse {
        let isCheck = request.query["check"] == "1"
        do {
            let outcome = try gateway.reload(checkOnly: isCheck)
            let document = ChangeDocument(
                isApplied: !isCheck,
                changes: outcome.changes,
                diagnostics: outcome.warnings,
                generation: outcome.generation
            )
            return ControlResponse(document)
        } catch {
            return .failure(
                422,
                code: "configuration_refused",
                message: error.description,
                hint: "mend the files and ask again; the running configuration stays",
                diagnostics: error.diagnostics
            )
        }
    }

    private func list(_ request: ControlRequest) -> ControlResponse {
        var filter = RelayQuery.Filter(limit: request.query["limit"].flatMap { Int($0) } ?? 100)
        if let names = request.query["state"] {
            var states: Set<ItemState> = []
            for name in names.split(separator: ",") {
                switch name {
                // Given up, whether or not it holds the ones behind it.
                case "dead": states.formUnion([.dead, .held])
                case "pending": states.formUnion(ItemState.allCases.filter(\.isOpen))
                default:
                    guard let state = ItemState(String(name)) else {
                        return .failure(400, code: "unknown_state", message: "there is no state \(name)")
                    }
                    states.insert(state)
                }
            }
            filter.states = states
        }
        filter.partner = request.query["partner"]
        switch gateway.environment.relay.ask(.list(filter)) {
        case .items(let items, let before):
            return ControlResponse(
                CallbackListDocument(callbacks: items.map { CallbackItem($0) }, isTruncated: before != nil)
            )
        default: return unavailable
        }
    }

    private func show(_ text: Substring) -> ControlResponse {
        guard let id = UniqueID(String(text)) else { return notAnID(text) }
        switch gateway.environment.relay.ask(.show(id)) {
        case .item(let detail):
            let text = detail.body.flatMap { String(validating: $0, as: UTF8.self) }
            return ControlResponse(
                CallbackDocument(
                    callback: CallbackItem(detail.item),
                    attempts: detail.attempts.map { CallbackAttempt($0) },
                    body: text,
                    bodyBase64: text == nil ? detail.body.map { Base64.encode($0) } : nil
                )
            )
        case .notFound: return notFound(text)
        default: return unavailable
        }
    }

    private func replay(_ text: Substring) -> ControlResponse {
        guard let id = UniqueID(String(text)) else { return notAnID(text) }
        switch gateway.environment.relay.ask(.replay(id)) {
        case .replayed(let fresh):
            gateway.log("replayed", "\(id) as \(fresh)")
            return ControlResponse(ReplayAnswer(replayOf: id.description, id: fresh.description))
        case .notFound: return notFound(text)
        case .refused(let why): return .failure(409, code: "not_possible", message: why)
        default: return unavailable
        }
    }

    private func release(_ text: Substring) -> ControlResponse {
        guard let id = UniqueID(String(text)) else { return notAnID(text) }
        switch gateway.environment.relay.ask(.release(id)) {
        case .released:
            gateway.log("released", "\(id)")
            return ControlResponse(ReplayAnswer(replayOf: id.description, id: id.description))
        case .notFound: return notFound(text)
        case .refused(let why): return .failure(409, code: "not_possible", message: why)
        default: return unavailable
        }
    }

    private func backup(_ question: RelayQuery) -> ControlResponse {
        switch gateway.environment.relay.ask(question) {
        case .copy(let status): return ControlResponse(StoreBackupDocument(status))
        case .refused(let why): return .failure(409, code: "not_possible", message: why)
        default: return unavailable
        }
    }

    private var unavailable: ControlResponse {
        .failure(503, code: "relay_unavailable", message: "the relay does not answer now", hint: "see eigd's log")
    }

    private func notFound(_ text: Substring) -> ControlResponse {
        .failure(404, code: "not_found", message: "there is no callback \(text)", hint: "see eigctl callbacks list")
    }

    private func notAnID(_ text: Substring) -> ControlResponse {
        .failure(400, code: "not_an_id", message: "\(text) is not a callback's id", hint: "see eigctl callbacks list")
    }
}

extension StoreBackupDocument {
    fileprivate init(_ status: StoreCopyStatus) {
        self.init(state: status.state.rawValue, path: status.path)
        pagesDone = status.pagesDone
        pagesTotal = status.pagesTotal
        elapsedMilliseconds = Int(status.elapsed.milliseconds)
        pending = status.backlogCount
        why = status.why
    }
}

extension CallbackItem {
    fileprivate init(_ item: ItemSummary) {
        self.init(
            id: item.id.description,
            state: item.state.description,
            kind: item.kind.description,
            source: item.source,
            destination: item.destination,
            orderKey: item.orderKey,
            dedupKey: item.dedupKey,
            contentType: item.contentType,
            bodyBytes: item.bodyBytes,
            attempts: item.attempts,
            acceptedAt: item.acceptedAt.rfc3339
        )
        nextAt = item.nextAt?.rfc3339
        settledAt = item.settledAt?.rfc3339
        lastStatus = item.lastStatus
        lastError = item.lastError
        replayOf = item.replayOf?.description
    }
}

extension CallbackAttempt {
    fileprivate init(_ attempt: AttemptSummary) {
        self.init(
            number: attempt.number,
            startedAt: attempt.startedAt.rfc3339,
            elapsedMilliseconds: Int(attempt.elapsed.milliseconds),
            status: attempt.status,
            error: attempt.error
        )
    }
}
