// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import AuditTrail
internal import Base
internal import Control

/// What operators and monitoring are told of the log.
extension AuditService {
    /// What the log server will never get.
    func uncopied(_ now: AuditProgress.Snapshot) -> String? {
        now.uncopied.map { last in
            let many = now.uncopiedTotal == 1 ? "1 line" : "\(now.uncopiedTotal) lines"
            let range = "\(last.lowerBound) to \(last.upperBound)"
            return "\(many) went that the log server never got, the last of them \(range)"
        }
    }

    /// What is kept for the log server only.
    private func held(_ now: AuditProgress.Snapshot) -> String? {
        guard now.heldCount > 0 else { return nil }
        let files = now.heldCount == 1 ? "1 file is" : "\(now.heldCount) files are"
        let why = "as the log server has not got them; they go at twice keep-bytes"
        return "\(files) kept beyond keep and keep-bytes, \(why)"
    }

    var status: AuditStatusDocument {
        let now = progress.current
        var log = AuditStatusDocument.Log(folder: folder, seq: now.head.seq, head: now.head.description, key: keyID)
        log.checkpointAt = now.checkpointAt
        log.fileCount = now.fileCount
        log.bytes = now.folderBytes
        log.eventsTotal = now.writtenTotal
        log.checkpointsTotal = now.checkpointTotal
        log.refusedTotal = now.refusedTotal
        log.clientCount = now.clientCount
        var document = AuditStatusDocument(program: start.status(of: "jumpd audit"), log: log)
        document.trouble = now.trouble
        document.ok = now.trouble == nil
        if let found = now.foundAtStart { document.notices.append("found at the start: \(found)") }
        document.notices += [now.notice, held(now), uncopied(now)].compactMap { $0 }
        if let forwarder {
            let copy = forwarder.current
            document.forward = AuditStatusDocument.Forward(
                to: forwarder.settings.to.description,
                isConnected: copy.isConnected,
                seq: copy.seq,
                lagLines: max(0, now.head.seq - copy.seq),
                connectionsTotal: copy.connectionCount,
                trouble: copy.trouble
            )
        }
        return document
    }

    var metrics: MetricsPage {
        let now = progress.current
        var page = MetricsPage()
        page.program("eig_audit", startedAt: start.at)
        page.gauge("eig_audit_writable", "Whether events are written.", now.trouble == nil)
        page.gauge(
            "eig_audit_sound_at_start",
            "Whether the last start found the log as it was left.",
            now.foundAtStart == nil
        )
        page.gauge("eig_audit_seq", "The number of the last line.", Double(now.head.seq))
        page.counter("eig_audit_events_total", "Events written.", now.writtenTotal)
        page.counter("eig_audit_refused_total", "Events that were not taken.", now.refusedTotal)
        page.counter("eig_audit_checkpoints_total", "Checkpoints signed.", now.checkpointTotal)
        page.counter(
            "eig_audit_uncopied_lines_total",
            "Lines removed that the log server never got.",
            now.uncopiedTotal
        )
        page.gauge("eig_audit_bytes", "Size of all files, as of the last rotation.", Double(now.folderBytes))
        page.gauge("eig_audit_clients", "Those connected to report.", Double(now.clientCount))
        if let copy = forwarder?.current {
            page.gauge("eig_audit_forward_connected", "Whether the log server is connected.", copy.isConnected)
            page.gauge(
                "eig_audit_forward_lag_lines",
                "Lines the log server has not acknowledged.",
                Double(max(0, now.head.seq - copy.seq))
            )
            page.gauge(
                "eig_audit_held_files",
                "Files kept beyond keep and keep-bytes until the log server has them.",
                Double(now.heldCount)
            )
            page.counter("eig_audit_forwarded_total", "Lines sent, those sent again too.", copy.lineCount)
        }
        return page
    }
}
