// SPDX-License-Identifier: Apache-2.0
package import Base
package import TLS

/// The writer's end of a log: where it ends, and when the next signature is due.
///
/// Writing may fail, so that a line is made first and counts only once it is ``commit(_:)``ted.
package struct TrailChain: Sendable {
    /// A line made and not yet written.
    package struct Draft: Sendable {
        /// Without its newline.
        package let bytes: [UInt8]
        package let head: TrailHead
        let isCheckpoint: Bool
    }

    /// A checkpoint follows at the latest after so many events.
    package static let eventsBetweenCheckpoints = 100
    /// And after this time, where there were any.
    package static let timeBetweenCheckpoints = Duration.seconds(60)

    package private(set) var head: TrailHead
    /// Since the last checkpoint.
    package private(set) var unsignedCount = 0
    private let bootID: String
    private let key: Ed25519.PrivateKey

    /// - Parameters:
    ///   - bootID: of this boot of the machine (proc_sys_kernel(5), random/boot_id).
    ///   - unsignedCount: the lines behind the last checkpoint there is.
    package init(after head: TrailHead, unsignedCount: Int, bootID: String, key: Ed25519.PrivateKey) {
        self.head = head
        self.unsignedCount = unsignedCount
        self.bootID = bootID
        self.key = key
    }

    /// Whether the next line must be a checkpoint.
    package var isCheckpointDue: Bool { unsignedCount >= Self.eventsBetweenCheckpoints }

    /// - Precondition: no checkpoint is due, and the event is none.
    package func line(_ event: AuditEvent, from source: String, at now: WallInstant) -> Draft {
        invariant(!isCheckpointDue && event.kind != .logCheckpoint, "a line in a checkpoint's place")
        return draft(event, source, now, key: nil)
    }

    package func checkpoint(from source: String, at now: WallInstant) -> Draft {
        let event = AuditEvent.system(
            .logCheckpoint,
            object: "audit log",
            details: [.init(TrailLine.keyDetail, key.publicKey.trailID), .init("events", unsignedCount)]
        )
        return draft(event, source, now, key: key)
    }

    private func draft(_ event: AuditEvent, _ source: String, _ now: WallInstant, key: Ed25519.PrivateKey?) -> Draft {
        let bytes = TrailLine.bytes(
            seq: head.seq + 1,
            at: now,
            bootID: bootID,
            previous: head.hash,
            source: source,
            event: event,
            key: key
        )
        let head = TrailHead(seq: head.seq + 1, hash: Digest.sha256(bytes))
        return Draft(bytes: bytes, head: head, isCheckpoint: key != nil)
    }

    /// The line is in the file.
    ///
    /// - Precondition: it was made behind the present head.
    package mutating func commit(_ draft: Draft) {
        invariant(draft.head.seq == head.seq + 1, "a line that was made for another place")
        head = draft.head
        unsignedCount = draft.isCheckpoint ? 0 : unsignedCount + 1
    }

    /// Where the log ends, for the place beside it.
    package var signedHead: SignedHead { SignedHead(head, by: key) }
}
