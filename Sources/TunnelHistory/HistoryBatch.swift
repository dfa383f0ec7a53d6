// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import IPsecConfig

/// What is written into the history at one time.
struct HistoryBatch {
    /// One tunnel on one day.
    struct DayKey: Hashable {
        var tunnel: TunnelID
        /// Days since 1970-01-01, UTC.
        var day: Int
    }

    var at: WallInstant
    var events: [TunnelEvent] = []
    var usage: [DayKey: TunnelUsage] = [:]
    var memories: [TunnelMemory] = []
    var switchedAt: [TunnelID: WallInstant] = [:]
    var cursor: String?

    init(at now: WallInstant) { at = now }

    static func day(_ instant: WallInstant) -> Int {
        let seconds = instant.seconds
        return Int((seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400)
    }

    /// `2026-11-21`.
    static func text(day: Int) -> String { String(WallInstant(seconds: Int64(day) * 86_400).rfc3339.prefix(10)) }
}
