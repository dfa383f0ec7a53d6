// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Engine
internal import HTTP
internal import Partners

/// One partner in one configuration snapshot: its file, what is derived from it, and its counters.
final class PartnerRecord: Sendable {
    let partner: Partner
    let runtime: PartnerRuntime
    let rate: RateBucket
    let credential: Credential?
    let roles: RoleSet
    let bodyBytesMax: Int
    /// Requests at once.
    let concurrentMax: Int
    /// The line that tells a backend who it is.
    let headLine: [UInt8]
    /// The log's field that says who it is.
    let logField: [UInt8]

    init(partner: Partner, credential: Credential?, runtime: PartnerRuntime) {
        self.partner = partner
        self.credential = credential
        self.runtime = runtime
        rate = RateBucket(perSecond: partner.limits.requestsPerSecond, burst: partner.limits.burst)
        roles = RoleSet(partner.roles)
        bodyBytesMax = partner.limits.bodyBytesMax
        concurrentMax = partner.limits.concurrent
        headLine = HeadWriter.line("X-EIG-Partner", Array(partner.id.rawValue.utf8))
        logField = JSONWriter.ready { $0.field("partner", partner.id.rawValue) }
    }

    var id: PartnerID { partner.id }

    /// One of its requests has been answered.
    @inline(never)
    func leave() { runtime.leave() }

    /// Whether a connection from `address` may be this partner's.
    ///
    /// An entry with `via` counts here too: that the packet came through the tunnel is the kernel's to
    /// check, by the tunnel's policy, before the connection reaches this program.
    func allows(_ address: IPAddress, at now: WallInstant) -> Bool {
        partner.allow.contains { entry in
            entry.isInForce(at: now) && entry.from.contains { $0.contains(address) }
        }
    }
}
