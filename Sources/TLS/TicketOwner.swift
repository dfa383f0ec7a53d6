// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// All clients of one authority: among these the room for tickets is shared.
///
/// Not among certificates, because a partner's authority can issue as many as it likes.
// SAFETY: `tickets` is touched under the lock of the one cache that made this, and nowhere else.
@safe final class TicketOwner: @unchecked Sendable {
    /// Its tickets in the cache, oldest first.
    var tickets = TicketTable.Row()
    /// Its clients that a session or a ticket goes back to.
    let clientCount = Atomic<Int>(0)
}
