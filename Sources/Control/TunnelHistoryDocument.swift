// SPDX-License-Identifier: Apache-2.0

/// The answer of `jumpd tunnels` to `GET /v1/history`.
package struct TunnelHistoryDocument: ControlDocument {
    /// One thing that happened.
    package struct Event: Codable, Hashable, Sendable {
        package var at: String
        package var partner: String
        package var tunnel: String
        /// `up`, `down`, `restarted`, `failed`, `switched`, `held` or `released`.
        package var event: String
        /// Why, in plain words; may be empty.
        package var text: String

        package init(at: String, partner: String, tunnel: String, event: String, text: String) {
            self.at = at
            self.partner = partner
            self.tunnel = tunnel
            self.event = event
            self.text = text
        }
    }

    /// One day (UTC) of one tunnel.
    package struct Day: Codable, Hashable, Sendable {
        /// `2026-11-21`.
        package var day: String
        package var partner: String
        package var tunnel: String
        package var watchedSeconds: Int
        package var upSeconds: Int
        package var bytesIn: Int64
        package var bytesOut: Int64
        package var rekeys: Int
        package var flaps: Int

        package init(
            day: String,
            partner: String,
            tunnel: String,
            watchedSeconds: Int,
            upSeconds: Int,
            bytesIn: Int64,
            bytesOut: Int64,
            rekeys: Int,
            flaps: Int
        ) {
            self.day = day
            self.partner = partner
            self.tunnel = tunnel
            self.watchedSeconds = watchedSeconds
            self.upSeconds = upSeconds
            self.bytesIn = bytesIn
            self.bytesOut = bytesOut
            self.rekeys = rekeys
            self.flaps = flaps
        }
    }

    package var schema = controlSchema
    package var ok = true
    /// Newest first.
    package var events: [Event] = []
    /// Newest first.
    package var days: [Day] = []
    /// Whether there are more events than were asked for.
    package var isCut = false

    package init() {}
}
