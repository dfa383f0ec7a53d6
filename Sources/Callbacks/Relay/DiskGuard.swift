// SPDX-License-Identifier: Apache-2.0
internal import SQLite

/// Decides from the room on the volume whether submissions are taken; deliveries never stop for it.
struct DiskGuard {
    private(set) var room = RelayMetrics.Room.scarce
    private var ballast: Ballast
    private let freeBytesMin: Int64
    private let usedBytesMax: Int64

    init(settings: RelaySettings) {
        ballast = Ballast(path: settings.path + "-ballast", byteCount: settings.ballastBytes)
        freeBytesMin = settings.freeBytesMin
        usedBytesMax = settings.storeBytesMax
    }

    /// Looks at the volume again.
    ///
    /// - Parameter freeBytes: nothing when it could not be read; then only the store's own bound counts.
    mutating func check(freeBytes: Int64?, usedBytes: Int64) {
        let free = freeBytes ?? .max
        if !hasBallast, free >= freeBytesMin.addingReportingOverflow(ballast.byteCount).partialValue {
            _ = ballast.take()
        }
        if free >= freeBytesMin, usedBytes < usedBytesMax, hasBallast {
            room = .enough
        } else if room != .full || hasBallast {
            room = .scarce
        }
    }

    /// The store ran out of room: what is held back goes to recording deliveries.
    ///
    /// - Returns: whether there was anything to give.
    mutating func storeIsFull() -> Bool {
        room = .full
        guard ballast.isHeld else { return false }
        ballast.drop()
        return true
    }

    private var hasBallast: Bool { ballast.byteCount == 0 || ballast.isHeld }
}
