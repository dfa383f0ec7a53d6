// SPDX-License-Identifier: Apache-2.0

/// One connection of a person to a target, live or just ended.
package struct SessionItem: Codable, Hashable, Sendable {
    package var id: String
    /// The person's `id`.
    package var who: String
    package var target: String
    package var port: Int
    /// `connect` (HTTP CONNECT) or `postgresql`.
    package var way: String
    /// The address and port the person came from.
    package var source: String
    package var since: String
    /// When it ends at the latest: the grant's end, the certificate's or the target's longest, whichever is first.
    package var endsAt: String
    /// From the person to the target.
    package var bytesIn: Int64
    /// From the target to the person.
    package var bytesOut: Int64
    /// How long no byte went either way.
    package var idleSeconds: Int
    /// The `id` of the grant that allows it, and that grant's ticket.
    package var grant: String
    package var ticket: String
    package var isBreakGlass = false

    package init(
        id: String,
        who: String,
        target: String,
        port: Int,
        way: String,
        source: String,
        since: String,
        endsAt: String,
        bytesIn: Int64,
        bytesOut: Int64,
        idleSeconds: Int,
        grant: String,
        ticket: String,
        isBreakGlass: Bool = false
    ) {
        self.id = id
        self.who = who
        self.target = target
        self.port = port
        self.way = way
        self.source = source
        self.since = since
        self.endsAt = endsAt
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.idleSeconds = idleSeconds
        self.grant = grant
        self.ticket = ticket
        self.isBreakGlass = isBreakGlass
    }
}

/// The answer to `GET /v1/sessions`: those the caller may see, their own at least.
package struct SessionListDocument: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    /// The newest first.
    package var sessions: [SessionItem]

    package init(sessions: [SessionItem]) { self.sessions = sessions }
}

/// The answer to `POST /v1/sessions/ID/kill`: the session as it was.
package struct SessionDocument: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    package var session: SessionItem

    package init(session: SessionItem) { self.session = session }
}
