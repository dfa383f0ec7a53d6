// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control
internal import IPsecConfig
internal import Libreswan
internal import LinuxIO
internal import Synchronization
internal import TunnelHistory

/// What the tunnels do, for those who ask.
extension TunnelsService {
    func status() -> TunnelsStatusDocument {
        let program = programStatus
        return state.withLock { state in state.document(program, applier) }
    }

    /// `?partner=P&tunnel=T&days=N&limit=N`, each of them optional.
    func history(_ request: ControlRequest) -> ControlResponse {
        guard let days = Self.number(request.query["days"], or: 7, 1...90),
            let limit = Self.number(request.query["limit"], or: 50, 1...10_000)
        else {
            return .failure(400, code: "no_such_number", message: "`days` is 1 to 90, `limit` 1 to 10000")
        }
        let (partner, tunnel) = (request.query["partner"], request.query["tunnel"])
        let now = Clock.wall()
        return ControlResponse(
            state.withLock { state in
                state.watch.history(partner: partner, tunnel: tunnel, days: days, limit: limit, at: now)
            }
        )
    }

    private static func number(_ text: String?, or standard: Int, _ range: ClosedRange<Int>) -> Int? {
        guard let text else { return standard }
        return Int(text).flatMap { range.contains($0) ? $0 : nil }
    }

    /// They leave this host's Unix socket by `eigctl metrics` only.
    func metrics() -> MetricsPage {
        let (program, startedAt) = (programStatus, start.at)
        return state.withLock { state in
            let document = state.document(program, applier)
            var page = MetricsPage()
            page.program("eig_tunnels", startedAt: startedAt)
            state.record.metrics(&page, "eig_tunnels")
            page.counter(
                "eig_tunnels_mended_total",
                "Changes made because somebody changed Libreswan's files or connections, or they were gone.",
                state.mended.count
            )
            page.gauge(
                "eig_tunnels_advisories",
                "Known faults of the installed Libreswan, by whether they are worked around.",
                [true, false].map { isWorkedAround in
                    let count = document.advisories.count { $0.isWorkedAround == isWorkedAround }
                    return ([("worked_around", isWorkedAround ? "yes" : "no")], Double(count))
                }
            )
            state.watch.metrics(&page, at: Clock.wall())
            return page
        }
    }

    /// What is known is on disk before the program ends.
    func writeHistory() { state.withLock { $0.watch.flush(at: Clock.wall()) } }
}

extension TunnelsService.State {
    fileprivate func document(_ program: ProgramStatus, _ applier: TunnelApplier) -> TunnelsStatusDocument {
        var document = TunnelsStatusDocument(program: program, configuration: record.status)
        let installed = try? applier.tools.installedVersion()
        document.libreswan.isInstalled = installed != nil
        document.libreswan.version = (watch.version ?? installed)?.description
        document.notices = notices
        if let trouble { document.notices.append("Libreswan cannot be made to follow: \(trouble)") }
        if let running = watch.version, let installed, running != installed {
            document.notices.append("Libreswan \(running) runs, \(installed) is installed: restart ipsec.service")
        }
        document.notices += mended.lines.map { "mended \($0)" }
        if !wanted.connections.isEmpty, let version = watch.version ?? installed {
            document.advisories = Advisory.known(for: version, connections: wanted.connections).map {
                AdvisoryStatus(id: $0.id, summary: $0.summary, isWorkedAround: $0.isWorkedAround, how: $0.how)
            }
        }
        watch.fill(&document, at: Clock.wall())
        return document
    }
}
