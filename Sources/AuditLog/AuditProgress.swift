// SPDX-License-Identifier: Apache-2.0
package import AuditTrail
package import LinuxIO
internal import Synchronization

/// What the writer shows of itself: it sets it, anybody reads it.
package final class AuditProgress: Sendable {
    package struct Snapshot: Sendable {
        /// The last line that is in a file.
        package var head = TrailHead.empty
        /// The file it is in, and how many of its bytes count.
        package var file = ""
        package var byteCount = 0
        package var writtenTotal = 0
        package var refusedTotal = 0
        /// Why the last one was.
        package var refusal: String?
        package var checkpointTotal = 0
        /// When the last checkpoint was written, and when an event was.
        package var checkpointAt: String?
        /// Why nothing is written at the moment; nothing when it is.
        package var trouble: String?
        /// What else does not go as it should, while events are written.
        package var notice: String?
        /// What the last start found that should not be.
        package var foundAtStart: String?
        package var fileCount = 0
        package var folderBytes = 0
        package var clientCount = 0
        /// Up to this line the log server has everything, as far as that can be known; nothing where no copy is wanted.
        package var copiedThrough: Int?
        /// Files that are kept beyond their time or size until the log server has them.
        package var heldCount = 0
        /// Lines that were removed and that the log server never got.
        package var uncopiedTotal = 0
        /// The last of them.
        package var uncopied: ClosedRange<Int>?
    }

    private let snapshot = Mutex(Snapshot())
    /// Rung when there are new lines.
    let bell: EventCounter

    package init() throws(Errno) { bell = try EventCounter() }

    /// From now on a log server gets a copy, or none does.
    ///
    /// - Parameter folder: where the place is kept that an earlier copy came to; nothing for no copy.
    package func awaitCopy(of folder: AuditFolder?) {
        let seq = folder.map { ForwardPosition(in: $0).seq }
        set { $0.copiedThrough = seq }
    }

    package var current: Snapshot { snapshot.withLock { $0 } }

    func set(_ change: (inout Snapshot) -> Void) { snapshot.withLock { change(&$0) } }
}
