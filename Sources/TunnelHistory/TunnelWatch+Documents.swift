// SPDX-License-Identifier: Apache-2.0
package import Base
package import Control
internal import IPsecConfig

extension TunnelWatch {
    /// Fills in what this object knows: tunnels, history, whether Libreswan runs, notices.
    package func fill(_ document: inout TunnelsStatusDocument, at now: WallInstant) {
        document.tunnels = machines.keys.sorted().compactMap { machines[$0] }.map { status($0, at: now) }
        document.ok = !document.tunnels.contains(where: \.isFailing)
        document.libreswan.isRunning = isRunning
        if document.libreswan.version == nil { document.libreswan.version = version?.description }
        let extent = history.extent()
        document.history = .init(
            bytes: extent.bytes,
            eventCount: extent.count,
            since: extent.first?.rfc3339,
            trouble: history.trouble
        )
        if let trouble = history.trouble { document.notices.append("the history is not written: \(trouble)") }
        if let notice = history.notice { document.notices.append(notice) }
        if !machines.isEmpty, !isRunning { document.notices.append("Libreswan does not run: no tunnel can be up") }
        if !machines.isEmpty, !isLogReadable, source != .none {
            document.notices.append("pluto's log cannot be read: why a tunnel is down is not known")
        }
    }

    private func status(_ machine: TunnelMachine, at now: WallInstant) -> TunnelStatus {
        let memory = machine.memory
        var status = TunnelStatus(
            partner: machine.id.partner.rawValue,
            name: machine.id.name,
            state: memory.state.rawValue,
            since: memory.since.rfc3339,
            peer: machine.expected.peer.description
        )
        status.lastUpAt = memory.lastUpAt?.rfc3339
        status.isLoaded = machine.isLoaded
        status.ike = machine.isIKEUp ? "up" : machine.isNegotiating ? "asking" : "down"
        status.pairCount = machine.expected.connections.count
        status.pairUpCount = machine.upCount
        status.isOnBackup = machine.expected.isOnBackup
        status.bytesInTotal = memory.bytesIn
        status.bytesOutTotal = memory.bytesOut
        status.rekeysTotal = memory.rekeys
        status.flapsTotal = memory.flaps
        status.flapsDay = flapsOfDay(machine.id, at: now)
        status.availability = availability[machine.id].map { ($0 * 1000).rounded() / 1000 }
        status.lastFailure = memory.failure.map { failure($0, machine.expected) }
        return status
    }

    private func failure(_ heard: TunnelMemory.HeardFailure, _ expected: ExpectedTunnel) -> TunnelStatus.Failure {
        let reason = heard.failure.reason
        var failure = TunnelStatus.Failure(
            at: heard.at.rfc3339,
            reason: reason.rawValue,
            message: reason.words,
            hint: reason.mend,
            detail: heard.failure.detail
        )
        failure.theirs = heard.failure.theirs
        switch reason {
        case .ikeProposal: failure.ours = expected.ike
        case .espProposal: failure.ours = expected.esp
        case .identity: failure.ours = expected.remoteID
        default: break
        }
        return failure
    }

    /// The past, newest first.
    ///
    /// - Parameter partner, tunnel: nothing for all; `days`: 1 to 90; `limit`: events at most, 1 to 10,000.
    package func history(
        partner: String?,
        tunnel: String?,
        days: Int,
        limit: Int,
        at now: WallInstant
    ) -> TunnelHistoryDocument {
        let days = min(max(1, days), HistoryStore.daysMax)
        let limit = min(max(1, limit), 10_000)
        var document = TunnelHistoryDocument()
        let since = now + .seconds(-86_400 * Int64(days))
        collect(at: now)
        let events = history.events(partner, tunnel, since: since, limit: limit + 1)
        document.isCut = events.count > limit
        document.events = events.prefix(limit).map { event in
            .init(
                at: event.at.rfc3339,
                partner: event.tunnel.partner.rawValue,
                tunnel: event.tunnel.name,
                event: event.kind.rawValue,
                text: event.text
            )
        }
        document.days = history.days(partner, tunnel, since: HistoryBatch.day(since)).map { key, usage in
            .init(
                day: HistoryBatch.text(day: key.day),
                partner: key.tunnel.partner.rawValue,
                tunnel: key.tunnel.name,
                watchedSeconds: Int(usage.watchedMilliseconds / 1000),
                upSeconds: Int(usage.upMilliseconds / 1000),
                bytesIn: usage.bytesIn,
                bytesOut: usage.bytesOut,
                rekeys: usage.rekeys,
                flaps: usage.flaps
            )
        }
        return document
    }
}
