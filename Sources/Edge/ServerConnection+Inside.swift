// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import HTTP
internal import Partners

/// What the backends ask of us on the inside listener: calls to partners, and callbacks to them.
extension ServerConnection {
    /// Decides the request in ``head`` and starts what it asks for, or answers why not.
    ///
    /// - Parameter bytes: what the head's slices point into.
    func admitBackend(_ bytes: Span<UInt8>) {
        guard worker.snapshot.admitsInside(peer.address) else {
            machine.closeAfterResponse()
            return deny(.insideOnly)
        }
        switch InsidePath(bytes[head.path]) {
        case .health:
            setRoute("/v1/health")
            guard head.method.isSafe else { return deny(.methodNotAllowed) }
            respond(status: 200, contentType: "application/json", body: Array("{\"ok\":true}\n".utf8))
        case .partner(let id, let rest):
            setRoute("/v1/partners/\(id)/")
            admitOutward(to: id, rest: rest, bytes)
        case .callback(let id):
            setRoute("/v1/callbacks/\(id)")
            guard head.method == .post else { return deny(.methodNotAllowed) }
            acceptSenderCallback(to: id, bytes)
        case nil: deny(.routeUnknown)
        }
    }

    private func setRoute(_ path: String) {
        exchange.routeLogField = JSONWriter.ready { $0.field("route", path) }
    }

    private func admitOutward(to id: PartnerID, rest: Range<Int>, _ bytes: Span<UInt8>) {
        guard let record = worker.snapshot.directory[id] else { return deny(.partnerUnknown) }
        guard record.partner.isEnabled else { return deny(.partnerDisabled) }
        guard let target = worker.snapshot.outwardTarget(id) else { return deny(.notConfigured) }
        guard limitBody(to: record.partner.limits.bodyBytesMax) else {
            machine.closeAfterResponse()
            return deny(.bodyTooLarge)
        }
        exchange.record = record
        worker.buffers.lend(&forward)
        ForwardedHead.writeOutward(self, bytes, to: target, pathOffset: rest.lowerBound, into: &forward)
        proxy(through: worker.pool(of: target))
    }
}

/// The paths of the inside listener.
enum InsidePath: Hashable {
    case health
    /// `/v1/partners/{id}/…`; `rest` is where in the path the partner's own path begins, at its slash.
    case partner(PartnerID, rest: Range<Int>)
    case callback(PartnerID)

    init?(_ path: Span<UInt8>) {
        let segments = path.segments
        guard segments.count >= 2, path.extracting(segments[0]).equals("v1") else { return nil }
        let verb = path.extracting(segments[1])
        if segments.count == 2, verb.equals("health") {
            self = .health
            return
        }
        guard segments.count >= 3, let id = PartnerID(String(path.extracting(segments[2]))) else { return nil }
        if verb.equals("callbacks"), segments.count == 3 {
            self = .callback(id)
        } else if verb.equals("partners"), segments.count >= 4 {
            self = .partner(id, rest: segments[2].upperBound..<path.count)
        } else {
            return nil
        }
    }
}

extension Span<UInt8> {
    /// Where the parts between slashes are, at most 16 of them; the path begins with a slash.
    fileprivate var segments: [Range<Int>] {
        var found: [Range<Int>] = []
        var start = 1
        while start <= count, found.count < 16 {
            var end = start
            while end < count, self[end] != UInt8(ascii: "/") { end += 1 }
            found.append(start..<end)
            start = end + 1
        }
        return found
    }

    fileprivate func equals(_ text: StaticString) -> Bool { equals(Array("\(text)".utf8).span) }
}
