// SPDX-License-Identifier: Apache-2.0
import AuditLog
import AuditTrail
import Base
import LinuxIO
import TLS
import TestKit
import Testing

/// A folder of its own for a log, gone with the test.
final class Scratch {
    static let key = Ed25519.PrivateKey(seed: [UInt8](repeating: 7, count: 32))!

    private let place: TemporaryFolder
    let folder: AuditFolder
    var settings: AuditSettings

    init() throws {
        place = try TemporaryFolder()
        folder = AuditFolder(place.path)
        settings = AuditSettings(folder: folder, key: Self.key)
    }

    var socket: String { place["events.sock"] }

    /// Opens the log with its door; the socket is left behind at the end and made anew.
    func open(_ progress: AuditProgress? = nil) throws -> AuditDoor {
        try? FileStore.remove(socket)
        return try AuditDoor(
            settings,
            listener: UnixSockets.listenForMessages(socket, mode: 0o666),
            reporters: AuditReporters(programs: [], readers: nil),
            progress: progress ?? AuditProgress()
        )
    }

    func report(known: [TrailHead] = []) throws -> TrailReport {
        var verifier = TrailVerifier(keys: [Self.key.publicKey], known: known)
        let names = try folder.files()
        for name in names {
            verifier.begin(file: name)
            var reader = try LineReader(folder.path(of: name))
            while let line = try reader.next() { verifier.add(line) }
            verifier.end(unfinished: reader.unfinished, isLast: name == names.last)
        }
        return verifier.finish()
    }

    func lines() throws -> [TrailLine] {
        var lines: [TrailLine] = []
        for name in try folder.files() {
            var reader = try LineReader(folder.path(of: name))
            while let line = try reader.next() { lines.append(try #require(TrailLine(line))) }
        }
        return lines
    }

    static func event(_ object: String = "eig-01:22") -> AuditEvent {
        AuditEvent(.sessionBegin, who: "anna", how: "certificate 01", origin: "192.0.2.7:1", object: object)
    }
}
