// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Control

/// How long ago somebody last signed a review of who may reach what.
///
/// PCI DSS asks for one every six months: somebody should look from day 150 on, and from day 180 on it is late.
struct ReviewAge: Hashable, Sendable {
    static let noticeDays = 150
    static let lateDays = 180

    let days: Int
    /// Who signed it; nothing when nobody ever has.
    let by: String?
    let at: String

    /// Nothing where no gate has run yet.
    init?(_ status: GateStatusDocument, now: WallInstant) {
        guard let at = status.review?.at ?? status.reviewableSince, let instant = WallInstant(typed: at) else {
            return nil
        }
        days = max(0, Int((now - instant).milliseconds / 86_400_000))
        by = status.review?.who
        self.at = at
    }

    var isDue: Bool { days >= Self.noticeDays }
    var isLate: Bool { days >= Self.lateDays }

    var sentence: String {
        let last = by.map { "the last review of access was signed by \($0)" } ?? "no review of access was signed since"
        let day = by == nil ? "\(at.prefix(10)), \(days) days" : "\(days) days ago, on \(at.prefix(10))"
        return "\(last) \(day)" + (isLate ? ": it is late" : isDue ? ": the next is due by day \(Self.lateDays)" : "")
    }
}
